#pragma once

// The complaints of one compile: each once, the first ones of each severity in full, the others counted. Whether there
// is anything to complain about, and how bad it is, is config/context.h's to say. Not thread-safe.

#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "config/diagnostic.h"
#include "config/value.h"

namespace gyre::config {

// What to report. The path to `at` is added to the notes.
struct Problem {
    Code code = Code::bad_value;
    Value at;
    std::string message;
    std::string expected = {};
    std::string suggestion = {};
    std::vector<Note> notes = {};
    Severity severity = Severity::error;
};

class Complaints {
public:
    bool has_room(Severity severity) const { return count_of(severity).kept < max_diagnostics; }
    // No more of them are kept: who asks looks for no more, and it is said that there may be some.
    bool stops(Severity severity);
    // Counts one that would not be kept; a place counts once.
    void leave_out(Severity severity, Code code, const Node& at);
    // Errors that have been found before, in reading the text.
    void count_errors(std::size_t found) { count_of(Severity::error).kept += found; }
    // False when it is not kept: it is there already, or there is no room, and it was counted.
    bool keep(Problem&& problem, Severity severity);

    // For what is said once for each thing, with the number of further places. False: `thing` has not been said, and
    // would be by the next one that is kept; then will_count().
    bool counts(const std::string& thing, Code code, const Node& at);
    void will_count(const std::string& thing) { things_[thing] = {diagnostics_.size() - 1, 0}; }

    const std::vector<Diagnostic>& all() const { return diagnostics_; }
    std::vector<Diagnostic> take();

    // With the place of a value.
    static Note note(std::string message, const Node& at);

private:
    // What became of the complaints of one severity. Warnings take no room from errors: a text with an error is never
    // taken for a good one.
    struct Count {
        std::size_t kept = 0;
        std::size_t left_out = 0;   // at least
        bool is_cut_short = false;  // nobody looks for more
        const Node* first_left_out = nullptr;
        const Node* last_kept = nullptr;
    };
    Count& count_of(Severity severity) { return count_[static_cast<std::size_t>(severity)]; }
    const Count& count_of(Severity severity) const { return count_[static_cast<std::size_t>(severity)]; }
    bool shows(Severity severity, Code code, const Node& at);

    std::vector<Diagnostic> diagnostics_;
    std::array<Count, 2> count_;  // by Severity
    std::set<std::tuple<Code, const Source*, std::uint32_t, std::string>> reported_;
    std::set<std::tuple<Code, const Source*, std::uint32_t>> left_out_;
    std::map<std::string, std::pair<std::size_t, int>> things_;  // position of the diagnostic, further places
};

}  // namespace gyre::config

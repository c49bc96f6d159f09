#pragma once

// What all parts of one compile share: the input, the version, the diagnostics so far, and the budget that bounds what
// aliases may expand to. Lives for one compile; not thread-safe.

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "config/diagnostic.h"
#include "config/input.h"
#include "config/value.h"

namespace gyre::config {

enum class Version { v2, v2_1 };

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

// Names which a 2.1 config defines by means that are not available yet (each reported where it is defined), so that
// their uses are not reported as unknown.
struct Unavailable {
    std::set<std::string, std::less<>> orbs;      // aliases
    std::set<std::string, std::less<>> elements;  // commands and groups of jobs
};

class Context {
public:
    // Everything that aliases expand to must fit in `budget` bytes (text plus a fixed price a value).
    Context(const CompileInput& input, std::size_t budget) : input_(input), limit_(budget), budget_(budget) {}

    const CompileInput& input() const { return input_; }
    Version version = Version::v2;
    Unavailable unavailable;
    bool incomplete = false;  // the text lacks parts (reported): what seems to be missing may be among them
    std::uint64_t pattern_steps = 1'000'000;  // that matching all filters may take together

    // No further diagnostics will be kept; there is no use in working out what to say.
    bool full() const { return diagnostics_.size() >= max_diagnostics; }
    void report(Problem problem);
    void warn(Problem problem);
    // "not available yet": said once for each thing, with the number of further places.
    void not_yet(const std::string& thing, Value at);

    // Whether the unknown name of a step or a job is one of those.
    bool is_unavailable(Value name);

    // Going down. Each visit is paid from the budget; when that is used up, the answers are null and empty.
    Value value_of(Value mapping, const Entry& entry);
    Value key_of(Value mapping, const Entry& entry);
    std::vector<Value> items(Value list);
    // The text of a scalar, references resolved (2.1: reported as not available yet; `\<<` is `<<`). Null is empty.
    std::string text(Value scalar);
    bool spend(std::size_t bytes, Value at);

    // Note with the place of a value.
    static Note note(std::string message, const Node& at);

    std::vector<Diagnostic> take_diagnostics();

private:
    const Via* through(Via::Kind kind, const Node& at, const Via* outer);
    Value enter(const Item& item, const Via* via);
    bool add(Problem&& problem);

    const CompileInput& input_;
    std::size_t limit_;
    std::size_t budget_;
    bool exhausted_ = false;
    std::deque<Via> vias_;
    std::vector<Diagnostic> diagnostics_;
    std::set<std::tuple<Code, const Source*, std::uint32_t, std::string>> reported_;
    std::map<std::string, std::pair<std::size_t, int>> missing_features_;  // position of the diagnostic, further places
};

}  // namespace gyre::config

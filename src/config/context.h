#pragma once

// What all parts of one compile share: the input, the version, the way down the tree with its scopes, the budget that
// bounds what aliases and calls may expand to, and what is worth a complaint here (config/complaints.h keeps them).
// Lives for one compile; not thread-safe.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/complaints.h"
#include "config/expression.h"
#include "config/hide_secrets.h"
#include "config/input.h"
#include "config/read.h"
#include "config/scope.h"
#include "config/value.h"

namespace gyre::config {

struct ImportedOrb;  // config/orbs.cpp

enum class Version { v2, v2_1 };

class Context {
public:
    // Everything that aliases, calls and orbs expand to must fit in `budget` bytes (text plus a fixed price a value).
    // `reading` bounds each orb, and `secrets` keeps those of all texts out of diagnostics; it outlives the context, as
    // does `own`, the config's text: there are no warnings about others.
    Context(const CompileInput& input, const Source& own, std::size_t budget, const ReadLimits& reading,
            HiddenSecrets& secrets);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const CompileInput& input() const { return input_; }
    const ReadLimits& reading() const { return reading_; }
    HiddenSecrets& secrets() { return secrets_; }
    Version version = Version::v2;
    Arguments pipeline_parameters;
    std::vector<ResolvedOrb> orbs;  // imported so far, each once
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const ImportedOrb>> imports;  // by name and version
    int nesting = 0;          // of lists of steps within each other, through calls too (config/steps.cpp)
    int condition_depth = 0;  // of statements and compared values within each other (config/logic.cpp)
    int unreached = 0;        // inside of what no condition takes: complaints that depend on values are not kept
    bool unused = false;      // inside of what nothing uses: mistakes do no harm there and are warnings
    bool incomplete = false;  // the text lacks parts (reported): what seems to be missing may be among them
    std::uint64_t pattern_steps = 1'000'000;  // that matching all patterns may take together

    // No further errors will be kept, or no further warnings: whoever asks looks for no more of them, and it is said
    // that there may be some.
    bool full() { return complaints_.stops(Severity::error); }
    bool has_warned_enough() { return complaints_.stops(Severity::warning); }
    // Whether such an error, or what it is here, would not be kept: then it is counted, and there is no use in working
    // out what to say.
    bool leaves_out(Code code, Value at);
    // Errors that have been found before, in reading the text.
    void count_errors(std::size_t found) { complaints_.count_errors(found); }
    void report(Problem problem);
    void warn(Problem problem);
    // "not available yet": said once for each thing, with the number of further places.
    void not_yet(const std::string& thing, Value at);
    // A warning of that kind: the job is planned, and fails when its turn comes.
    void cannot_run(const std::string& why, Value at);

    // Going down. References in scalars are resolved on the way: a scalar that is nothing but a reference becomes what
    // it refers to, of whatever kind; one that cannot be resolved is broken (and reported). Each visit is paid from
    // the budget; when that is used up, the answers are null and empty.
    Value value_of(Value mapping, const Entry& entry);
    Value key_of(Value mapping, const Entry& entry);
    std::vector<Value> items(Value list);
    // The text of a scalar. Null is empty.
    std::string text(Value scalar);
    bool spend(std::size_t bytes, Value at);
    // The budget is used up: nothing that is read from now on is kept or reported.
    bool is_exhausted() const { return exhausted_; }

    // What an expression over the scope of `at`, of which it is the text or a part, yields; nothing after a report.
    // `from`: a byte of that text at or before the expression, to complain about the right one of several equal ones.
    std::optional<Operand> evaluate(std::string_view expression, Value at, std::size_t from = 0);

    // Keeps a scope, arguments or anything else for the life of the compile.
    Scope* keep(Scope scope) { return &scopes_.emplace_back(scope); }
    Arguments* keep(Arguments arguments) { return &arguments_.emplace_back(std::move(arguments)); }
    void keep(std::shared_ptr<void> anything) { kept_.push_back(std::move(anything)); }
    const Via* keep(const Via& via) { return &vias_.emplace_back(via); }
    // A scalar that the text does not have, in the place of one that it has.
    Value scalar_like(Value at, std::string text, ScalarStyle style);
    Value scalar_like(Value at, const Operand& operand);
    Value broken_like(Value at);
    // A part of a scalar, to complain about: it has a place and no text. The one with the text is the scalar itself
    // when that text does not stand in it as it is meant, or is too long a way off. `from`: a byte of the text, not
    // after the part. Looks through what is written, so ask leaves_out() first.
    Value part_of(Value scalar, Span place);
    Value part_of(Value scalar, std::string_view part, std::size_t from = 0);

    // Note with the place of a value.
    static Note note(std::string message, const Node& at) { return Complaints::note(std::move(message), at); }

    const std::vector<Diagnostic>& diagnostics() const { return complaints_.all(); }
    std::vector<Diagnostic> take_diagnostics() { return complaints_.take(); }

private:
    Value enter(const Item& item, const Via* via, const Scope* scope);
    Value resolve(Value scalar);
    Value resolve_whole(std::string_view expression, Value scalar);
    std::optional<Expression> parse(std::string_view expression, Value at, std::size_t from);
    std::optional<Operand> evaluate(const Expression& parsed, std::string_view expression, Value at, std::size_t from);
    std::size_t find_within(std::string_view text, std::string_view part, std::size_t from);
    Severity severity_of(Code code, Severity otherwise) const;
    bool add(Problem&& problem);
    void add_counted(const std::string& thing, Problem&& problem);

    const CompileInput& input_;
    const Source& own_;
    ReadLimits reading_;
    HiddenSecrets& secrets_;
    std::size_t limit_;
    std::size_t budget_;
    bool exhausted_ = false;
    std::size_t may_look_through_ = 4U << 20U;  // bytes, for the parts of all scalars
    std::deque<Via> vias_;
    std::deque<Scope> scopes_;
    std::deque<Arguments> arguments_;
    std::deque<Node> made_;
    std::vector<std::shared_ptr<void>> kept_;
    Complaints complaints_;
};

}  // namespace gyre::config

#include "config/context.h"

#include <algorithm>

#include "config/elements.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_a_visit = 32;
constexpr std::size_t budget_for_counting = 1U << 20U;  // bytes, once no further error is kept
constexpr std::size_t most_left_out = 10'000;           // places that are remembered, to count each once

// "with os: linux, node: 14", or nothing.
std::string with_arguments(const Arguments* arguments) {
    constexpr std::size_t longest = 100;
    std::string text;
    if (arguments == nullptr) return text;
    for (const auto& [name, argument] : *arguments) {
        if (argument.is_default || !argument.value.is(NodeKind::scalar)) continue;
        text += (text.empty() ? " with " : ", ") + name + ": " + clipped(argument.value->text, 40);
        if (text.size() > longest) return text + ", ...";
    }
    return text;
}

std::string describe(const Via& via) {
    switch (via.kind) {
        case Via::Kind::alias:
            return "used here through '*" + clipped(via.at->text) + "'";
        case Via::Kind::merge:
            return "merged in here by '<<'";
        case Via::Kind::argument:
            return "put in here by " + clipped(via.at->text, 80);
        case Via::Kind::call:
            return "in the " + std::string(name_of(via.inside->element->kind)) + " '" + via.inside->element->name +
                   "', called here" + with_arguments(via.inside->parameters);
        case Via::Kind::matrix:
            return "in the copy of the matrix" + with_arguments(via.inside->matrix);
    }
    return {};
}

bool is_about_absence(Code code) {
    return code == Code::missing_version || code == Code::missing_key || code == Code::missing_executor ||
           code == Code::missing_build_job || code == Code::unknown_job || code == Code::unknown_requirement ||
           code == Code::unused_job;
}

// Whether a complaint of that kind can be right whatever the values of parameters are.
bool is_about_form(Code code) {
    return code == Code::unknown_step || code == Code::unknown_key || code == Code::unknown_argument ||
           code == Code::unknown_reference || code == Code::unknown_parameter || code == Code::unknown_executor ||
           code == Code::unknown_command || code == Code::unknown_orb || code == Code::several_keys ||
           code == Code::nested_steps || code == Code::bad_job_group || code == Code::missing_key ||
           code == Code::too_deep || code == Code::recursive_command || code == Code::too_much_expansion;
}

// Stands for those that are not kept: so many that are known of, or none when nobody looked for more.
Diagnostic more_diagnostics(Severity severity, std::size_t left_out, const Node& at) {
    const std::string shown =
        std::to_string(max_diagnostics) + " " + std::string(name_of(severity)) + "s are shown, and ";
    const std::string more =
        "at least " + std::to_string(left_out) + (left_out == 1 ? " more is not" : " more are not");
    Diagnostic diagnostic =
        diagnose(*at.source, Code::more_diagnostics, at.span, shown + (left_out == 0 ? "there may be more" : more));
    diagnostic.severity = severity;
    return diagnostic;
}

// What a workflow that does not run may get wrong without harm.
bool is_about_jobs(Code code) { return code == Code::unknown_job || code == Code::unknown_requirement; }

}  // namespace

Context::Context(const CompileInput& input, const Source& own, std::size_t budget, const ReadLimits& reading,
                 HiddenSecrets& secrets)
    : input_(input), own_(own), reading_(reading), secrets_(secrets), limit_(budget), budget_(budget) {}
Context::~Context() = default;

void Context::report(Problem problem) { add(std::move(problem)); }

void Context::warn(Problem problem) {
    if (problem.at->source != &own_) return;
    problem.severity = Severity::warning;
    add(std::move(problem));
}

bool Context::stops(Severity severity) {
    if (has_room(severity)) return false;
    count_of(severity).is_cut_short = true;
    return true;
}

bool Context::leaves_out(Code code, Value at) {
    const Severity severity = severity_of(code, Severity::error);
    if (has_room(severity)) return false;
    if (!exhausted_) leave_out(severity, code, *at.node);
    return true;
}

// Whether what is wrong there, or in parts of it, is among the complaints that are kept.
bool Context::shows(Severity severity, Code code, const Node& at) {
    const auto inside = [&](std::uint32_t place) { return place >= at.span.begin && place < at.span.end; };
    const auto first = reported_.lower_bound({code, at.source, at.span.begin, {}});
    if (first == reported_.end() || std::get<0>(*first) != code || std::get<1>(*first) != at.source) return false;
    const std::uint32_t place = std::get<2>(*first);
    if (place == at.span.begin || !inside(place)) return place == at.span.begin;
    const Node& last = *count_of(severity).last_kept;  // it was perhaps in the middle of this place that the room ended
    return last.source != at.source || !inside(last.span.begin);
}

void Context::leave_out(Severity severity, Code code, const Node& at) {
    if (left_out_.size() == most_left_out || shows(severity, code, at)) return;
    if (!left_out_.emplace(code, at.source, at.span.begin).second) return;
    Count& count = count_of(severity);
    if (count.left_out++ == 0) count.first_left_out = &at;
}

Severity Context::severity_of(Code code, Severity otherwise) const {
    if (unreached > 0 && is_about_jobs(code)) return Severity::warning;
    const bool harmless = unused && code != Code::too_much_expansion && code != Code::too_deep;
    return harmless ? Severity::warning : otherwise;
}

bool Context::add(Problem&& problem) {
    const Node& node = *problem.at.node;
    if (exhausted_ && problem.code != Code::too_much_expansion) return false;
    if (incomplete && is_about_absence(problem.code)) return false;
    if (unreached > 0 && !is_about_form(problem.code) && !is_about_jobs(problem.code)) return false;
    const Severity severity = severity_of(problem.code, problem.severity);
    Count& count = count_of(severity);
    if (!has_room(severity)) {
        leave_out(severity, problem.code, node);
        return false;
    }
    if (!reported_.emplace(problem.code, node.source, node.span.begin, problem.message).second) return false;

    ++count.kept;
    count.last_kept = &node;
    if (!has_room(Severity::error)) budget_ = std::min(budget_, budget_for_counting);
    Diagnostic diagnostic = diagnose(*node.source, problem.code, node.span, std::move(problem.message));
    diagnostic.severity = severity;
    diagnostic.expected = clipped(problem.expected);
    diagnostic.suggestion = std::move(problem.suggestion);
    diagnostic.notes = std::move(problem.notes);
    for (const Via* via = problem.at.via; via != nullptr; via = via->outer) {
        diagnostic.notes.push_back(note(describe(*via), *via->at));
        diagnostic.notes.back().station = true;
    }
    diagnostics_.push_back(std::move(diagnostic));
    return true;
}

void Context::not_yet(const std::string& thing, Value at) {
    add_counted(
        thing,
        {.code = Code::not_yet_supported, .at = at, .message = "not available yet in this version of Gyre: " + thing});
}

void Context::cannot_run(const std::string& why, Value at) {
    const Via* via = at.via;
    for (; via != nullptr && at->source != &own_; via = via->outer) at = {via->at, via->outer, at.scope};
    add_counted(why, {.code = Code::not_yet_supported,
                      .at = at,
                      .message = why + "; a job that runs here will fail when its turn comes",
                      .severity = Severity::warning});
}

void Context::add_counted(const std::string& thing, Problem&& problem) {
    constexpr int most_counted = 999;
    const Node& at = *problem.at.node;
    const auto known = missing_features_.find(thing);
    if (known != missing_features_.end() && known->second.second == most_counted) return;
    if (!reported_.emplace(Code::not_yet_supported, at.source, at.span.begin, thing).second) return;
    if (known != missing_features_.end()) {
        ++known->second.second;
    } else if (add(std::move(problem))) {
        missing_features_[thing] = {diagnostics_.size() - 1, 0};
    }
}

Value Context::enter(const Item& item, const Via* via, const Scope* scope) {
    if (item.alias != nullptr) via = keep(Via{Via::Kind::alias, item.alias, via});
    const Value value{item.node, via, scope};
    if (!spend(price_of_a_visit, value)) return {};
    return value.is(NodeKind::scalar) && version == Version::v2_1 && has_marks(value->text) ? resolve(value) : value;
}

Value Context::value_of(Value mapping, const Entry& entry) {
    const Via* via = mapping.via;
    if (entry.merge != nullptr) via = keep(Via{Via::Kind::merge, entry.merge, via});
    return enter(entry.value, via, mapping.scope);
}

Value Context::key_of(Value mapping, const Entry& entry) {
    const Via* via = mapping.via;
    if (entry.merge != nullptr) via = keep(Via{Via::Kind::merge, entry.merge, via});
    return {entry.key, via, mapping.scope};
}

std::vector<Value> Context::items(Value list) {
    std::vector<Value> values;
    if (!list) return values;
    for (const Item& item : list->items) {
        const Value value = enter(item, list.via, list.scope);
        if (!value) return {};
        values.push_back(value);
    }
    return values;
}

std::string Context::text(Value scalar) {
    if (!scalar.is(NodeKind::scalar) || !spend(scalar->text.size(), scalar)) return {};
    return scalar->text;
}

bool Context::spend(std::size_t bytes, Value at) {
    if (exhausted_) return false;
    if (bytes <= budget_) {
        budget_ -= bytes;
        return true;
    }
    exhausted_ = true;
    if (full()) return false;  // its budget was cut
    add({.code = Code::too_much_expansion,
         .at = at,
         .message = "the config expands to more than " + std::to_string(limit_) +
                    " bytes, the limit; each use of an alias, a command, an orb or a value counts"});
    return false;
}

Note Context::note(std::string message, const Node& at) { return note_at(*at.source, at.span, std::move(message)); }

Value Context::scalar_like(Value at, std::string text, ScalarStyle style) {
    spend(sizeof(Node) + text.size(), at);
    Node& node = made_.emplace_back(
        Node{.kind = NodeKind::scalar, .style = style, .made = true, .span = at->span, .source = at->source});
    node.text = std::move(text);
    return {&node, at.via, at.scope};
}

Value Context::scalar_like(Value at, const Operand& operand) {
    const bool typed = std::holds_alternative<bool>(operand) || std::holds_alternative<Number>(operand);
    return scalar_like(at, text_of(operand), typed ? ScalarStyle::plain : ScalarStyle::quoted);
}

Value Context::part_of(Value scalar, Span place) {
    spend(sizeof(Node), scalar);
    made_.push_back(Node{.kind = NodeKind::scalar, .made = true, .span = place, .source = scalar->source});
    return {&made_.back(), scalar.via, scalar.scope};
}

std::size_t Context::find_within(std::string_view text, std::string_view part, std::size_t from) {
    from = std::min(from, text.size());
    const std::size_t end = std::min(text.size(), from + may_look_through_);
    const std::size_t found = text.substr(0, end).find(part, from);
    may_look_through_ -= std::min(found, end) - from;
    return found;
}

Value Context::part_of(Value scalar, std::string_view part, std::size_t from) {
    const std::string_view written = scalar->source->text().substr(0, scalar->span.end);
    if (part.empty()) return scalar;
    const std::size_t begin = scalar->span.begin;
    std::size_t found =
        find_within(written, part, begin + from);  // what is written is hardly ever shorter than the text
    if (found == std::string_view::npos) found = find_within(written, part, begin);
    if (found == std::string_view::npos) return scalar;
    return part_of(scalar, {static_cast<std::uint32_t>(found), static_cast<std::uint32_t>(found + part.size())});
}

Value Context::broken_like(Value at) {
    made_.push_back(Node{.kind = NodeKind::broken, .made = true, .span = at->span, .source = at->source});
    return {&made_.back(), at.via, at.scope};
}

std::vector<Diagnostic> Context::take_diagnostics() {
    for (const auto& [thing, seen] : missing_features_) {
        const auto& [position, more] = seen;
        if (more > 0)
            diagnostics_[position].message +=
                " (and " + std::to_string(more) + (more == 1 ? " more place)" : " more places)");
    }
    missing_features_.clear();
    for (const Severity severity : {Severity::error, Severity::warning}) {
        const Count& count = count_of(severity);
        const Node* at = count.left_out > 0 ? count.first_left_out : count.last_kept;
        if (at == nullptr || (count.left_out == 0 && !count.is_cut_short)) continue;
        diagnostics_.push_back(more_diagnostics(severity, count.left_out, *at));
    }
    return std::move(diagnostics_);
}

}  // namespace gyre::config

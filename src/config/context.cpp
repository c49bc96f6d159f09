#include "config/context.h"

#include <algorithm>

#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_a_visit = 32;
constexpr std::size_t budget_for_counting = 1U << 20U;  // bytes, once no further error is kept

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

bool Context::leaves_out(Code code, Value at) {
    const Severity severity = severity_of(code, Severity::error);
    if (complaints_.has_room(severity)) return false;
    if (!exhausted_) complaints_.leave_out(severity, code, *at.node);
    return true;
}

Severity Context::severity_of(Code code, Severity otherwise) const {
    if (unreached > 0 && is_about_jobs(code)) return Severity::warning;
    const bool harmless = unused && code != Code::too_much_expansion && code != Code::too_deep;
    return harmless ? Severity::warning : otherwise;
}

bool Context::add(Problem&& problem) {
    if (exhausted_ && problem.code != Code::too_much_expansion) return false;
    if (incomplete && is_about_absence(problem.code)) return false;
    if (unreached > 0 && !is_about_form(problem.code) && !is_about_jobs(problem.code)) return false;
    const Severity severity = severity_of(problem.code, problem.severity);
    if (!complaints_.keep(std::move(problem), severity)) return false;
    if (!complaints_.has_room(Severity::error)) budget_ = std::min(budget_, budget_for_counting);
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
    if (complaints_.counts(thing, problem.code, *problem.at.node)) return;
    if (add(std::move(problem))) complaints_.will_count(thing);
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

}  // namespace gyre::config

#include "config/context.h"

#include "config/read.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_a_visit = 32;

std::string describe(const Via& via) {
    if (via.kind == Via::Kind::merge) return "merged in here by '<<'";
    return "used here through '*" + clipped(via.at->text) + "'";
}

bool is_about_absence(Code code) {
    return code == Code::missing_version || code == Code::missing_key || code == Code::missing_executor ||
           code == Code::missing_build_job || code == Code::unknown_job || code == Code::unknown_requirement ||
           code == Code::unused_job;
}

}  // namespace

bool Context::is_unavailable(Value name) {
    if (version == Version::v2) return false;
    const std::string_view text = name->text;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return unavailable.elements.contains(text);
    if (!unavailable.orbs.contains(text.substr(0, slash))) not_yet("what orbs define (alias/name)", name);
    return true;
}

void Context::report(Problem problem) { add(std::move(problem)); }

void Context::warn(Problem problem) {
    problem.severity = Severity::warning;
    add(std::move(problem));
}

bool Context::add(Problem&& problem) {
    const Node& node = *problem.at.node;
    if (exhausted_ && problem.code != Code::too_much_expansion) return false;
    if (full() || (incomplete && is_about_absence(problem.code))) return false;
    if (!reported_.emplace(problem.code, node.source, node.span.begin, problem.message).second) return false;

    Diagnostic diagnostic = diagnose(*node.source, problem.code, node.span, std::move(problem.message));
    diagnostic.severity = problem.severity;
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
    constexpr int most_counted = 999;
    const auto known = missing_features_.find(thing);
    if (known != missing_features_.end() && known->second.second == most_counted) return;
    if (!reported_.emplace(Code::not_yet_supported, at->source, at->span.begin, thing).second) return;
    if (known != missing_features_.end()) {
        ++known->second.second;
        return;
    }
    const std::string message = "not available yet in this version of Gyre: " + thing;
    if (add({.code = Code::not_yet_supported, .at = at, .message = message})) {
        missing_features_[thing] = {diagnostics_.size() - 1, 0};
    }
}

const Via* Context::through(Via::Kind kind, const Node& at, const Via* outer) {
    return &vias_.emplace_back(Via{kind, &at, outer});
}

Value Context::enter(const Item& item, const Via* via) {
    if (item.alias != nullptr) via = through(Via::Kind::alias, *item.alias, via);
    if (!spend(price_of_a_visit, {item.node, via})) return {};
    return {item.node, via};
}

Value Context::value_of(Value mapping, const Entry& entry) {
    const Via* via = mapping.via;
    if (entry.merge != nullptr) via = through(Via::Kind::merge, *entry.merge, via);
    return enter(entry.value, via);
}

Value Context::key_of(Value mapping, const Entry& entry) {
    const Via* via = mapping.via;
    if (entry.merge != nullptr) via = through(Via::Kind::merge, *entry.merge, via);
    return {entry.key, via};
}

std::vector<Value> Context::items(Value list) {
    std::vector<Value> values;
    if (!list) return values;
    for (const Item& item : list->items) {
        const Value value = enter(item, list.via);
        if (!value) return {};
        values.push_back(value);
    }
    return values;
}

std::string Context::text(Value scalar) {
    if (!scalar.is(NodeKind::scalar) || !spend(scalar->text.size(), scalar)) return {};
    if (version == Version::v2) return scalar->text;
    if (has_reference(scalar->text)) {
        not_yet("references to parameters and pipeline values (<< ... >>)", scalar);
        return {};
    }
    return without_escapes(scalar->text);
}

bool Context::spend(std::size_t bytes, Value at) {
    if (exhausted_) return false;
    if (bytes <= budget_) {
        budget_ -= bytes;
        return true;
    }
    exhausted_ = true;
    add({.code = Code::too_much_expansion,
         .at = at,
         .message = "the config expands to more than " + std::to_string(limit_) +
                    " bytes, the limit; each use of an alias counts"});
    return false;
}

Note Context::note(std::string message, const Node& at) {
    return note_at(*at.source, at.span, std::move(message));
}

std::vector<Diagnostic> Context::take_diagnostics() {
    for (const auto& [thing, seen] : missing_features_) {
        const auto& [position, more] = seen;
        if (more > 0)
            diagnostics_[position].message +=
                " (and " + std::to_string(more) + (more == 1 ? " more place)" : " more places)");
    }
    missing_features_.clear();
    sort_by_use(diagnostics_);
    return std::move(diagnostics_);
}

}  // namespace gyre::config

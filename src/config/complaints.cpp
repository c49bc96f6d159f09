#include "config/complaints.h"

#include "config/elements.h"
#include "config/read.h"

namespace gyre::config {
namespace {

constexpr std::size_t most_left_out = 10'000;  // places that are remembered, to count each once

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

}  // namespace

bool Complaints::stops(Severity severity) {
    if (has_room(severity)) return false;
    count_of(severity).is_cut_short = true;
    return true;
}

// Whether what is wrong there, or in parts of it, is among the complaints that are kept.
bool Complaints::shows(Severity severity, Code code, const Node& at) {
    const auto inside = [&](std::uint32_t place) { return place >= at.span.begin && place < at.span.end; };
    const auto first = reported_.lower_bound({code, at.source, at.span.begin, {}});
    if (first == reported_.end() || std::get<0>(*first) != code || std::get<1>(*first) != at.source) return false;
    const std::uint32_t place = std::get<2>(*first);
    if (place == at.span.begin || !inside(place)) return place == at.span.begin;
    const Node& last = *count_of(severity).last_kept;  // it was perhaps in the middle of this place that the room ended
    return last.source != at.source || !inside(last.span.begin);
}

void Complaints::leave_out(Severity severity, Code code, const Node& at) {
    if (left_out_.size() == most_left_out || shows(severity, code, at)) return;
    if (!left_out_.emplace(code, at.source, at.span.begin).second) return;
    Count& count = count_of(severity);
    if (count.left_out++ == 0) count.first_left_out = &at;
}

bool Complaints::keep(Problem&& problem, Severity severity) {
    const Node& node = *problem.at.node;
    if (!has_room(severity)) {
        leave_out(severity, problem.code, node);
        return false;
    }
    if (!reported_.emplace(problem.code, node.source, node.span.begin, problem.message).second) return false;

    Count& count = count_of(severity);
    ++count.kept;
    count.last_kept = &node;
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

bool Complaints::counts(const std::string& thing, Code code, const Node& at) {
    constexpr int most_counted = 999;
    const auto known = things_.find(thing);
    if (known != things_.end() && known->second.second == most_counted) return true;
    if (!reported_.emplace(code, at.source, at.span.begin, thing).second) return true;
    if (known == things_.end()) return false;
    ++known->second.second;
    return true;
}

std::vector<Diagnostic> Complaints::take() {
    for (const auto& [thing, seen] : things_) {
        const auto& [position, more] = seen;
        if (more > 0)
            diagnostics_[position].message +=
                " (and " + std::to_string(more) + (more == 1 ? " more place)" : " more places)");
    }
    things_.clear();
    for (const Severity severity : {Severity::error, Severity::warning}) {
        const Count& count = count_of(severity);
        const Node* at = count.left_out > 0 ? count.first_left_out : count.last_kept;
        if (at == nullptr || (count.left_out == 0 && !count.is_cut_short)) continue;
        diagnostics_.push_back(more_diagnostics(severity, count.left_out, *at));
    }
    return std::move(diagnostics_);
}

Note Complaints::note(std::string message, const Node& at) { return note_at(*at.source, at.span, std::move(message)); }

}  // namespace gyre::config

#include "conductor/skip.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"

namespace gyre::conductor {
namespace {

constexpr std::array<std::string_view, 2> marks{"[ci skip]", "[skip ci]"};

bool contains(std::string_view text, std::string_view mark) {
    const auto found = std::search(text.begin(), text.end(), mark.begin(), mark.end(),
                                   [](char one, char other) { return lowered(one) == other; });
    return found != text.end();
}

}  // namespace

std::string why_skipped(const Trigger& trigger) {
    if (trigger.kind != TriggerKind::webhook) return {};
    for (const auto mark : marks) {
        if (contains(trigger.commit.subject, mark) || contains(trigger.commit.body, mark))
            return "skipped: the commit's message says " + std::string(mark) + "; a request for this commit runs it";
    }
    return {};
}

}  // namespace gyre::conductor

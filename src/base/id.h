#pragma once

// Strong identifiers: an Id<JobTag> cannot be passed where an Id<WorkflowTag> is wanted. The text is opaque to code;
// most are UUIDs (version 4) made by base/random.h, some are derived ("<job>-<task>-a<attempt>").

#include <compare>
#include <functional>
#include <string>

namespace gyre {

template <typename Tag>
struct Id {
    std::string text;

    bool empty() const { return text.empty(); }
    auto operator<=>(const Id&) const = default;
};

}  // namespace gyre

template <typename Tag>
struct std::hash<gyre::Id<Tag>> {
    std::size_t operator()(const gyre::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text); }
};

#pragma once

// Contexts: variables of an organization under one name, for the jobs that name it; which projects may. Their variables
// are in ports/secret_store.h. Thread-safe. Durable on return.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace gyre {

using ContextId = Id<struct ContextTag>;

inline constexpr int most_contexts = 500;  // of an organization
inline constexpr int most_restrictions = 100;

struct Context {
    ContextId id;
    std::string organization;  // "gh/acme"; "git" for plain remotes
    std::string name;
    Timestamp created_at{};
    bool operator==(const Context&) const = default;
};

// With at least one, only the projects that are named may use the context.
struct ContextRestriction {
    std::string id;
    ProjectId project;
    bool operator==(const ContextRestriction&) const = default;
};

class ContextStore {
public:
    virtual ~ContextStore() = default;

    virtual Result<void> add(const Context& context) = 0;  // conflict: the name is taken; too_large: most_contexts
    virtual Result<bool> remove(const ContextId& id) = 0;  // with its variables and restrictions
    virtual Result<std::vector<Context>> of(const std::string& organization) = 0;  // by name
    virtual Result<std::optional<Context>> by_id(const ContextId& id) = 0;
    virtual Result<std::optional<Context>> by_name(const std::string& organization, const std::string& name) = 0;

    // conflict: it is there already; not_found: no such context or project; too_large: most_restrictions
    virtual Result<void> allow_only(const ContextId& id, const ContextRestriction& restriction) = 0;
    virtual Result<bool> lift(const ContextId& id, const std::string& restriction) = 0;
    virtual Result<std::vector<ContextRestriction>> restrictions(const ContextId& id) = 0;  // by project
};

}  // namespace gyre

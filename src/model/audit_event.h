#pragma once

// What an administrator wants to know that somebody did. The fields are those of the audit log of the reference
// installation's guides.

#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace gyre {

struct AuditEvent {
    std::string id;      // unique; the same event told twice has the same
    std::string action;  // "workflow.job.ssh.login"
    bool success = true;
    std::string actor;    // a login
    std::string target;   // what it was done to: "git/shop/7"
    std::string scope;    // the project's slug, or empty
    json::value payload;  // what more there is to say; an object
    Timestamp occurred_at{};
    bool operator==(const AuditEvent&) const = default;
};

}  // namespace gyre

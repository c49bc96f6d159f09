#pragma once

// Who did what and when, for administrators. Thread-safe. Durable on return.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/audit_event.h"

namespace gyre {

struct AuditPage {
    std::vector<AuditEvent> events;  // newest first, in the order in which they were added
    std::int64_t next = 0;           // where the rest begins; 0: this is all
};

class AuditLog {
public:
    virtual ~AuditLog() = default;
    // All or none; those that are known by their id already stay as they are.
    virtual Result<void> add(const std::vector<AuditEvent>& events) = 0;
    // `before`: 0, or the `next` of a page.
    virtual Result<AuditPage> newest(int limit, std::int64_t before) = 0;
};

}  // namespace gyre

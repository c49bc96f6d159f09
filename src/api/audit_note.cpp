#include "api/audit_note.h"

#include "base/random.h"

namespace gyre::api {

Result<void> note(Desk& desk, const Request& request, const std::string& action, const std::string& target,
                  const std::string& scope, json::object payload) {
    return desk.ports.audit.add({AuditEvent{.id = random_uuid(),
                                            .action = action,
                                            .actor = request.caller,
                                            .target = target,
                                            .scope = scope,
                                            .payload = std::move(payload),
                                            .occurred_at = desk.ports.clock.now()}});
}

}  // namespace gyre::api

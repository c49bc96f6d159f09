#pragma once

// The promises of ports/audit_log.h.

#include "ports/audit_log.h"
#include "ports/contract/examples.h"

namespace gyre::contract {

template <typename World>
class AuditLogContract : public StoresContract<World> {
protected:
    AuditLog& audit() { return this->world_.stores.audit_log(); }
    static AuditEvent event(const std::string& id) {
        return {.id = id,
                .action = "workflow.job.ssh.login",
                .success = id != "refused",
                .actor = "ann",
                .target = "git/shop/7",
                .scope = "git/shop",
                .payload = {{"from", "192.0.2.1:5"}},
                .occurred_at = at(1)};
    }
};
TYPED_TEST_SUITE_P(AuditLogContract);

TYPED_TEST_P(AuditLogContract, WhatWasAddedIsThereOnceInOrder) {
    EXPECT_TRUE(this->audit().newest(10, 0)->events.empty());
    EXPECT_TRUE(this->audit().add({this->event("1"), this->event("refused")}).ok());
    auto other = this->event("1");
    other.actor = "bob";
    EXPECT_TRUE(this->audit().add({other, this->event("3")}).ok());
    EXPECT_TRUE(this->audit().add({}).ok());
    const auto page = *this->audit().newest(10, 0);
    EXPECT_EQ(page.events, (std::vector{this->event("3"), this->event("refused"), this->event("1")}));
    EXPECT_EQ(page.next, 0);
}

TYPED_TEST_P(AuditLogContract, IsReadInPages) {
    for (int i = 1; i <= 5; ++i) EXPECT_TRUE(this->audit().add({this->event(std::to_string(i))}).ok());
    std::string seen;
    std::int64_t before = 0;
    do {
        const auto page = *this->audit().newest(2, before);
        for (const auto& event : page.events) seen += event.id;
        before = page.next;
    } while (before != 0 && seen.size() < 20);
    EXPECT_EQ(seen, "54321");
}

REGISTER_TYPED_TEST_SUITE_P(AuditLogContract, WhatWasAddedIsThereOnceInOrder, IsReadInPages);

}  // namespace gyre::contract

#pragma once

// The promises of ports/ssh_store.h.

#include "ports/contract/examples.h"
#include "ports/ssh_store.h"

namespace gyre::contract {

template <typename World>
class SshStoreContract : public StoresContract<World> {
protected:
    SshStore& ssh() { return this->world_.stores.ssh_store(); }
    static UserKey key(const std::string& login, const std::string& name, int second = 0) {
        return {
            .login = login,
            .key = {.type = "ssh-ed25519", .blob = "blob-" + name, .comment = name, .fingerprint = "SHA256:" + name},
            .added_at = at(second)};
    }
    void add(const UserKey& key) { EXPECT_TRUE(ssh().add_key(key).ok()); }
};
TYPED_TEST_SUITE_P(SshStoreContract);

TYPED_TEST_P(SshStoreContract, KeysAreKeptByPersonOldestFirst) {
    const auto late = this->key("ann", "late", 9);
    const auto early = this->key("ann", "early", 3);
    this->add(late);
    this->add(early);
    this->add(this->key("bob", "his"));
    EXPECT_EQ(*this->ssh().keys("ann"), (std::vector{early, late}));
    EXPECT_TRUE(this->ssh().keys("nobody")->empty());
    EXPECT_FALSE(*this->ssh().remove_key("bob", "SHA256:late"));
    EXPECT_TRUE(*this->ssh().remove_key("ann", "SHA256:late"));
    EXPECT_FALSE(*this->ssh().remove_key("ann", "SHA256:late"));
    EXPECT_EQ(*this->ssh().keys("ann"), (std::vector{early}));
}

TYPED_TEST_P(SshStoreContract, AKeyBelongsToOnePerson) {
    this->add(this->key("ann", "one"));
    auto again = this->key("ann", "one", 7);
    again.key.comment = "renamed";
    this->add(again);
    again.added_at = at(0);
    EXPECT_EQ(*this->ssh().keys("ann"), (std::vector{again}));
    expect_fault(this->ssh().add_key(this->key("bob", "one")), Fault::conflict);
    EXPECT_TRUE(this->ssh().keys("bob")->empty());
}

TYPED_TEST_P(SshStoreContract, NobodyHasMoreThanAHundredKeys) {
    for (int i = 0; i < most_keys_of_user; ++i) this->add(this->key("ann", std::to_string(i)));
    expect_fault(this->ssh().add_key(this->key("ann", "more")), Fault::too_large);
    this->add(this->key("ann", "5"));
    this->add(this->key("bob", "first"));
}

TYPED_TEST_P(SshStoreContract, WhoAskedMayComeInUntilTheJobHasEnded) {
    auto workflow = this->make_workflow({"a", "b"});
    const auto job = workflow.jobs[0].id;
    this->add(this->key("ann", "new", 2));
    this->add(this->key("ann", "old", 1));
    EXPECT_TRUE(this->ssh().guests()->empty());
    EXPECT_TRUE(this->ssh().ask(job, "bob", SshKeep::no, at(1)).ok());
    EXPECT_TRUE(this->ssh().ask(job, "ann", SshKeep::always, at(1)).ok());
    EXPECT_TRUE(this->ssh().ask(job, "ann", SshKeep::on_failure, at(2)).ok());
    const std::vector<SshGuestOfJob> expected{
        {"ann", SshKeep::on_failure, {"ssh-ed25519 blob-old", "ssh-ed25519 blob-new"}}, {"bob", SshKeep::no, {}}};
    EXPECT_EQ(*this->ssh().guests(), (std::map<JobId, std::vector<SshGuestOfJob>>{{job, expected}}));
    workflow.jobs[0].status = JobStatus::canceled;
    workflow.jobs[0].stopped_at = at(300);
    this->store(workflow, {0});
    EXPECT_TRUE(this->ssh().guests()->empty());
    expect_fault(this->ssh().ask(job, "ann", SshKeep::always, at(3)), Fault::conflict);
    expect_fault(this->ssh().ask({"unknown"}, "ann", SshKeep::always, at(3)), Fault::not_found);
    EXPECT_TRUE(this->ssh().ask(workflow.jobs[1].id, "ann", SshKeep::always, at(4)).ok());
    EXPECT_EQ(this->ssh().guests()->size(), 1U);
}

TYPED_TEST_P(SshStoreContract, WhoRanAJobAgainWithSshMayComeInUnlessTheyAskedForSomethingElse) {
    auto workflow = this->new_workflow(this->make_pipeline(this->make_project()), {"a", "b"});
    workflow.started_by = "ann";
    workflow.jobs[1].ssh = true;
    this->store(workflow, {});
    const auto job = workflow.jobs[1].id;
    this->add(this->key("ann", "hers"));
    EXPECT_EQ(this->ssh().guests()->at(job),
              (std::vector<SshGuestOfJob>{{"ann", SshKeep::always, {"ssh-ed25519 blob-hers"}}}));
    EXPECT_FALSE(this->ssh().guests()->contains(workflow.jobs[0].id));
    EXPECT_TRUE(this->ssh().ask(job, "ann", SshKeep::on_failure, at(2)).ok());
    EXPECT_TRUE(this->ssh().ask(job, "bob", SshKeep::always, at(2)).ok());
    ASSERT_EQ(this->ssh().guests()->at(job).size(), 2U);
    EXPECT_EQ(this->ssh().guests()->at(job)[0].keep, SshKeep::on_failure);
}

TYPED_TEST_P(SshStoreContract, WhereAnAttemptCanBeReachedIsKeptAndReplaced) {
    const auto workflow = this->make_workflow({"a"});
    SshPlace place{attempt_of(workflow, 0, 1), "ci.example", 64535, "SHA256:host", at(5)};
    SshPlace first{attempt_of(workflow, 0, 0), "ci.example", 64536, "SHA256:host", at(6)};
    EXPECT_TRUE(this->ssh().set_place(place).ok());
    place.port = 65535;
    EXPECT_TRUE(this->ssh().set_place(place).ok());
    EXPECT_TRUE(this->ssh().set_place(first).ok());
    EXPECT_EQ(*this->ssh().places(workflow.jobs[0].id), (std::vector{first, place}));
    EXPECT_TRUE(this->ssh().places({"unknown"})->empty());
}

REGISTER_TYPED_TEST_SUITE_P(SshStoreContract, KeysAreKeptByPersonOldestFirst, AKeyBelongsToOnePerson,
                            NobodyHasMoreThanAHundredKeys, WhoAskedMayComeInUntilTheJobHasEnded,
                            WhoRanAJobAgainWithSshMayComeInUnlessTheyAskedForSomethingElse,
                            WhereAnAttemptCanBeReachedIsKeptAndReplaced);

}  // namespace gyre::contract

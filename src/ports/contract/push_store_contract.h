#pragma once

// The promises of ports/push_store.h.

#include "ports/contract/examples.h"
#include "ports/push_store.h"

namespace gyre::contract {

template <typename World>
class PushStoreContract : public StoresContract<World> {
protected:
    PushStore& pushes() { return this->world_.stores.push_store(); }
    static StoredPush push(const Project& project, const std::string& before, const std::string& after) {
        StoredPush made{.project = project.id, .ref = "refs/heads/main", .before = before, .after = after};
        made.actor = "ann";
        made.announced = true;
        made.counted = true;
        made.received_at = at(7);
        return made;
    }
    bool commit(const StoredPush& push, std::int64_t newest) {
        return *pushes().commit({push.project, push.ref, push.after, newest, {push}});
    }
};
TYPED_TEST_SUITE_P(PushStoreContract);

TYPED_TEST_P(PushStoreContract, RefsAreUnknownUntilTheFirstLook) {
    using Refs = std::map<std::string, std::string>;
    const auto project = this->make_project();
    EXPECT_FALSE(this->pushes().seen_refs(project.id)->has_value());
    EXPECT_TRUE(this->commit(this->push(project, "", "aaa"), 0)) << "a push may be announced before the first look";
    EXPECT_FALSE(this->pushes().seen_refs(project.id)->has_value());
    EXPECT_TRUE(this->pushes().remember_refs(project.id, {{"refs/heads/dev", "ddd"}}).ok());
    EXPECT_EQ(**this->pushes().seen_refs(project.id), (Refs{{"refs/heads/dev", "ddd"}, {"refs/heads/main", "aaa"}}));
    EXPECT_EQ(this->pushes().trail(project.id, "refs/heads/dev", "")->revision, "ddd");
    EXPECT_EQ(this->pushes().trail(project.id, "refs/heads/none", "")->revision, "");
}

TYPED_TEST_P(PushStoreContract, AProjectIsAddedWithAllItsRefsOrNotAtAll) {
    const Project project{.id = {"p"}, .slug = "git/shop", .remote = "/r"};
    auto& projects = this->world_.stores.project_store();
    EXPECT_TRUE(projects.add_with_refs(project, {{"refs/heads/main", "aaa"}}).ok());
    EXPECT_EQ((**this->pushes().seen_refs(project.id)).size(), 1U);
    const Project second{.id = {"q"}, .slug = "git/shop", .remote = "/r"};
    expect_fault(projects.add_with_refs(second, {{"refs/heads/main", "aaa"}}), Fault::conflict);
    EXPECT_FALSE(this->pushes().seen_refs(second.id)->has_value());
    EXPECT_TRUE(projects.add_with_refs({.id = {"e"}, .slug = "git/empty"}, {}).ok());
    EXPECT_TRUE(this->pushes().seen_refs({"e"})->has_value()) << "looked at, and empty";
}

TYPED_TEST_P(PushStoreContract, PushesAreNumberedPerProjectAndDecidedOnTheNewestState) {
    const auto shop = this->make_project("git/shop");
    const auto till = this->make_project("git/till");
    EXPECT_EQ(*this->pushes().newest(shop.id), 0);
    EXPECT_TRUE(this->commit(this->push(shop, "", "aaa"), 0));
    EXPECT_TRUE(this->commit(this->push(till, "", "aaa"), 0));
    EXPECT_FALSE(this->commit(this->push(shop, "aaa", "ccc"), 0)) << "decided before the first was known";
    EXPECT_TRUE(this->commit(this->push(shop, "aaa", "bbb"), 1));
    EXPECT_EQ(*this->pushes().newest(shop.id), 2);
    const auto trail = *this->pushes().trail(shop.id, "refs/heads/main", "");
    EXPECT_EQ(trail.revision, "bbb");
    ASSERT_TRUE(trail.last());
    auto expected = this->push(shop, "aaa", "bbb");
    expected.number = 2;
    EXPECT_EQ(*trail.last(), expected);
}

TYPED_TEST_P(PushStoreContract, ATrailHasWhatCameOutOfTurnAndWhatWasDelivered) {
    const auto project = this->make_project();
    auto late = this->push(project, "bbb", "ccc");
    late.counted = false;
    late.delivery = "d2";
    EXPECT_TRUE(*this->pushes().commit({project.id, late.ref, "aaa", 0, {late}}));
    auto trail = *this->pushes().trail(project.id, late.ref, "d2");
    EXPECT_EQ(trail.revision, "aaa");
    EXPECT_FALSE(trail.last());
    ASSERT_EQ(trail.uncounted.size(), 1U);
    EXPECT_EQ(trail.delivered->number, 1);
    EXPECT_FALSE(this->pushes().trail(project.id, late.ref, "d3")->delivered.has_value());
    EXPECT_FALSE(this->pushes().trail(project.id, "refs/heads/dev", "d2")->delivered.has_value());

    auto caught_up = trail.uncounted[0];
    caught_up.counted = true;
    EXPECT_TRUE(
        *this->pushes().commit({project.id, late.ref, "ccc", 1, {this->push(project, "aaa", "bbb"), caught_up}}));
    trail = *this->pushes().trail(project.id, late.ref, "");
    EXPECT_TRUE(trail.uncounted.empty());
    EXPECT_EQ(trail.revision, "ccc");
    ASSERT_EQ(trail.recent.size(), 2U);
    EXPECT_EQ(trail.last(), &trail.recent[0]);
    EXPECT_GT(trail.recent[0].number, trail.recent[1].number);
}

TYPED_TEST_P(PushStoreContract, ADeletedRefStandsNowhere) {
    const auto project = this->make_project();
    EXPECT_TRUE(this->commit(this->push(project, "", "aaa"), 0));
    EXPECT_TRUE(this->commit(this->push(project, "aaa", ""), 1));
    EXPECT_EQ(this->pushes().trail(project.id, "refs/heads/main", "")->revision, "");
    EXPECT_TRUE(this->pushes().remember_refs(project.id, {}).ok());
    EXPECT_TRUE((**this->pushes().seen_refs(project.id)).empty());
}

TYPED_TEST_P(PushStoreContract, APushIsOpenUntilItIsClosed) {
    const auto project = this->make_project();
    EXPECT_TRUE(this->commit(this->push(project, "", "aaa"), 0));
    EXPECT_TRUE(this->commit(this->push(project, "aaa", "bbb"), 1));
    EXPECT_EQ(this->pushes().open(project.id)->size(), 2U);
    EXPECT_TRUE(this->pushes().close(project.id, 1, {"pipeline"}, "").ok());
    const auto open = *this->pushes().open(project.id);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].number, 2);
    EXPECT_TRUE(this->pushes().close(project.id, 2, {}, "it was deleted").ok());
    const auto last = this->pushes().trail(project.id, "refs/heads/main", "")->recent.front();
    EXPECT_FALSE(last.open);
    EXPECT_EQ(last.note, "it was deleted");
}

REGISTER_TYPED_TEST_SUITE_P(PushStoreContract, RefsAreUnknownUntilTheFirstLook, AProjectIsAddedWithAllItsRefsOrNotAtAll,
                            PushesAreNumberedPerProjectAndDecidedOnTheNewestState,
                            ATrailHasWhatCameOutOfTurnAndWhatWasDelivered, ADeletedRefStandsNowhere,
                            APushIsOpenUntilItIsClosed);

}  // namespace gyre::contract

#include "intake/push.h"

#include <gtest/gtest.h>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "intake/test_world.h"

namespace gyre::intake {
namespace {

using memory::Mishap;

struct Stores {
    memory::MemoryStores stores;
    memory::ManualClock clock;
};

class IntakeTest : public testing::Test, protected Stores, protected World {
protected:
    IntakeTest() : World(stores.project_store(), stores.push_store(), stores.schedule_store(), clock) {}
};

TEST_F(IntakeTest, a_push_makes_a_trigger_at_the_new_revision) {
    ASSERT_TRUE(announce(none, b, "", "refs/heads/feat/x").ok());
    ASSERT_TRUE(announce(none, b, "", "refs/tags/v1").ok());
    ASSERT_EQ(door.triggers.size(), 2U);
    EXPECT_EQ(door.triggers[0].branch, "feat/x");
    EXPECT_EQ(door.triggers[0].revision, b);
    EXPECT_EQ(door.triggers[1].tag, "v1");
}

TEST_F(IntakeTest, a_deleted_ref_and_refs_of_other_kinds_make_nothing) {
    EXPECT_TRUE(announce(a, none)->pipeline.empty());
    EXPECT_TRUE(announce(a, b, "", "refs/notes/commits")->pipeline.empty());
    EXPECT_TRUE(door.triggers.empty());
    EXPECT_TRUE(stores.push_store().open(project.id)->empty());
}

TEST_F(IntakeTest, a_deleted_branch_has_no_schedules_unless_it_has_come_back) {
    const auto schedule_on_main = [this](std::int64_t number) {
        Commit commit{.event = {"schedules of " + std::to_string(number)}};
        commit.pipeline = Pipeline{.id = {std::to_string(number)}, .project = project.id, .number = number};
        commit.pipeline->trigger.branch = "main";
        commit.schedules = BranchSchedules{"main", {{"nightly", "0 3 * * *"}}};
        EXPECT_TRUE(stores.workflow_store().commit(commit).ok());
    };
    const auto count = [this] { return stores.schedule_store().schedules(project.id)->size(); };
    schedule_on_main(1);
    EXPECT_TRUE(announce(a, none, "1")->pipeline.empty());
    EXPECT_EQ(count(), 0U);
    push(none, b, "2");
    schedule_on_main(2);
    EXPECT_TRUE(announce(none, none, "1")->pipeline.empty()) << "the news of before again";
    EXPECT_EQ(count(), 1U);
}

TEST_F(IntakeTest, what_is_no_commit_is_no_push) {
    EXPECT_EQ(announce(a, "y").error().fault, Fault::invalid);
    EXPECT_EQ(announce("x", b).error().fault, Fault::invalid);
    EXPECT_TRUE(door.triggers.empty());
}

TEST_F(IntakeTest, every_push_of_a_ref_that_goes_back_and_forth_is_built) {
    push(a, b, "1");
    push(b, a, "2");
    push(a, b, "3");
    push(b, a, "4");
    EXPECT_EQ(door.built(), "main@bbb main@aaa main@bbb main@aaa");
}

TEST_F(IntakeTest, so_is_it_when_the_hook_gives_its_announcements_no_ids) {
    push(a, b, "");
    push(b, a, "");
    push(a, b, "");
    EXPECT_EQ(door.built(), "main@bbb main@aaa main@bbb");
}

TEST_F(IntakeTest, a_branch_that_was_deleted_and_pushed_again_is_built_again) {
    for (const std::string& delivery : {std::string("x"), std::string()}) {
        const std::string ref = "refs/heads/feat" + delivery;
        const auto id = [&](const char* number) { return delivery.empty() ? "" : delivery + number; };
        ASSERT_TRUE(announce(none, b, id("1"), ref).ok());
        ASSERT_TRUE(announce(b, none, id("2"), ref).ok());
        ASSERT_TRUE(announce(none, b, id("3"), ref).ok());
    }
    EXPECT_EQ(door.built(), "featx@bbb featx@bbb feat@bbb feat@bbb");
}

TEST_F(IntakeTest, an_announcement_that_comes_again_answers_with_the_pipeline_it_made) {
    for (const std::string delivery : {"1", ""}) {
        const std::string ref = "refs/heads/x" + delivery;
        const auto first = announce(none, b, delivery, ref)->pipeline;
        EXPECT_EQ(announce(none, b, delivery, ref)->pipeline, first);
    }
    EXPECT_EQ(door.triggers.size(), 2U);
}

TEST_F(IntakeTest, an_announcement_that_comes_again_late_makes_nothing) {
    push(a, b, "1");
    push(b, a, "2");
    push(a, b, "3");
    EXPECT_EQ(announce(b, a, "2")->pipeline.text, "of push:p1:2");
    EXPECT_EQ(announce(a, b, "1")->pipeline.text, "of push:p1:1");
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.triggers.size(), 3U);
}

TEST_F(IntakeTest, announcements_out_of_turn_make_one_pipeline_each) {
    stands(c);
    EXPECT_TRUE(announce(b, c, "2")->out_of_turn);
    EXPECT_FALSE(announce(a, b, "1")->out_of_turn);
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@ccc main@bbb");
}

TEST_F(IntakeTest, announcements_out_of_turn_of_a_ref_that_goes_back_and_forth_too) {
    push(a, b, "1");
    ASSERT_TRUE(announce(a, b, "3").ok());
    ASSERT_TRUE(announce(b, a, "2").ok());
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@bbb main@bbb main@aaa");
}

TEST_F(IntakeTest, a_look_finds_what_nobody_announced) {
    stands(b);
    stands(c, "refs/heads/new");
    stands(c, "refs/tags/v1");
    ASSERT_TRUE(look().ok());
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@bbb new@ccc v1@ccc");
}

TEST_F(IntakeTest, a_look_finds_a_branch_that_was_deleted_and_pushed_again) {
    stands(none);
    ASSERT_TRUE(look().ok());
    stands(a);
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@aaa");
}

TEST_F(IntakeTest, a_push_that_a_look_and_a_hook_saw_is_one) {
    stands(b);
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(announce(a, b, "1")->pipeline.text, "of push:p1:1");
    ASSERT_TRUE(look().ok());
    push(b, a, "2");
    ASSERT_TRUE(look().ok());
    push(a, b, "3");
    EXPECT_EQ(door.built(), "main@bbb main@aaa main@bbb");
}

// Seed 108 of the simulation.
TEST_F(IntakeTest, so_is_one_whose_announcement_comes_after_that_of_the_next) {
    stands(b);
    ASSERT_TRUE(look().ok());
    push(b, c, "2");
    for (int again = 0; again < 2; ++again) EXPECT_EQ(announce(a, b, "1")->pipeline.text, "of push:p1:1");
    EXPECT_EQ(door.built(), "main@bbb main@ccc");
}

TEST_F(IntakeTest, a_lost_announcement_is_seen_at_the_next_one) {
    stands(b, "refs/heads/lost");
    push(a, b, "1");
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@bbb lost@bbb");
    push(c, a, "3");  // b..c was lost, and c is overtaken
    ASSERT_TRUE(look().ok());
    push(a, b, "4");
    EXPECT_EQ(door.built(), "main@bbb lost@bbb main@aaa main@bbb");
}

TEST_F(IntakeTest, a_look_that_a_hook_overtakes_takes_old_news_for_no_push) {
    remote.meanwhile = [&] { push(a, b, "1"); };
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@bbb") << "main did not go back to a";
    EXPECT_EQ((**stores.push_store().seen_refs(project.id)).at("refs/heads/main"), b);
}

TEST_F(IntakeTest, a_push_is_made_once_wherever_the_server_dies) {
    for (const char* place : {"push_store.commit", "push_store.close"}) {
        for (const Mishap mishap : {Mishap::fails, Mishap::lost_answer}) {
            const std::string ref = std::string("refs/heads/") + place + (mishap == Mishap::fails ? "1" : "2");
            stands(b, ref);
            stores.trouble().on(place, 1, mishap);
            EXPECT_FALSE(announce(none, b, ref, ref).ok());
            ASSERT_TRUE(look().ok());
            ASSERT_TRUE(announce(none, b, ref, ref).ok());
            ASSERT_TRUE(look().ok());
        }
    }
    EXPECT_EQ(door.triggers.size(), 4U) << door.built();
    EXPECT_TRUE(stores.push_store().open(project.id)->empty());
}

TEST_F(IntakeTest, a_push_whose_config_cannot_be_read_waits_for_the_remote) {
    door.broken = true;
    stands(b);
    EXPECT_EQ(announce(a, b, "1").error().fault, Fault::unavailable);
    EXPECT_FALSE(look().ok());
    door.broken = false;
    ASSERT_TRUE(look().ok());
    EXPECT_EQ(door.built(), "main@bbb");
    EXPECT_EQ(announce(a, b, "1")->pipeline.text, "of push:p1:1");
}

TEST_F(IntakeTest, a_push_whose_branch_is_gone_before_it_was_read_is_closed_with_a_note) {
    door.broken = true;
    EXPECT_FALSE(announce(none, b, "1", "refs/heads/short").ok());
    ASSERT_TRUE(look().ok());
    EXPECT_TRUE(stores.push_store().open(project.id)->empty());
    const auto noted = stores.push_store().trail(project.id, "refs/heads/short", "1")->delivered;
    EXPECT_NE(noted->note.find("away"), std::string::npos) << noted->note;
}

TEST_F(IntakeTest, a_name_that_is_no_text_makes_a_pipeline_all_the_same) {
    stands(b, "refs/heads/caf\\xe9");
    ASSERT_TRUE(look().ok());
    ASSERT_TRUE(announce(none, b, "", "refs/heads/-x").ok());
    ASSERT_TRUE(announce(none, b, "", "refs/heads/HEAD").ok());
    EXPECT_EQ(door.built(), "caf\\xe9@bbb -x@bbb HEAD@bbb");
}

TEST_F(IntakeTest, a_push_right_after_a_project_was_added_is_not_taken_for_its_history) {
    const auto added = add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"});
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_TRUE(added->read);
    EXPECT_EQ(added->project.default_branch, "main");
    stands(b);
    ASSERT_TRUE(look_at(ports, added->project).ok());
    ASSERT_EQ(door.triggers.size(), 1U);
    EXPECT_EQ(door.triggers[0].project.text, "p2");
}

TEST_F(IntakeTest, a_project_is_added_with_its_refs_or_not_at_all) {
    stores.trouble().always("push_store.remember_refs", Mishap::fails);
    stores.trouble().on("project_store.add_with_refs", 1, Mishap::fails);
    EXPECT_FALSE(add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"}).ok());
    EXPECT_EQ(stores.project_store().by_slug("git/new").error().fault, Fault::not_found);
    EXPECT_TRUE(add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"}).ok());
    EXPECT_TRUE(stores.push_store().seen_refs({"p2"})->has_value());
}

TEST_F(IntakeTest, a_project_whose_remote_cannot_be_read_is_not_added) {
    remote.away = true;
    EXPECT_EQ(add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "/srv/new.git"}).error().fault,
              Fault::invalid);
    EXPECT_EQ(stores.project_store().by_slug("git/new").error().fault, Fault::not_found);
}

TEST_F(IntakeTest, a_project_whose_remote_lets_nobody_in_is_added_and_looked_at_once_it_does) {
    remote.refuses = true;
    remote.refs = {{"HEAD", "ref: refs/heads/trunk"}, {"refs/heads/trunk", a}};
    const Project wanted{.id = {"p2"}, .slug = "git/new", .remote = "git@host:new.git"};
    const auto added = add_project(ports, wanted);
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_FALSE(added->read);
    EXPECT_EQ(added->refusal, "git@host: Permission denied (publickey).");
    EXPECT_EQ(add_project(ports, wanted).error().fault, Fault::conflict);
    EXPECT_EQ(look_at(ports, added->project).error().fault, Fault::unavailable);
    const auto asked = receive_request(ports, added->project, {.branch = "trunk"});
    EXPECT_EQ(asked.error().fault, Fault::unavailable) << "not the caller's to be refused";
    EXPECT_NE(asked.error().message.find("gyre keys checkout list git/new"), std::string::npos);

    remote.refuses = false;
    ASSERT_TRUE(look_at(ports, added->project).ok());
    EXPECT_TRUE(door.triggers.empty()) << "its history makes no pipelines";
    EXPECT_EQ(stores.project_store().by_slug("git/new")->default_branch, "trunk");
    remote.refs["refs/heads/trunk"] = b;
    ASSERT_TRUE(look_at(ports, added->project).ok());
    EXPECT_EQ(door.triggers.size(), 1U);
}

TEST_F(IntakeTest, another_host_key_is_not_taken_for_a_key_that_is_missing) {
    remote.refuses = true;
    remote.refusal = "git ls-remote: Host key verification failed.";
    const auto added = add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "git@host:new.git"});
    ASSERT_TRUE(added.ok()) << added.error().message;
    const auto looked = look_at(ports, added->project);
    EXPECT_EQ(looked.error().fault, Fault::unavailable);
    EXPECT_NE(looked.error().message.find("git/seen_hosts"), std::string::npos) << looked.error().message;
    EXPECT_EQ(looked.error().message.find("lets nobody in"), std::string::npos) << looked.error().message;
}

TEST_F(IntakeTest, a_project_may_be_added_without_a_look) {
    remote.away = true;
    const auto added =
        add_project(ports, {.id = {"p2"}, .slug = "git/new", .remote = "git@host:new.git"}, FirstLook::later);
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_EQ(remote.asked, 0);
    EXPECT_FALSE(stores.push_store().seen_refs({"p2"})->has_value());
}

TEST_F(IntakeTest, a_request_takes_the_newest_commit_of_the_default_branch) {
    ASSERT_TRUE(receive_request(ports, project, {.actor = "ann"}).ok());
    EXPECT_EQ(door.triggers.at(0).branch, "main");
    EXPECT_EQ(door.triggers.at(0).revision, a);
    EXPECT_EQ(receive_request(ports, project, {.branch = "nope"}).error().fault, Fault::not_found);
    EXPECT_EQ(receive_request(ports, project, {.tag = "v9"}).error().fault, Fault::not_found);
}

TEST_F(IntakeTest, triggers_carry_what_they_were_given) {
    ASSERT_TRUE(
        receive_request(ports, project, {.parameters = {{"deploy", true}}, .parameter_texts = {{"level", "3"}}}).ok());
    EXPECT_EQ(door.triggers.at(0).parameters.at("deploy"), json::value(true));
    EXPECT_EQ(door.triggers.at(0).parameter_texts.at("level"), "3");
    push(a, b, "1");
    EXPECT_EQ(door.triggers.at(1).base_revision, a);
}

}  // namespace
}  // namespace gyre::intake

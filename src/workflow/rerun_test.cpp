#include "workflow/rerun.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "model/again.h"
#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::second;
using testing::World;

class Again {
public:
    Again(const Workflow& old, RerunKind kind, std::vector<JobId> chosen = {}, std::string suffix = "'") {
        std::vector<JobId> ids;
        for (const auto& job : old.jobs) ids.push_back({job.name + suffix});
        auto made = rerun(old, kind, {{"w" + suffix}, "eve", second(500), ids, 100}, chosen);
        if (made) world.emplace(*made);
        if (!made) error = made.error();
    }
    std::optional<World> world;
    Error error{};
};

World failed_world() {
    World world("build -> test*2 -> deploy, build -> hold? -> deploy, lint");
    world.succeeds("build");
    world.approves("hold");
    world.fails("test");
    world.cancels("lint");
    return world;
}

TEST(Rerun, from_start_runs_everything_under_new_names) {
    const auto old = failed_world();
    auto again = *Again(old.workflow(), RerunKind::from_start).world;
    EXPECT_EQ(again.workflow().id.text, "w'");
    EXPECT_EQ(again.workflow().workspace, old.workflow().id);
    EXPECT_EQ(again.workflow().started_by, "eve");
    EXPECT_EQ(again.workflow().version, 0);
    EXPECT_EQ(again.status("build"), JobStatus::queued);
    EXPECT_EQ(again.status("hold"), JobStatus::blocked);
    EXPECT_EQ(again.job("hold").approved_by, "");
    EXPECT_EQ(again.job("test").tasks.size(), 2u);
    EXPECT_EQ(again.job("build").number, 100);
    EXPECT_EQ(again.job("lint").number, 103);
    EXPECT_EQ(again.job("hold").number, 0);
}

TEST(Rerun, from_failed_keeps_what_succeeded) {
    const auto old = failed_world();
    auto again = *Again(old.workflow(), RerunKind::from_failed).world;
    EXPECT_EQ(again.status("build"), JobStatus::success);
    EXPECT_EQ(again.job("build").kept_from, JobId{"build"});
    EXPECT_EQ(again.job("build").number, old.job("build").number);
    EXPECT_EQ(again.job("build").stopped_at, old.job("build").stopped_at);
    EXPECT_EQ(again.task("build").status, TaskStatus::finished);
    EXPECT_TRUE(again.task("build").attempts.empty());
    EXPECT_EQ(again.job("hold").approved_by, "bob");
    EXPECT_EQ(again.status("test"), JobStatus::queued);
    EXPECT_EQ(again.status("lint"), JobStatus::queued);
    EXPECT_EQ(again.status("deploy"), JobStatus::blocked);
    EXPECT_EQ(again.job("test").number, 100);

    again.succeeds("test");
    again.succeeds("deploy");
    again.succeeds("lint");
    EXPECT_EQ(again.status(), WorkflowStatus::success);
}

TEST(Rerun, of_a_rerun_remembers_who_really_ran) {
    auto second_run = *Again(failed_world().workflow(), RerunKind::from_failed).world;
    second_run.fails("test");
    second_run.succeeds("lint");
    const auto third = *Again(second_run.workflow(), RerunKind::from_failed, {}, "''").world;
    EXPECT_EQ(third.job("build").kept_from, JobId{"build"});
    EXPECT_EQ(third.job("lint").kept_from, JobId{"lint'"});
    EXPECT_EQ(third.workflow().workspace.text, "w");

    const auto all = *Again(second_run.workflow(), RerunKind::from_start, {}, "''").world;
    EXPECT_EQ(all.job("build").tasks.size(), 1u);
    EXPECT_EQ(all.status("build"), JobStatus::queued);
}

TEST(Rerun, of_chosen_jobs_takes_what_depends_on_them) {
    World old("a -> b -> c, d -> e");
    for (const auto* job : {"a", "b", "c", "d"}) old.succeeds(job);
    old.fails("e");
    auto again = *Again(old.workflow(), RerunKind::jobs, {{"b"}}).world;
    EXPECT_EQ(again.status("a"), JobStatus::success);
    EXPECT_EQ(again.status("b"), JobStatus::queued);
    EXPECT_EQ(again.status("c"), JobStatus::blocked);
    EXPECT_EQ(again.status("d"), JobStatus::success);
    EXPECT_EQ(again.status("e"), JobStatus::not_run);
    again.succeeds("b");
    again.succeeds("c");
    EXPECT_EQ(again.status(), WorkflowStatus::success);
}

TEST(Rerun, of_chosen_jobs_takes_what_they_need_and_do_not_have) {
    World old("a -> b -> c, b -> d");
    old.fails("a");
    const auto again = *Again(old.workflow(), RerunKind::jobs, {{"c"}}).world;
    EXPECT_EQ(again.status("a"), JobStatus::queued);
    EXPECT_EQ(again.status("b"), JobStatus::blocked);
    EXPECT_EQ(again.status("c"), JobStatus::blocked);
    EXPECT_EQ(again.status("d"), JobStatus::not_run);
}

World serial_world() {
    return World(testing::Drawing("plan -> apply -> tell, build -> plan, build -> lint, seen")
                     .in_turn({"plan", "apply"}, "deploy", "release"));
}

TEST(Rerun, of_a_job_of_a_serial_job_group_takes_the_whole_group_and_what_is_behind_it) {
    auto old = serial_world();
    for (const auto* job : {"build", "plan", "apply", "tell", "seen"}) old.succeeds(job);
    old.fails("lint");
    const auto again = *Again(old.workflow(), RerunKind::jobs, {{"apply"}}).world;
    EXPECT_EQ(again.status("build"), JobStatus::success);
    EXPECT_EQ(again.status("plan"), JobStatus::queued);
    EXPECT_EQ(again.status("apply"), JobStatus::blocked);
    EXPECT_EQ(again.status("tell"), JobStatus::blocked);
    EXPECT_EQ(again.status("seen"), JobStatus::success);
    EXPECT_EQ(again.status("lint"), JobStatus::not_run);
    EXPECT_EQ(again.job("apply").serial_group, "gh/o:deploy");
}

TEST(Rerun, from_failed_takes_the_whole_serial_job_group) {
    auto old = serial_world();
    for (const auto* job : {"build", "plan", "lint", "seen"}) old.succeeds(job);
    old.fails("apply");
    const auto again = *Again(old.workflow(), RerunKind::from_failed).world;
    EXPECT_EQ(again.status("plan"), JobStatus::queued);
    EXPECT_EQ(again.status("apply"), JobStatus::blocked);
    EXPECT_EQ(again.status("lint"), JobStatus::success);
}

TEST(Rerun, remembers_what_it_runs_again_and_who_asked) {
    World old(testing::Drawing("a").reruns(2));
    old.fails("a");
    auto by_eve = *Again(old.workflow(), RerunKind::from_failed).world;
    EXPECT_EQ(by_eve.workflow().rerun_of, WorkflowId{"w"});
    EXPECT_EQ(by_eve.workflow().max_auto_reruns, 0);
    by_eve.fails("a");
    EXPECT_FALSE(reruns_by_itself(by_eve.workflow()));
}

TEST(Rerun, by_itself_ends_at_the_limit) {
    World world(testing::Drawing("a").reruns(2));
    for (int made = 0; made < 2; ++made) {
        world.fails("a");
        ASSERT_TRUE(reruns_by_itself(world.workflow()));
        const std::vector<JobId> ids{{"a" + std::to_string(made)}};
        world = World(*rerun(world.workflow(), RerunKind::from_failed,
                             {.id = {"again"}, .at = second(500), .job_ids = ids, .automatic = true}));
        EXPECT_EQ(world.workflow().auto_reruns, made + 1);
    }
    world.fails("a");
    EXPECT_FALSE(reruns_by_itself(world.workflow()));
}

TEST(Rerun, with_ssh_is_a_wish_for_the_chosen_jobs) {
    World old("a -> b");
    old.succeeds("a");
    old.fails("b");
    const std::vector<JobId> ids{{"a'"}, {"b'"}};
    const std::vector<JobId> chosen{{"a"}};
    const auto made =
        rerun(old.workflow(), RerunKind::jobs, {.id = {"w'"}, .at = second(500), .job_ids = ids, .ssh = true}, chosen);
    EXPECT_TRUE(made->jobs[0].ssh);
    EXPECT_FALSE(made->jobs[1].ssh);
}

TEST(Rerun, of_failed_tests_tells_the_jobs_that_tried_all_of_theirs) {
    World old("a -> b, c -> d, e");
    old.succeeds("a");
    old.fails("b");
    old.fails("c");
    old.cancels("e");
    std::vector<JobId> ids;
    for (const auto& job : old.workflow().jobs) ids.push_back({job.name + "'"});
    const RerunFacts facts{.id = {"w'"}, .at = second(500), .job_ids = ids, .failed_tests = true};
    const auto told = [](const Result<Workflow>& made) {
        std::string text;
        for (const auto& job : made->jobs)
            text += job.failed_tests_of ? job.name + "<-" + job.failed_tests_of->text + " " : "";
        return text;
    };
    EXPECT_EQ(told(rerun(old.workflow(), RerunKind::from_failed, facts)), "b<-b c<-c ");
    const std::vector<JobId> chosen{{"a"}};
    EXPECT_EQ(told(rerun(old.workflow(), RerunKind::jobs, facts, chosen)), "b<-b ") << "it depends on the chosen one";
    auto all = facts;
    all.failed_tests = false;
    EXPECT_EQ(told(rerun(old.workflow(), RerunKind::from_failed, all)), "");
}

TEST(Rerun, says_how_many_numbers_it_takes) {
    const auto old = failed_world().workflow();
    const auto all = jobs_to_rerun(old, RerunKind::from_start);
    EXPECT_EQ(numbers_needed(old, *all), 4);
    const auto failed = jobs_to_rerun(old, RerunKind::from_failed);
    EXPECT_THAT(*failed, ElementsAre(1u, 2u, 4u));
    EXPECT_EQ(numbers_needed(old, *failed), 3);
}

TEST(Rerun, is_refused_with_what_to_do) {
    World running("a -> b");
    EXPECT_EQ(Again(running.workflow(), RerunKind::from_start).error.fault, Fault::conflict);
    running.succeeds("a");
    running.succeeds("b");
    const auto& green = running.workflow();
    EXPECT_THAT(Again(green, RerunKind::from_failed).error.message, HasSubstr("from the start"));
    EXPECT_EQ(Again(green, RerunKind::jobs).error.fault, Fault::invalid);
    EXPECT_EQ(Again(green, RerunKind::jobs, {{"zzz"}}).error.fault, Fault::not_found);
    EXPECT_THROW((void)rerun(green, RerunKind::from_start, {}), std::logic_error);
}

}  // namespace
}  // namespace gyre::workflow

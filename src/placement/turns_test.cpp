#include "placement/turns.h"

#include <gmock/gmock.h>

#include "placement/test_plan.h"

namespace gyre::placement {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Timestamp second(int n) { return Timestamp{std::chrono::seconds(1000 + n)}; }

class TurnsTest : public ::testing::Test {
protected:
    WantedTask& wants(const std::string& job, int pipeline, int since, const std::string& group = "git:deploy") {
        WantedTask task{.attempt = {{job}, 0, 1}, .job_name = job, .project = {"shop"}, .need = {1000, 1024}};
        task.queued_at = second(since);
        task.pipeline_number = pipeline;
        task.serial_group = group;
        task.holder = job;
        tasks.push_back(task);
        return tasks.back();
    }
    std::vector<std::string> placed(int now = 100) {
        plan = place(tasks, {}, clients, second(now));
        return names_of_placed(plan);
    }
    std::string why(const std::string& job) const { return why_waits(plan, job); }
    // "job ahead", each
    std::vector<std::string> waiting() const {
        std::vector<std::string> told;
        for (const auto& one : plan.waiting) told.push_back(one.attempt.job.text + " " + std::to_string(one.ahead));
        return told;
    }

    std::vector<WantedTask> tasks;
    std::vector<ClientRoom> clients{{.name = "here", .total = {8000, 8192}, .clamp = false}};
    Placement plan;
};

TEST_F(TurnsTest, of_a_serial_group_one_goes_the_one_of_the_oldest_pipeline) {
    wants("newer", 13, 3);
    wants("older", 12, 5);
    wants("other", 13, 4, "");
    EXPECT_THAT(placed(), ElementsAre("other", "older"));
    EXPECT_EQ(why("newer"), "waits for serial group 'deploy', where it is the turn of job 'older' of pipeline 12");
}

TEST_F(TurnsTest, between_projects_the_one_that_has_waited_longest_goes) {
    wants("ours", 500, 3);
    wants("theirs", 7, 4).project = {"till"};
    EXPECT_THAT(placed(), ElementsAre("ours"));
}

TEST_F(TurnsTest, nobody_passes_the_holder_and_its_other_tasks_go) {
    wants("plan", 12, 3).holder = "w/release";
    wants("apply", 12, 6).holder = "w/release";
    wants("before", 11, 1);
    for (auto& task : tasks) task.held_as = "w/release", task.held_by = "job 'plan' of pipeline 12 of git/shop";
    EXPECT_THAT(placed(), ElementsAre("plan", "apply"));
    EXPECT_EQ(why("before"),
              "waits for serial group 'deploy', held by job 'plan' of pipeline 12 of git/shop; it is next and starts "
              "when that one has ended");
}

TEST_F(TurnsTest, those_behind_a_holder_are_told_in_the_order_in_which_they_run) {
    wants("zeta", 7, 30);  // of the oldest pipeline, though it came later: a rerun
    wants("beta", 10, 22);
    wants("delta", 8, 21);
    wants("alpha", 9, 23);
    wants("till", 3, 20).project = {"till"};  // another project, which has waited longest
    for (auto& task : tasks) task.held_as = "w/release", task.held_by = "job 'x' of pipeline 6 of git/shop";
    EXPECT_THAT(placed(), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("till 0", "zeta 1", "delta 2", "alpha 3", "beta 4"));
    EXPECT_THAT(why("till"), HasSubstr("it is next"));
    EXPECT_THAT(why("zeta"), HasSubstr("; next is job 'till' of pipeline 3"));
}

TEST_F(TurnsTest, the_told_order_is_the_one_in_which_they_get_the_group) {
    int pipeline = 40;
    for (const int since : {9, 2, 7, 7, 1, 5, 8, 3}) {
        wants("job" + std::to_string(pipeline), pipeline, since).project = {since % 3 == 0 ? "shop" : "till"};
        pipeline -= since % 2 == 0 ? 3 : 1;
    }
    tasks[2].holder = tasks[5].holder = "w/release";  // of one job-group: what holds it holds it for both
    std::vector<std::string> told;
    std::vector<std::string> ran;
    for (auto& task : tasks) task.held_as = "other", task.held_by = "job 'other'";
    EXPECT_THAT(placed(), IsEmpty());
    for (const auto& one : plan.waiting) told.push_back(one.attempt.job.text);
    for (auto& task : tasks) task.held_as.clear();
    while (!tasks.empty()) {
        const auto now = placed();
        ASSERT_FALSE(now.empty());
        for (const auto& name : now) {
            ran.push_back(name);
            std::erase_if(tasks, [&](const WantedTask& task) { return task.job_name == name; });
        }
    }
    EXPECT_EQ(ran, told);
}

TEST_F(TurnsTest, a_retry_that_waits_for_its_time_keeps_its_place_in_the_line) {
    wants("second", 2, 2);
    auto& first = wants("first", 1, 1);
    first.attempt.attempt = 2;
    first.ready_at = second(105);
    EXPECT_THAT(placed(100), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("first 0", "second 1"));
    EXPECT_EQ(plan.next_ready, second(105));
    EXPECT_THAT(why("first"), HasSubstr("attempt 2 begins at"));
    EXPECT_THAT(why("second"), HasSubstr("turn of job 'first'"));
}

TEST_F(TurnsTest, the_tasks_of_one_job_go_together) {
    wants("test", 12, 3);
    wants("test", 12, 3).attempt.task = 1;
    EXPECT_EQ(placed().size(), 2u);
}

TEST_F(TurnsTest, groups_of_other_names_and_organizations_do_not_wait_for_each_other) {
    wants("a", 1, 1, "git:deploy");
    wants("b", 1, 2, "git:release");
    wants("c", 1, 3, "gh/acme:deploy");
    EXPECT_THAT(placed(), ElementsAre("a", "b", "c"));
}

TEST_F(TurnsTest, a_job_that_fits_nowhere_keeps_nobody_waiting) {
    wants("huge", 1, 1).need = {64'000, 1024};
    wants("small", 2, 2);
    EXPECT_THAT(placed(), ElementsAre("small"));
    EXPECT_THAT(why("huge"), HasSubstr("choose resource_class 'large'"));
}

TEST_F(TurnsTest, the_first_keeps_its_turn_while_it_waits_for_room) {
    wants("first", 1, 1).need = {8000, 8192};
    wants("second", 2, 2);
    plan = place(tasks, {{.attempt = {{"running"}, 0, 1}, .client = "here", .need = {1000, 1024}}}, clients, second(9));
    EXPECT_THAT(plan.places, IsEmpty());
    EXPECT_THAT(why("first"), HasSubstr("needs 8 CPUs"));
    EXPECT_THAT(why("second"), HasSubstr("turn of job 'first'"));
}

TEST_F(TurnsTest, a_retry_waits_for_its_time_and_says_so) {
    auto& retry = wants("flaky", 1, 1, "");
    retry.attempt.attempt = 2;
    retry.ready_at = second(105);
    EXPECT_THAT(placed(100), IsEmpty());
    EXPECT_EQ(plan.next_ready, second(105));
    EXPECT_THAT(why("flaky"), HasSubstr("attempt 2 begins at 1970-01-01T00:18:25"));
    EXPECT_THAT(placed(105), ElementsAre("flaky"));
    EXPECT_EQ(plan.next_ready, std::nullopt);
}

TEST_F(TurnsTest, a_clock_that_jumped_back_holds_no_retry_up) {
    wants("flaky", 1, 1, "").ready_at = second(3600);
    EXPECT_THAT(placed(100), ElementsAre("flaky"));
}

}  // namespace
}  // namespace gyre::placement

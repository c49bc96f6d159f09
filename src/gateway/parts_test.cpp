#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "adapters/memory/stores.h"
#include "gateway/assignment.h"
#include "gateway/claims.h"
#include "gateway/holders.h"
#include "gateway/leases.h"
#include "gateway/recent_pipelines.h"
#include "gateway/reports.h"
#include "gateway/upstream.h"
#include "model/continuation_key.h"
#include "ports/contract/forwarded_workflow_store.h"

namespace gyre::gateway {
namespace {

using testing::ElementsAre;

TEST(Leases, end_after_their_length_unless_renewed) {
    Leases leases(Duration{10});
    const Leases::Instant start{};
    leases.grant({"a"}, start);
    leases.grant({"b"}, start, Duration{5});
    leases.renew({"unknown"}, start);
    EXPECT_EQ(leases.next_expiry(), start + Duration{10});
    EXPECT_THAT(leases.expired(start + Duration{9}), ElementsAre());
    leases.renew({"b"}, start + Duration{1});  // never shortens
    EXPECT_THAT(leases.expired(start + Duration{10}), ElementsAre(AttemptId{"a"}));
    leases.renew({"a"}, start + Duration{10});
    EXPECT_THAT(leases.expired(start + Duration{15}), ElementsAre(AttemptId{"b"}));
    leases.end({"a"});
    leases.end({"b"});
    EXPECT_EQ(leases.next_expiry(), std::nullopt);
}

TEST(Leases, are_all_prolonged_at_once) {
    Leases leases(Duration{10});
    const Leases::Instant start{};
    leases.grant({"a"}, start);
    leases.grant({"b"}, start, Duration{90});
    leases.grant_all(start + Duration{12}, Duration{5});
    EXPECT_THAT(leases.expired(start + Duration{26}), ElementsAre());
    EXPECT_THAT(leases.expired(start + Duration{27}), ElementsAre(AttemptId{"a"}));
    EXPECT_TRUE(leases.end({"a"}));
    EXPECT_FALSE(leases.end({"a"}));
    EXPECT_EQ(leases.next_expiry(), start + Duration{100});  // never shortened
}

TEST(Holders, let_one_say_that_an_attempt_is_lost) {
    Holders holders(Duration{10});
    const Leases::Instant start{};
    const auto holder = std::make_shared<Holder>();
    holder->attempt = {{"j"}, 0, 1};
    const auto id = holder->attempt.id();
    EXPECT_TRUE(holders.add(holder, start));
    EXPECT_FALSE(holders.add(holder, start));
    EXPECT_EQ(holders.fence(id), holder);
    EXPECT_EQ(holders.fence(id), nullptr);
    EXPECT_EQ(holders.find(id), nullptr);
    EXPECT_EQ(holders.next_expiry(), std::nullopt);
    EXPECT_FALSE(holders.add(holder, start));
    holders.fence_again_later(id, start);
    EXPECT_THAT(holders.expired(start + Duration{10}), ElementsAre(holder));
    EXPECT_EQ(holders.fence(id), holder);
    holders.remove(id);
    holders.fence_again_later(id, start);
    EXPECT_EQ(holders.next_expiry(), std::nullopt);
}

class ClaimsTest : public testing::Test {
protected:
    Claims::TicketHandle join(std::int64_t process) {
        return claims_.join("here", process, [this, process] { woken_.push_back(process); });
    }
    AttemptRef attempt(int task) const { return {{"j"}, task, 1}; }

    Claims claims_;
    std::vector<std::int64_t> woken_;
};

TEST_F(ClaimsTest, calls_the_agent_that_waited_longest) {
    const auto one = join(1);
    const auto two = join(2);
    claims_.offer(attempt(0));
    claims_.offer(attempt(1));
    claims_.offer(attempt(2));
    EXPECT_THAT(woken_, ElementsAre(1, 2));
    EXPECT_EQ(claims_.take(two), attempt(0));
    EXPECT_EQ(claims_.take(one), attempt(1));
    EXPECT_EQ(claims_.offered(), 1);
}

TEST_F(ClaimsTest, calls_the_next_when_one_leaves_without_taking) {
    const auto one = join(1);
    const auto two = join(2);
    claims_.offer(attempt(0));
    claims_.leave(one);
    EXPECT_THAT(woken_, ElementsAre(1, 2));
}

TEST_F(ClaimsTest, lets_a_process_stand_in_line_once) {
    const auto one = join(1);
    const auto again = join(1);
    EXPECT_TRUE(claims_.is_superseded(one));
    claims_.offer(attempt(0));
    EXPECT_EQ(claims_.take(one), std::nullopt);
    EXPECT_EQ(claims_.take(again), attempt(0));
}

TEST_F(ClaimsTest, calls_nobody_for_what_is_put_back_behind_the_others) {
    const auto one = join(1);
    const auto two = join(2);
    claims_.offer(attempt(0));
    EXPECT_EQ(claims_.take(one), attempt(0));
    claims_.put_back(attempt(0));
    claims_.put_back(attempt(0));
    EXPECT_THAT(woken_, ElementsAre(1));
    claims_.offer(attempt(1));
    EXPECT_EQ(claims_.take(two), attempt(0));
    EXPECT_EQ(claims_.take(two), attempt(1));
    EXPECT_EQ(claims_.offered(), 0);
}

TEST_F(ClaimsTest, offers_an_attempt_once) {
    claims_.offer(attempt(0));
    claims_.offer(attempt(0));
    EXPECT_EQ(claims_.offered(), 1);
    claims_.withdraw(attempt(0));
    EXPECT_EQ(claims_.offered(), 0);
}

TEST(StepReports, are_stamped_by_the_server) {
    const auto at = from_millis(1000);
    StepRecord report{.index = 101, .started_at = from_millis(5), .stopped_at = from_millis(6)};
    const auto started = merge_step(std::nullopt, report, 7, at);
    EXPECT_EQ(started.started_at, at);
    EXPECT_EQ(started.stopped_at, std::nullopt);
    EXPECT_EQ(started.output_bytes, 7);
    report.output_bytes = 9;
    report.status = StepStatus::failed;
    const auto ended = merge_step(started, report, 7, from_millis(3000));
    EXPECT_EQ(ended.started_at, at);
    EXPECT_EQ(ended.output_bytes, 9);
    EXPECT_EQ(ended.stopped_at, from_millis(3000));
    EXPECT_EQ(merge_step(ended, report, 7, from_millis(9000)).stopped_at, from_millis(3000));
    report.status = StepStatus::running;
    EXPECT_EQ(merge_step(ended, report, 7, from_millis(9000)), ended);
    report.status = StepStatus::skipped;
    EXPECT_EQ(merge_step(std::nullopt, report, 7, at).started_at, std::nullopt);
}

TEST(StepReports, never_say_that_a_step_ended_before_it_began) {
    StepRecord report{.index = 101};
    const auto started = merge_step(std::nullopt, report, 0, from_millis(90'000'000));
    report.status = StepStatus::success;
    const auto ended = merge_step(started, report, 0, from_millis(1000));  // the clock was set back by a day
    EXPECT_EQ(ended.stopped_at, started.started_at);
}

TEST(StepReports, of_a_step_that_is_over_already_say_when_it_began) {
    StepRecord report{.index = 101, .status = StepStatus::success, .run_time_ms = 400};
    const auto ended = merge_step(std::nullopt, report, 0, from_millis(1000));
    EXPECT_EQ(ended.started_at, from_millis(600));
    EXPECT_EQ(ended.stopped_at, from_millis(1000));
    report.run_time_ms = std::numeric_limits<std::int64_t>::max();
    EXPECT_LT(merge_step(std::nullopt, report, 0, from_millis(1000)).started_at, from_millis(1000));
}

TEST(StepReports, are_cut_at_a_characters_border) {
    std::string text = "aé€";
    cut(text, 5);
    EXPECT_EQ(text, "aé");
    cut(text, 3);
    EXPECT_EQ(text, "aé");
    cut(text, 2);
    EXPECT_EQ(text, "a");
}

TEST(Upstream, follows_requirements_and_kept_results) {
    const auto job = [](std::string id, std::vector<std::size_t> after, std::optional<JobId> kept = {}) {
        return WorkflowJob{.id = {std::move(id)}, .requires_ = std::move(after), .kept_from = std::move(kept)};
    };
    const Workflow third{
        .id = {"w3"},
        .jobs = {job("last", {3, 1}), job("b3", {2}), job("a3", {}, JobId{"a1"}), job("c3", {2}), job("other", {})}};
    const auto jobs = upstream_jobs(third, {"last"});
    ASSERT_TRUE(jobs);
    std::string text;
    for (const auto& [id, after] : *jobs) {
        text += id.text + " after";
        for (const int place : after) text += " " + jobs->at(static_cast<std::size_t>(place)).id.text;
        text += "; ";
    }
    EXPECT_EQ(text, "a1 after; c3 after a1; b3 after a1; ");
    EXPECT_FALSE(upstream_jobs(third, {"nobody"}));
}

// Counts how often a plan was read.
class CountingStore final : public contract::ForwardedWorkflowStore {
public:
    using ForwardedWorkflowStore::ForwardedWorkflowStore;
    Result<Pipeline> load_pipeline(const PipelineId& id) override {
        ++reads;
        return ForwardedWorkflowStore::load_pipeline(id);
    }
    int reads = 0;
};

class Assignments : public testing::Test {
protected:
    wire::Assignment assignment(bool setup, std::vector<Step> steps = {}, const SecretsSource& known = nullptr) {
        Pipeline pipeline{.id = {"pipe"}, .project = {"p"}, .number = 1};
        pipeline.plan.jobs = {
            JobSpec{.name = "choose", .executor = DockerExecutor{containers}, .steps = std::move(steps)}};
        pipeline.plan.setup = setup;
        pipeline.trigger.fork = fork;
        Workflow workflow{.id = {"w"}, .pipeline = pipeline.id, .project = {"p"}, .workspace = {"w"}};
        workflow.started_by = "ann";
        workflow.jobs = {WorkflowJob{.id = {"j"}, .name = "choose", .number = 1, .spec = 0}};
        workflow.jobs[0].tasks = {Task{}};
        Commit commit{.event = {"e"}, .pipeline = pipeline};
        commit.workflows.push_back(workflow);
        (void)stores.project_store().add({.id = {"p"}, .slug = "git/demo", .remote = "/srv/demo.git"});
        EXPECT_TRUE(stores.workflow_store().commit(commit).ok());
        const auto source = assignment_source(
            counting, stores.project_store(), [] { return "http://ci.test"; }, "secret", known);
        (void)source({{"j"}, 0, 1});
        return source({{"j"}, 0, 1}).value();
    }
    std::vector<ContainerSpec> containers;
    std::string fork;
    memory::MemoryStores stores;
    CountingStore counting{stores.workflow_store()};
};

TEST_F(Assignments, are_trusted_where_the_commits_are_the_projects_own) { EXPECT_TRUE(assignment(false).trusted); }

TEST_F(Assignments, are_not_trusted_where_the_commits_are_a_forks) {
    fork = "gh/stranger/demo";
    EXPECT_FALSE(assignment(false).trusted);
}

TEST_F(Assignments, of_one_pipeline_read_its_plan_once) {
    (void)assignment(false);
    EXPECT_EQ(counting.reads, 1);
}

TEST_F(Assignments, of_setup_workflows_hold_the_key_to_continue_as_a_secret) {
    const auto given = assignment(true).secrets;
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].name, "CIRCLE_CONTINUATION_KEY");
    EXPECT_EQ(given[0].value, continuation_key("secret", {"pipe"}));
}

TEST_F(Assignments, of_other_workflows_hold_none) { EXPECT_TRUE(assignment(false).secrets.empty()); }

TEST_F(Assignments, hold_ssh_keys_where_a_step_adds_them) {
    const SecretsSource known = [](auto&&...) { return JobSecrets{{}, {{.private_key = "a key"}}}; };
    const auto given = assignment(false, {RunStep{}, AddSshKeysStep{}}, known);
    ASSERT_EQ(given.ssh_keys.size(), 1U);
    EXPECT_EQ(given.ssh_keys.front().private_key, "a key");
}

TEST_F(Assignments, of_jobs_that_add_none_do_not_ask_for_ssh_keys_so_that_one_that_cannot_be_read_stops_none) {
    const SecretsSource known = [](const auto&, const auto&, const WantedSecrets& wanted) -> Result<JobSecrets> {
        if (wanted.ssh_keys) return unavailable("a key cannot be opened");
        return JobSecrets{{{"TOKEN", "hunter2"}}};
    };
    const auto given = assignment(false, {RunStep{}}, known);
    EXPECT_TRUE(given.ssh_keys.empty());
    EXPECT_EQ(given.secrets.size(), 1U);
}

TEST_F(Assignments, hold_the_checkout_key_where_a_step_checks_out_over_ssh) {
    const SecretsSource known = [](const auto&, const auto&, const WantedSecrets& wanted) -> Result<JobSecrets> {
        JobSecrets secrets;
        if (wanted.checkout_key) secrets.checkout_key = wire::CheckoutKey{"a key", true};
        return secrets;
    };
    EXPECT_FALSE(assignment(false, {CheckoutStep{}}, known).checkout_key) << "of a directory";
    ASSERT_TRUE(stores.project_store().change({"p"}, {.remote = "git@host:demo.git"}).ok());
    const auto given = assignment(false, {CheckoutStep{}}, known);
    ASSERT_TRUE(given.checkout_key);
    EXPECT_EQ(given.checkout_key->private_key, "a key");
}

TEST_F(Assignments, of_jobs_that_check_out_nothing_do_not_ask_for_the_checkout_key) {
    const SecretsSource known = [](const auto&, const auto&, const WantedSecrets& wanted) -> Result<JobSecrets> {
        if (wanted.checkout_key) return unavailable("a key cannot be opened");
        return JobSecrets{};
    };
    (void)assignment(false, {RunStep{}}, known);
    ASSERT_TRUE(stores.project_store().change({"p"}, {.remote = "git@host:demo.git"}).ok());
    EXPECT_FALSE(assignment(false, {RunStep{}}, known).checkout_key);
}

TEST_F(Assignments, hold_logins_to_the_registries_of_images_without_credentials_of_their_own) {
    std::vector<std::string> asked;
    const SecretsSource known = [&](const auto&, const auto&, const WantedSecrets& wanted) -> Result<JobSecrets> {
        asked = wanted.registries;
        JobSecrets secrets;
        secrets.registry_logins = {{"ghcr.io", "robot", "p$w"}};
        return secrets;
    };
    containers = {{.image = "ghcr.io/acme/app:1"},
                  {.image = "alpine"},
                  {.image = "GHCR.io/acme/db:1"},
                  {.image = "docker.io/library/redis:7"},
                  {.image = "quay.io/acme/own:1", .auth = RegistryAuth{"me", "$PW"}},
                  {.image = "no reference"}};
    const auto given = assignment(false, {RunStep{}}, known);
    EXPECT_EQ(asked, (std::vector<std::string>{"docker.io", "ghcr.io"}));
    ASSERT_EQ(given.registry_logins.size(), 1U);
    EXPECT_EQ(given.registry_logins.front().password, "p$w");
    EXPECT_TRUE(given.secrets.empty()) << "it is no variable";
}

TEST_F(Assignments, say_whose_they_are_to_what_vouches_for_jobs) {
    WantedSecrets asked;
    const SecretsSource known = [&](const auto&, const auto&, const WantedSecrets& wanted) -> Result<JobSecrets> {
        asked = wanted;
        return JobSecrets{};
    };
    const auto given = assignment(false, {RunStep{}}, known);
    EXPECT_EQ(asked.job, given.attempt.job);
    EXPECT_EQ(asked.pipeline.text, "pipe");
    EXPECT_EQ(asked.workflow.text, "w");
    EXPECT_EQ(asked.person, "ann");
    EXPECT_FALSE(asked.ssh);
}

class Recent : public testing::Test {
protected:
    void store(const std::string& id, int jobs) {
        Commit commit{.event = {id + std::to_string(jobs)}};
        commit.pipeline = Pipeline{.id = {id}, .project = {id}, .number = 1};
        commit.pipeline->plan.jobs.resize(static_cast<std::size_t>(jobs));
        ASSERT_TRUE(stores.workflow_store().commit(commit).ok());
    }
    int jobs_of(const std::string& id, std::size_t wanted) {
        const auto found = pipelines.find({id}, wanted);
        return found ? static_cast<int>((*found)->plan.jobs.size()) : -1;
    }
    memory::MemoryStores stores;
    CountingStore counting{stores.workflow_store()};
    RecentPipelines pipelines{counting};
};

TEST_F(Recent, pipelines_are_read_once) {
    store("a", 2);
    for (const std::size_t wanted : {1U, 2U, 1U}) EXPECT_EQ(jobs_of("a", wanted), 2);
    EXPECT_EQ(counting.reads, 1);
    EXPECT_EQ(jobs_of("a", 3), 2) << "of what the store does not have either it is no error here";
    EXPECT_EQ(counting.reads, 2);
}

TEST_F(Recent, pipelines_are_read_again_when_they_were_continued) {
    store("a", 1);
    EXPECT_EQ(jobs_of("a", 1), 1);
    store("a", 5);
    EXPECT_EQ(jobs_of("a", 1), 1) << "what was there did not change";
    EXPECT_EQ(jobs_of("a", 4), 5);
    EXPECT_EQ(jobs_of("a", 5), 5);
    EXPECT_EQ(counting.reads, 2);
}

TEST_F(Recent, pipelines_are_few) {
    for (const char* id : {"a", "b", "c", "d", "e"}) {
        store(id, 1);
        EXPECT_EQ(jobs_of(id, 1), 1);
    }
    EXPECT_EQ(jobs_of("e", 1), 1);
    EXPECT_EQ(counting.reads, 5);
    EXPECT_EQ(jobs_of("a", 1), 1);
    EXPECT_EQ(counting.reads, 6);
    EXPECT_EQ(jobs_of("nothing", 1), -1);
}

}  // namespace
}  // namespace gyre::gateway

// kill -9 of an agent: the job gets a new numbered attempt, the lost one is marked as our failure, and nothing of it
// stays on the machine.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "drill.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

class KillAgent : public Drill {
protected:
    // The agents with a job; all agents while none has one yet.
    static std::vector<pid_t> agents_at_work() {
        const auto running = descendants();
        std::set<pid_t> parents;
        for (const auto& process : running) parents.insert(process.parent);
        std::vector<pid_t> all;
        std::vector<pid_t> working;
        for (const auto& process : running) {
            if (process.program != "gyre-agent") continue;
            all.push_back(process.id);
            if (parents.contains(process.id)) working.push_back(process.id);
        }
        return working.empty() ? all : working;
    }

    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        const auto victims = agents_at_work();
        for (const pid_t agent : victims) ::kill(agent, SIGKILL);
        if (is_at_a_gate(choice.moment)) {
            EXPECT_THAT(victims, testing::SizeIs(3));
        }
        go_on(pipeline);
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(digests(pipeline), undisturbed());
        if (is_at_a_gate(choice.moment)) {
            expect_second_attempt(pipeline.attempts("talk"));
            for (const int copy : {0, 1}) expect_second_attempt(pipeline.attempts("crowd", copy));
            expect_usage_of_the_second_attempt(pipeline, "talk");
        }
        expect_all_steps_ended(pipeline);
        // What the last agents of a pipeline left is swept when the next one starts.
        if (choice.moment > Moment::third_part) go_on(trigger());
        expect_nothing_left(pipeline);
    }

    // The lost one took with it what it had counted.
    void expect_usage_of_the_second_attempt(const Pipeline& pipeline, const std::string& job) {
        const auto number = std::to_string(number_at(pipeline.job(job), "job_number"));
        const auto usage = server().get("/api/v2/gyre/project/git%2Fapp/job/" + number + "/usage");
        const auto items = at(usage, "items");
        ASSERT_TRUE(items.is_array() && items.get_array().size() == 1) << json::serialize(usage);
        EXPECT_EQ(number_at(items.get_array().front(), "attempt"), 2);
    }

    static void expect_second_attempt(const std::vector<json::value>& attempts) {
        ASSERT_EQ(attempts.size(), 2U);
        EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "infrastructure_failed") << json::serialize(attempts[0]);
        EXPECT_EQ(number_at(attempts[1], "number"), 2);
        EXPECT_EQ(text_at(attempts[1], "outcome.kind"), "succeeded") << json::serialize(attempts[1]);
    }
};

TEST_F(KillAgent, its_job_gets_a_new_attempt_and_nothing_of_the_old_one_stays) { run_rounds(); }

TEST_F(KillAgent, of_a_job_without_isolation_leaves_nothing_either) {
    user = ordinary_user();
    sandbox = "none";
    run_rounds();
}

}  // namespace
}  // namespace gyre::test

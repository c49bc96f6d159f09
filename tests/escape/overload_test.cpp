// Jobs that take all they can get: processes, memory, descriptors, files, or everybody's life. Under each executor they
// fail by name or go on, are tried once (an agent whose heartbeat is late loses its attempt), and the job beside them
// does not notice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "escape/executor.h"
#include "support/eventually.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;

class Overload : public UnderExecutor {
protected:
    static std::string greedy(const std::string& name, const std::string& command) {
        return job(name, {"- run: {name: Work, command: '" + command + "'}",
                          "- run: {name: After, when: always, command: echo still here}"});
    }
    // Sleeps until it is told to end, and did not end before.
    static std::string neighbour() {
        return job("neighbour", {"- run: {name: Work, command: sleep 4567 || echo unharmed}"});
    }
    static std::vector<pid_t> sleepers() {
        std::vector<pid_t> found;
        for (const auto& process : descendants()) {
            if (process.command_line == "sleep 4567 ") found.push_back(process.id);
        }
        return found;
    }
    std::string reason(const std::string& job) {
        const auto attempts = newest().attempts(job);
        EXPECT_EQ(attempts.size(), 1U) << job << " was tried again";
        return attempts.empty() ? "" : text_at(attempts.back(), "outcome.reason");
    }
};

TEST_P(Overload, is_the_jobs_own_failure_and_no_others) {
    if (IsSkipped()) return;
    config(workflow(neighbour() + greedy("forks", "./escape forks 6000") + greedy("memory", "./escape memory 3000") +
                    greedy("descriptors", "./escape descriptors 3000000") +
                    greedy("files", "mkdir many && cd many && ../escape files 20000") +
                    greedy("deaths", "sleep 1000 & kill -9 -1; echo it lives")));
    push("greed");
    for (const char* job : {"forks", "memory", "descriptors", "files", "deaths"}) {
        eventually(
            std::string(job) + " is over",
            [&] {
                const std::string status = text_at(newest().job(job), "status");
                return status == "failed" || status == "success" || status == "infrastructure_fail";
            },
            std::chrono::seconds(120));
    }
    eventually("the neighbour sleeps", [] { return !sleepers().empty(); });
    for (const pid_t process : sleepers()) ::kill(process, SIGTERM);
    newest().wait();
    expect_job("neighbour").succeeded().printed("unharmed");
    EXPECT_EQ(reason("neighbour"), "");
    expect_job("forks").failed().printed("forks, then: ");
    if (newest().outputs("forks").find("Not limited here") == std::string::npos) {
        EXPECT_THAT(reason("forks"), HasSubstr("the limit of 4096 processes was reached"));
        expect_job("memory").failed();
        EXPECT_THAT(reason("memory"), HasSubstr("out of memory: the limit of 2048 MB was reached"));
    }
    expect_job("descriptors").failed().printed("descriptors, then: Too many open files");
    expect_job("files").succeeded().printed("took all 20000 files");
    expect_job("deaths").succeeded().printed("it lives");
    for (const char* job : {"forks", "memory", "descriptors", "files", "deaths"}) expect_job(job).printed("still here");
    end_registry();
    if (!has_engine()) expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Jobs, Overload, testing::ValuesIn(executors),
                         [](const auto& executor) { return std::string(executor.param); });

}  // namespace
}  // namespace gyre::test

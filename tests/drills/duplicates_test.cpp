// Every call of a hook and of an agent comes two to five times, side by side or much later: what is stored is what one
// delivery of each leaves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <regex>

#include "drill.h"
#include "support/canonical_state.h"
#include "support/eventually.h"
#include "support/gyre_doctor.h"
#include "support/leftovers.h"
#include "support/repeater.h"
#include "support/repository.h"

namespace gyre::test {
namespace {

constexpr const char* everything_an_agent_does = R"(version: 2.1
jobs:
  make:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - checkout
      - restore_cache: {keys: [stuff-v1]}
      - run: {name: Talk, command: "for line in $(seq 2000); do echo line $line; done"}
      - run: {name: Make, command: "mkdir -p stuff results; seq 100000 > stuff/numbers; echo kept > kept.txt"}
      - run:
          name: Test
          command: |
            echo '<testsuite name="s"><testcase classname="c" name="n" time="0.5"/>' > results/junit.xml
            echo '<testcase classname="c" name="m"><failure>no</failure></testcase></testsuite>' >> results/junit.xml
      - save_cache: {key: stuff-v1, paths: [stuff]}
      - persist_to_workspace: {root: ., paths: [kept.txt, stuff]}
      - store_artifacts: {path: stuff, destination: numbers}
      - store_artifacts: {path: kept.txt}
      - store_test_results: {path: results}
  use:
    docker: [{image: debian:12}]
    resource_class: small
    parallelism: 2
    steps:
      - attach_workspace: {at: .}
      - run: {name: Use, command: "cat kept.txt; wc -l stuff/numbers; echo task $CIRCLE_NODE_INDEX"}
  fail:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: {name: Fail, command: "echo on our way; exit 3"}
      - run: {name: Tell, when: on_fail, command: echo it failed}
workflows:
  good:
    when: {equal: [main, << pipeline.git.branch >>]}
    jobs: [make, {use: {requires: [make]}}]
  bad:
    when: {equal: [main, << pipeline.git.branch >>]}
    jobs: [fail, {use: {requires: [fail]}}]
)";

// A server whose callers all come by a repeater, and what a team does with it.
class World {
public:
    explicit World(unsigned seed)
        : directory_(make_directory_for(current_user())),
          repository_(directory_, current_user()),
          server_(directory_,
                  {.flags = {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768", "--warm-agents", "0"}}) {
        server_.start();
        agents_ = std::make_unique<Repeater>(server_.data() + "/agents.sock", seed);
        hooks_ = std::make_unique<Repeater>(server_.url(), seed);
        expect_done(server_.gyre({"project", "add", slug, repository_.bare(), "--no-poll"}));
        // A new token ends the one before, as it should: this is no call to be repeated.
        expect_done(server_.gyre({"project", "hook", slug, repository_.bare(), "--server", hooks_->address()}));
    }
    ~World() {
        agents_.reset();
        hooks_.reset();
        std::error_code failed;
        if (!testing::Test::HasFailure()) std::filesystem::remove_all(directory_, failed);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void repeat() {
        agents_->repeat();
        hooks_->repeat();
    }

    void live_a_day() {
        repository_.write(".circleci/config.yml", everything_an_agent_does);
        push("first");
        repository_.write("file.txt", "changed\n");
        push("second");  // finds the cache
        push("third", "side");
        repository_.git({"push", "-q", "origin", ":side"});
        repository_.git({"tag", "v1"});
        repository_.git({"push", "-q", "origin", "v1"});
        wait_until_all_is_over();
        copies = agents_->copies() + hooks_->copies();
        agents_->send_the_rest();
        hooks_->send_the_rest();
        wait_until_all_is_over();
        note_outputs();
        EXPECT_EQ(server_.stop(), 0);
        EXPECT_THAT(doctors_findings(server_), testing::IsEmpty());
    }

    CanonicalState state() const {
        const auto port = server_.url().substr(server_.url().rfind(':') + 1);
        return canonical_state(server_.data(),
                               {
                                   "servers",  // who was there when
                                   "caches.size", "caches.blob", "workspace_layers.size",
                                   "workspace_layers.blob",                  // packed with the times of files
                                   "manifests.body", "manifest_trees.blob",  // name these
                                   "usages.body",                            // measured
                                   "tokens.sha256", "hook_tokens.sha256", "installation.secrets_key"  // random
                               },
                               {{directory_, "DIRECTORY"},
                                {":" + port, ":PORT"},
                                // A look at the remote, for which a push is the occasion, may see the next one first.
                                {R"("actor":"poll")", R"("actor":"hook")"}});
    }

    std::map<std::string, std::string> outputs;  // by job, task, attempt and step
    int copies = 0;

private:
    static constexpr const char* slug = "git/app";

    static void expect_done(const Finished& finished) {
        if (finished.exit_code != 0) throw std::runtime_error(finished.out + finished.err);
    }
    std::vector<Pipeline> pipelines() const {
        std::vector<Pipeline> all;
        const json::value items = at(server_.get("/api/v2/project/git%2Fapp/pipeline?limit=100"), "items");
        for (const auto& one : items.as_array()) all.emplace_back(server_, text_at(one, "id"));
        return all;
    }
    void push(const std::string& message, const std::string& branch = "main") {
        repository_.push(message, branch);
        wait_until_all_is_over();  // so that numbers of builds come in one order
    }
    void wait_until_all_is_over() const {
        for (const auto& one : pipelines()) {
            if (!one.workflows().empty()) one.wait();  // those of other branches and tags have none
        }
    }
    void note_outputs() {
        for (const auto& pipeline : pipelines()) {
            for (const auto& workflow : pipeline.workflows()) {
                const json::value jobs =
                    at(server_.get("/api/v2/workflow/" + text_at(workflow, "id") + "/job"), "items");
                for (const auto& job : jobs.as_array()) note_output(number_at(job, "job_number"));
            }
        }
    }
    // Directories, user ids, revisions, times.
    static bool speaks_of_this_world(const std::string& step) {
        return step == "Spin up environment" || step == "Checkout code" || step == "Restoring Cache";
    }
    void note_output(std::int64_t number) {
        if (number == 0) return;
        const std::string name = "/api/v2/gyre/project/git%2Fapp/job/" + std::to_string(number);
        const json::value tasks = server_.get(name + "/tasks");
        for (const auto& task : tasks.at("tasks").as_array()) {
            for (const auto& attempt : task.at("attempts").as_array()) {
                for (const auto& step : attempt.at("steps").as_array()) {
                    if (speaks_of_this_world(text_at(step, "name"))) continue;  // its length is compared
                    const std::string index = std::to_string(number_at(step, "index"));
                    const auto answer =
                        server_.call({.target = "/api/v2/gyre/output/" + text_at(attempt, "id") + "/" + index});
                    const std::string place = std::to_string(number) + "/" + std::to_string(number_at(task, "index")) +
                                              "/" + std::to_string(number_at(attempt, "number")) + "/" + index;
                    static const std::regex sizes("\\([0-9.]+ k?B\\)");  // packed with the times of files
                    outputs[place + " " + text_at(step, "name")] = std::regex_replace(answer.body, sizes, "(SIZE)");
                }
            }
        }
    }

    std::string directory_;
    Repository repository_;
    Server server_;
    std::unique_ptr<Repeater> agents_;
    std::unique_ptr<Repeater> hooks_;
};

TEST(Duplicates, leave_what_one_delivery_leaves) {
    adopt_orphans();
    World single(0);
    single.live_a_day();
    const CanonicalState expected = single.state();
    ASSERT_FALSE(expected.levels.at(0).at("artifacts").empty());
    ASSERT_FALSE(expected.levels.at(0).at("tests").empty());
    const unsigned first = first_seed();
    const unsigned count = rounds_wanted(1, 1);
    for (unsigned seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("repeat by GYRE_DRILL_SEED=" + std::to_string(seed) + " GYRE_DRILL_ROUNDS=1");
        World repeated(seed);
        repeated.repeat();
        repeated.live_a_day();
        EXPECT_EQ(repeated.outputs, single.outputs);
        EXPECT_EQ(difference(expected, repeated.state()), "");
        EXPECT_GT(repeated.copies, 100);
        std::printf("seed %u: %d copies\n", seed, repeated.copies);  // read by tools/drills.py
    }
    kill_descendants();
}

}  // namespace
}  // namespace gyre::test

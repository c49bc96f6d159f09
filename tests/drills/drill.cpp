#include "drill.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/digest.h"
#include "support/eventually.h"

namespace gyre::test {
namespace {

constexpr int parts = 3;

unsigned number_from_environment(const char* name, unsigned fallback) {
    const char* text = std::getenv(name);
    return text ? static_cast<unsigned>(std::atoi(text)) : fallback;
}

std::string talk_through(const Gate& gate) {
    std::string talk;
    for (int part = 1; part <= parts; ++part) {
        const std::string name = std::to_string(part);
        talk += "            for line in $(seq 300); do echo \"part " + name + " line $line\"; done\n            " +
                gate.command("part-" + name) + "\n";
    }
    return talk;
}

std::string config_through(const Gate& gate, const Gate& crowds) {
    return R"(version: 2.1
jobs:
  talk:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - checkout
      - run: {name: Begin, command: echo begin; wc -l < .circleci/config.yml}
      - run:
          name: Talk
          command: |
)" + talk_through(gate) +
           R"(            echo last word
      - run: {name: Fill, command: head -c 8000000 /dev/urandom > filling}
      - save_cache: {key: "filling-{{ .BuildNum }}", paths: [filling]}
      - run: {name: Keep, command: echo kept > kept.txt}
      - persist_to_workspace: {root: ., paths: [kept.txt, filling]}
      - run: {name: End, command: echo end}
  crowd:
    docker: [{image: debian:12}]
    resource_class: small
    parallelism: 2
    steps:
      - run:
          name: Count
          command: |
            for line in $(seq 300); do echo "copy $CIRCLE_NODE_INDEX line $line"; done
            )" +
           crowds.command("copy") + R"(
            echo counted
  hear:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - attach_workspace: {at: .}
      - run: {name: Hear, command: cat kept.txt}
workflows:
  all:
    jobs: [talk, crowd, {hear: {requires: [talk]}}]
)";
}

}  // namespace

unsigned rounds_wanted(unsigned otherwise, unsigned phases) {
    const unsigned times = number_from_environment("GYRE_DRILL_TIMES", 0);
    if (times > 0) otherwise = times * phases - (first_seed() - 1);
    const unsigned rounds = number_from_environment("GYRE_DRILL_ROUNDS", otherwise);
    std::printf("%u rounds from seed %u\n", rounds, first_seed());  // read by tools/drills.py, as each round's line
    return rounds;
}

unsigned first_seed() { return number_from_environment("GYRE_DRILL_SEED", 1); }

void Drill::start_server() {
    // Whatever the machine has: these jobs need little. Agents are started when there is work, not before.
    flags.insert(flags.end(), {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768", "--warm-agents", "0"});
    flags.insert(flags.end(), {"--seal-every-seconds", "1"});  // what is hit may be that
    start({.user = user, .flags = flags, .sandbox = sandbox, .environment = environment});
}

void Drill::prepare() {
    start_server();
    server_started();
    config(config_through(gate_, crowds_));
    const Pipeline first = push("drill");
    go_on(first);
    ASSERT_EQ(first.status(), "success");
    undisturbed_ = digests(first);
    ASSERT_EQ(undisturbed_.size(), 7U);
    ASSERT_NE(undisturbed_.at("talk/Talk"), sha256_hex(""));
}

void Drill::run_rounds(unsigned rounds, unsigned phases) {
    ASSERT_NO_FATAL_FAILURE(prepare());
    const unsigned first = first_seed();
    const unsigned count = rounds_wanted(rounds, phases);
    for (unsigned seed = first; seed < first + count && !HasFailure(); ++seed) try_round(seed);
}

void Drill::try_round(unsigned seed) {
    std::mt19937 random(seed);
    const Choice choice{static_cast<Moment>(seed % moments), random() % 2 == 0, seed};
    const auto began = std::chrono::steady_clock::now();
    SCOPED_TRACE("repeat by GYRE_DRILL_SEED=" + std::to_string(seed) + " GYRE_DRILL_ROUNDS=1");
    try {
        round(choice);
    } catch (const std::exception& failed) {
        ADD_FAILURE() << failed.what();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("seed %u: moment %d%s, %.2f s\n", seed, static_cast<int>(choice.moment),
                choice.goes_on_meanwhile ? ", goes on meanwhile" : "", took.count());
}

Pipeline Drill::trigger() {
    visits.clear();
    return Pipeline(server(), text_at(server().post("/api/v2/project/git%2Fapp/pipeline"), "id"));
}

void Drill::pass() {
    ++visits[gate_.wait()];
    gate_.open();
}

bool Drill::is_at_a_gate(Moment moment) const {
    return moment == Moment::first_part || moment == Moment::second_part || moment == Moment::third_part;
}

void Drill::wait_for_step(const Pipeline& pipeline, const std::string& step, bool ended) {
    eventually("step " + step + " of the job is seen", [&] {
        for (const auto& attempt : pipeline.attempts("talk")) {
            const auto steps = at(attempt, "steps");
            for (const auto& one : steps.is_array() ? steps.get_array() : json::array{}) {
                if (text_at(one, "name").starts_with(step)) return !ended || text_at(one, "status") != "running";
            }
        }
        return false;
    });
}

void Drill::go_to(const Pipeline& pipeline, Moment moment) {
    if (moment == Moment::triggered) return;
    if (moment == Moment::prepare) return wait_for_step(pipeline, "Spin up environment");
    if (moment == Moment::checkout) return wait_for_step(pipeline, "Checkout code");
    const int passed = is_at_a_gate(moment) ? static_cast<int>(moment) - static_cast<int>(Moment::first_part) : parts;
    for (int part = 0; part < passed; ++part) pass();
    if (is_at_a_gate(moment)) {
        ++visits[gate_.wait()];
        for (int copy = 0; copy < 2; ++copy) crowds_.wait();
    }
    if (moment == Moment::between_steps) wait_for_step(pipeline, "Fill");
    if (moment == Moment::save_cache) wait_for_step(pipeline, "Saving Cache");
    if (moment == Moment::persist) wait_for_step(pipeline, "Persisting to Workspace");
    if (moment == Moment::last_step) wait_for_step(pipeline, "End", true);
    if (moment == Moment::second_job) pipeline.wait_for("talk", "success");
    if (moment == Moment::teardown) {
        crowds_.wait();
        crowds_.open();
        pipeline.wait_for("hear", "success");
    }
}

void Drill::go_on(const Pipeline& pipeline, std::chrono::seconds patience) {
    gate_.open();
    crowds_.open();
    const auto is_over = [&] {
        if (gate_.somebody_waits()) pass();
        if (crowds_.somebody_waits()) {
            crowds_.wait();
            crowds_.open();
        }
        const std::string status = pipeline.status();
        return !status.empty() && status != "running" && status != "failing";
    };
    eventually("pipeline " + pipeline.id() + " is over", is_over, patience);
}

void Drill::expect_undisturbed(const Pipeline& pipeline) {
    EXPECT_EQ(pipeline.status(), "success");
    EXPECT_EQ(visits, (std::map<std::string, int>{{"part-1", 1}, {"part-2", 1}, {"part-3", 1}}));
    EXPECT_EQ(digests(pipeline), undisturbed());
}

void Drill::expect_one_attempt_each(const Pipeline& pipeline) {
    for (const auto& [job, task] : {std::pair("talk", 0), {"crowd", 0}, {"crowd", 1}, {"hear", 0}}) {
        const auto attempts = pipeline.attempts(job, task);
        ASSERT_EQ(attempts.size(), 1U) << job;
        EXPECT_EQ(text_at(attempts[0], "outcome.kind"), "succeeded") << json::serialize(attempts[0]);
    }
}

void Drill::expect_all_steps_ended(const Pipeline& pipeline) {
    for (const auto& attempt : pipeline.attempts("talk")) {
        const auto steps = at(attempt, "steps");
        for (const auto& step : steps.is_array() ? steps.get_array() : json::array{})
            EXPECT_NE(text_at(step, "status"), "running") << json::serialize(attempt);
    }
}

std::map<std::string, std::string> Drill::digests(const Pipeline& pipeline) {
    std::map<std::string, std::string> result;
    const std::pair<const char*, const char*> steps[] = {
        {"talk", "Begin"}, {"talk", "Talk"}, {"talk", "Keep"}, {"talk", "End"}, {"hear", "Hear"}};
    for (const auto& [job, step] : steps)
        result[std::string(job) + "/" + step] = sha256_hex(pipeline.output(job, step));
    for (const int copy : {0, 1})
        result["crowd/" + std::to_string(copy)] = sha256_hex(pipeline.output("crowd", "Count", copy));
    return result;
}

}  // namespace gyre::test

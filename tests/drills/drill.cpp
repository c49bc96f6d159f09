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

int number_from_environment(const char* name, int fallback) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : fallback;
}

std::string config_through(const Gate& gate) {
    std::string talk;
    for (int part = 1; part <= parts; ++part) {
        const std::string name = std::to_string(part);
        talk += "            for line in $(seq 300); do echo \"part " + name + " line $line\"; done\n            " +
                gate.command("part-" + name) + "\n";
    }
    return "version: 2\n"
           "jobs:\n"
           "  talk:\n"
           "    docker: [{image: debian:12}]\n"
           "    resource_class: small\n"
           "    steps:\n"
           "      - run: {name: Begin, command: echo begin}\n"
           "      - run:\n"
           "          name: Talk\n"
           "          command: |\n" +
           talk +
           "            echo last word\n"
           "      - run: {name: Keep, command: echo kept > kept.txt}\n"
           "      - persist_to_workspace: {root: ., paths: [kept.txt]}\n"
           "  hear:\n"
           "    docker: [{image: debian:12}]\n"
           "    resource_class: small\n"
           "    steps:\n"
           "      - attach_workspace: {at: .}\n"
           "      - run: {name: Hear, command: cat kept.txt}\n"
           "workflows:\n"
           "  version: 2\n"
           "  both:\n"
           "    jobs: [talk, {hear: {requires: [talk]}}]\n";
}

}  // namespace

void Drill::prepare() {
    start();
    config(config_through(gate_));
    const Pipeline first = push("drill");
    go_on(first);
    ASSERT_EQ(first.status(), "success");
    undisturbed_ = digests(first);
    ASSERT_EQ(undisturbed_.size(), 4U);
    ASSERT_NE(undisturbed_.at("talk/Talk"), sha256_hex(""));
}

void Drill::run_rounds() {
    ASSERT_NO_FATAL_FAILURE(prepare());
    const auto first = static_cast<unsigned>(number_from_environment("GYRE_DRILL_SEED", 1));
    const auto count = static_cast<unsigned>(number_from_environment("GYRE_DRILL_ROUNDS", 20));
    for (unsigned seed = first; seed < first + count && !HasFailure(); ++seed) try_round(seed);
}

void Drill::try_round(unsigned seed) {
    std::mt19937 random(seed);
    const Choice choice{static_cast<Moment>(random() % 6), random() % 2 == 0};
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

void Drill::go_to(const Pipeline& pipeline, Moment moment) {
    if (moment == Moment::triggered) return;
    const int passed = is_at_a_gate(moment) ? static_cast<int>(moment) - static_cast<int>(Moment::first_part) : parts;
    for (int part = 0; part < passed; ++part) pass();
    if (is_at_a_gate(moment)) ++visits[gate_.wait()];
    if (moment == Moment::second_job) pipeline.wait_for("talk", "success");
}

void Drill::go_on(const Pipeline& pipeline) {
    gate_.open();
    eventually("pipeline " + pipeline.id() + " is over", [&] {
        if (gate_.somebody_waits()) pass();
        const std::string status = pipeline.status();
        return !status.empty() && status != "running" && status != "failing";
    });
}

std::map<std::string, std::string> Drill::digests(const Pipeline& pipeline) {
    std::map<std::string, std::string> result;
    const std::pair<const char*, const char*> steps[] = {
        {"talk", "Begin"}, {"talk", "Talk"}, {"talk", "Keep"}, {"hear", "Hear"}};
    for (const auto& [job, step] : steps)
        result[std::string(job) + "/" + step] = sha256_hex(pipeline.output(job, step));
    return result;
}

}  // namespace gyre::test

// Upgrades and downgrades under running jobs, between this version and a next one that has one more migration and
// speaks another version of the agent protocol: no job is lost, no step runs twice. An agent of the wrong version gets
// no work, and hears why.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "drill.h"
#include "support/eventually.h"
#include "support/gyre_doctor.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

std::string next_directory() {
    const char* named = std::getenv("GYRE_NEXT_BIN_DIR");
    return named ? named : GYRE_NEXT_BIN_DIR;
}

class Versions : public Drill {
protected:
    void expect_undisturbed(const Pipeline& pipeline) {
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(visits, (std::map<std::string, int>{{"part-1", 1}, {"part-2", 1}, {"part-3", 1}}));
        EXPECT_EQ(digests(pipeline), undisturbed());
        EXPECT_THAT(pipeline.attempts("talk"), testing::SizeIs(1));
        for (const int copy : {0, 1}) EXPECT_THAT(pipeline.attempts("crowd", copy), testing::SizeIs(1));
        EXPECT_THAT(pipeline.attempts("hear"), testing::SizeIs(1));
    }
    std::string migrate(std::vector<std::string> words) {
        words.insert(words.begin(), {"database", "migrate", "--data-dir", server().data()});
        const Finished finished = server().gyre(std::move(words));
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        return finished.out;
    }
    // "... is number 9 already"
    static std::string step_in(const std::string& said) {
        const auto begin = said.find("number ") + 7;
        return said.substr(begin, said.find(' ', begin) - begin);
    }
};

class Upgrade : public Versions {
protected:
    void server_started() override {
        server().stop();
        step_ = step_in(migrate({}));
        server().start();
    }
    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        // Each direction meets each moment, in rounds enough.
        const auto moment = static_cast<Moment>((choice.seed + choice.seed / moments) % moments);
        go_to(pipeline, moment);
        if (choice.goes_on_meanwhile) {
            server().kill();
            if (is_at_a_gate(moment)) gate().open();
        } else {
            EXPECT_EQ(server().stop(), 0);
        }
        is_next_ = !is_next_;
        if (!is_next_) migrate({"--to", step_, "--yes"});
        server().use_programs(is_next_ ? next_directory() : bin_directory());
        server().start();
        EXPECT_EQ(server().gyre({"--version"}).out.find("next") != std::string::npos, is_next_);
        go_on(pipeline);
        expect_undisturbed(pipeline);
    }

    std::string step_;
    bool is_next_ = false;
};

TEST_F(Upgrade, and_back_costs_no_job) {
    run_rounds(4, 2 * moments);
    EXPECT_EQ(server().stop(), 0);
    EXPECT_THAT(doctors_findings(server()), testing::IsEmpty());
}

TEST_F(Upgrade, cannot_be_taken_back_without_the_database) {
    start({.flags = {"--warm-agents", "0"}});
    server().stop();
    server().use_programs(next_directory());
    server().start();
    server().stop();
    server().use_programs(bin_directory());
    const Finished refused =
        server().gyre({"server", "--data-dir", server().data(), "--listen", "127.0.0.1:0", "--sandbox", "host"});
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err, testing::HasSubstr("newer version of Gyre"));
}

class AgentOfAnotherVersion : public Versions {
protected:
    void round(const Choice& choice) override {
        // By turns the agent is a version behind the server, and ahead of it.
        const bool ahead = choice.seed % 2 == 0;
        const std::string right = ahead ? bin_directory() : next_directory();
        const std::string wrong = ahead ? next_directory() : bin_directory();
        server().stop();
        if (ahead && is_next_) migrate({"--to", step_, "--yes"});
        is_next_ = !ahead;
        const std::string mixed = mix(right, wrong);
        server().use_programs(mixed);
        server().start();
        const Pipeline pipeline = trigger();
        const std::string reason = "install its own gyre-agent";
        eventually("the agent is refused, and the server says why",
                   [&] { return server().output().find(reason) != std::string::npos; });
        eventually("the agent says why",
                   [&] { return read_file(server().data() + "/agents.log").find(reason) != std::string::npos; });
        const auto attempts = pipeline.attempts("talk");
        EXPECT_LE(attempts.size(), 1U);
        for (const auto& attempt : attempts) EXPECT_EQ(text_at(attempt, "outcome.kind"), "");
        replace(mixed + "/gyre-agent", right + "/gyre-agent");
        go_on(pipeline);
        expect_undisturbed(pipeline);
        fs::remove(server().data() + "/agents.log");
    }
    void server_started() override {
        server().stop();
        step_ = step_in(migrate({}));
        server().start();
    }

private:
    // The programs of one version with the agent of another.
    std::string mix(const std::string& right, const std::string& wrong) const {
        const std::string mixed = directory() + "/mixed";
        fs::remove_all(mixed);
        fs::create_directories(mixed);
        for (const char* program : {"/gyre", "/gyre-injob"}) fs::copy_file(right + program, mixed + program);
        fs::copy_file(wrong + "/gyre-agent", mixed + "/gyre-agent");
        return mixed;
    }
    // As packages do: what runs goes on with the old file.
    static void replace(const std::string& old, const std::string& with) {
        fs::copy_file(with, old + ".new");
        fs::rename(old + ".new", old);
    }

    std::string step_;
    bool is_next_ = false;
};

TEST_F(AgentOfAnotherVersion, is_refused_with_a_reason_and_costs_no_attempt) { run_rounds(2, 2); }

}  // namespace
}  // namespace gyre::test

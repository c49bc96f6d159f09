// What waits: limits, promotion, canceling together, and what jobs say that are not queued yet.

#include <gtest/gtest.h>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

std::string job(const std::string& name, const std::string& command) {
    return "  " + name +
           ":\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n      - run: |\n" +
           "          " + command + "\n";
}

class Queue : public Story {
protected:
    std::string gyre(std::vector<std::string> words, int code = 0) {
        const Finished done = server().gyre(std::move(words));
        EXPECT_EQ(done.exit_code, code) << done.out << done.err;
        return done.out + done.err;
    }
    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

TEST_F(Queue, a_limit_keeps_jobs_waiting_and_people_change_what_is_next) {
    start();
    EXPECT_EQ(gyre({"queue"}), "nothing waits\n");
    EXPECT_TRUE(has(gyre({"queue", "set", "git/app", "--most-tasks", "1", "--weight", "2"}), "weight 2, priority 0"));
    Gate gate;
    config("version: 2.1\njobs:\n" + job("first", gate.command("first")) + job("second", gate.command("second")) +
           job("third", gate.command("third")) + "workflows:\n  all:\n    jobs: [first, second, third]\n");
    const Pipeline pipeline = push("three");
    const std::string running = gate.wait();
    std::string shown;
    eventually("both others say why they wait", [&] {
        shown = gyre({"queue"});
        return has(shown, "1 waiting task is before it");
    });
    EXPECT_TRUE(has(shown, "project git/app may have 1 running task at a time")) << shown;
    EXPECT_TRUE(has(shown, "0 tasks wait for machines, 2 for limits")) << shown;
    EXPECT_TRUE(has(gyre({"queue", "--limit", "1"}), "... and more"));

    const std::string last = running == "third" ? "second" : "third";
    const auto number = std::to_string(number_at(pipeline.job(last), "job_number"));
    EXPECT_EQ(gyre({"promote", "git/app", number}), "job " + number + " is next: 1 task\n");
    EXPECT_TRUE(has(gyre({"queue"}), "promoted by "));
    gate.open();
    EXPECT_EQ(gate.wait(), last);

    EXPECT_TRUE(has(gyre({"cancel", "--queued", "--branch", "main"}, 2), "give --yes"));
    EXPECT_TRUE(has(gyre({"cancel", "--queued", "--branch", "", "--yes"}, 2), "must not be empty"));
    EXPECT_TRUE(has(gyre({"cancel", "--queued", "--branch", "other", "--yes"}), "canceled 0 waiting jobs"));
    EXPECT_TRUE(has(gyre({"cancel", "--queued", "--project", "git/app", "--yes"}), "canceled 1 waiting jobs"));
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "canceled");
    EXPECT_EQ(gyre({"queue"}), "nothing waits\n");
}

TEST_F(Queue, the_first_places_are_shown_first_whatever_was_queued_first) {
    start();
    config("version: 2.1\njobs:\n" + job("build", "echo built") + "workflows: {all: {jobs: [build]}}\n");
    gyre({"queue", "set", "git", "--organization", "--most-tasks", "0"});
    gyre({"project", "add", "git/urgent", repository().bare(), "--no-poll"});
    gyre({"queue", "set", "git/urgent", "--priority", "10"});
    push("one");
    push("two");
    gyre({"trigger", "git/urgent"});
    eventually("all wait", [&] { return has(gyre({"queue"}), "3 for limits"); });
    const std::string first = gyre({"queue", "--limit", "1"});
    EXPECT_TRUE(has(first, "git/urgent")) << first;
    EXPECT_FALSE(has(first, "git/app ")) << first;
    EXPECT_TRUE(has(first, "... and more")) << first;
    const auto two = parse_json(gyre({"queue", "--limit", "2", "--json"})).value();
    ASSERT_EQ(two.at("items").as_array().size(), 2U);
    EXPECT_EQ(number_at(two.at("items").at(0), "position"), 1);
    EXPECT_EQ(number_at(two.at("items").at(1), "position"), 2);
    EXPECT_TRUE(two.at("more").as_bool());
}

TEST_F(Queue, a_job_behind_an_approval_says_so) {
    start();
    config("version: 2.1\njobs:\n" + job("deploy", "echo deployed") +
           "workflows:\n  all:\n    jobs: [{hold: {type: approval}}, {deploy: {requires: [hold]}}]\n");
    const Pipeline pipeline = push("held");
    pipeline.wait_for("hold", "on_hold");
    const auto number = std::to_string(number_at(pipeline.job("deploy"), "job_number"));
    const auto facts = json::serialize(server().get("/api/v2/project/git/app/job/" + number));
    EXPECT_TRUE(has(facts, "waits for job 'hold' (waits for approval since ")) << facts;
}

}  // namespace
}  // namespace gyre::test

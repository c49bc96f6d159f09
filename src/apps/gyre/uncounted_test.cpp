#include "apps/gyre/uncounted.h"

#include <gtest/gtest.h>

namespace gyre::apps {
namespace {

std::string why(const std::string& tasks, NamedRun run = {.slug = {}, .task = -1}) {
    return why_nothing_was_counted(parse_json(tasks).value(), run);
}

TEST(Uncounted, says_what_became_of_the_job) {
    EXPECT_EQ(why(R"({"tasks": [{"index": 0, "attempts": []}]})"), "it has not begun");
    EXPECT_EQ(why(R"({"tasks": [{"index": 0, "attempts": [{"number": 1, "state": "running"}]}]})"),
              "it has just begun; the first numbers come some seconds later");
    EXPECT_EQ(why(R"({"tasks": [{"index": 0, "attempts": [{"number": 1, "state": "finished", "steps": [{"index": 0}],
                      "outcome": {"kind": "failed", "reason": "there is no image a:1"}}]}]})"),
              "it ended before its first step: there is no image a:1");
    EXPECT_EQ(why(R"({"tasks": [{"index": 0, "attempts": [{"number": 1, "state": "finished", "outcome": null}]}]})"),
              "it ended before its first step");
    EXPECT_EQ(why(R"({"tasks": [{"index": 0, "attempts": [{"number": 1, "state": "finished",
                      "steps": [{"index": 0}, {"index": 101}]}]}]})"),
              "its agent was lost before it could tell, or it ran before this was counted");
}

TEST(Uncounted, is_told_of_the_attempt_that_was_asked_for) {
    const std::string tasks = R"({"tasks": [{"index": 0, "attempts": [{"number": 1, "state": "finished"},
        {"number": 2, "state": "running"}]}, {"index": 1, "attempts": []}]})";
    EXPECT_EQ(why(tasks, {.slug = {}, .task = -1, .attempt = 1}), "it ended before its first step");
    EXPECT_NE(why(tasks, {.slug = {}, .task = 0}).find("just begun"), std::string::npos);
    EXPECT_EQ(why(tasks, {.slug = {}, .task = 1}), "it has not begun");
}

TEST(Uncounted, bears_any_answer) {
    for (const std::string odd : {"[]", "null", "{}", R"({"tasks": 1})", R"({"tasks": [1, {"attempts": 2}]})"})
        EXPECT_EQ(why(odd), "it has not begun") << odd;
    EXPECT_NE(why(R"({"tasks": [{"attempts": [7]}]})"), "");
}

}  // namespace
}  // namespace gyre::apps

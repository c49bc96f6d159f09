#include "apps/gyre/job_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace gyre::apps {
namespace {

// A server with one job, as far as its log is concerned.
class JobLogTest : public testing::Test {
protected:
    static void SetUpTestSuite() { setenv("NO_COLOR", "1", 1); }

    static json::object step(int index, const std::string& name, const std::string& status, std::size_t bytes) {
        return {{"index", index}, {"name", name}, {"status", status}, {"background", false}, {"output_bytes", bytes}};
    }
    static json::object attempt(int task, int number, const std::string& state, json::array steps) {
        const std::string id = "j7-" + std::to_string(task) + "-a" + std::to_string(number);
        return {{"id", id}, {"number", number}, {"state", state}, {"steps", std::move(steps)}};
    }
    void task(const std::string& status, json::array attempts) {
        tasks_.push_back(json::object{{"index", tasks_.size()}, {"status", status}, {"attempts", std::move(attempts)}});
    }
    LogSource source() {
        return {.tasks = [this]() -> Result<json::value> {
                    return json::value(json::object{{"tasks", tasks_}, {"reason", reason_}});
                },
                .output = [this](const std::string& id, int index, std::int64_t offset,
                                 const LogSource::Sink& sink) -> Result<void> {
                    const auto& stored = outputs_[id + "/" + std::to_string(index)];
                    auto bytes = stored.substr(std::min(stored.size(), static_cast<std::size_t>(offset)));
                    const bool breaks = bytes.size() > breaks_after_;
                    if (breaks) bytes.resize(std::exchange(breaks_after_, std::string::npos));
                    GYRE_TRY(sink(bytes));
                    if (breaks) return unavailable("the connection broke");
                    return {};
                },
                .place = [this](const std::string& id, int index, const LogChoice& choice) -> Result<std::int64_t> {
                    places_asked_ += 1;
                    const auto& stored = outputs_[id + "/" + std::to_string(index)];
                    auto offset = choice.line > 0 ? 0 : std::ssize(stored);
                    for (auto lines = choice.line - 1; lines > 0; --lines) offset += 2;
                    for (auto lines = choice.tail; lines > 0; --lines) offset -= 2;
                    if (offset < 0 || offset >= std::ssize(stored)) return not_found("there is no such line");
                    return offset;
                }};
    }
    JobLog log(LogChoice choice = {}) {
        return JobLog(source(), choice, [this](std::string_view bytes) { printed_ += bytes; });
    }

    json::array tasks_;
    std::string reason_;
    std::map<std::string, std::string> outputs_;  // by "<attempt>/<step>"
    std::size_t breaks_after_ = std::string::npos;
    int places_asked_ = 0;
    std::string printed_;
};

TEST_F(JobLogTest, shows_steps_under_their_headers) {
    outputs_ = {{"j7-0-a1/0", "ready\n"}, {"j7-0-a1/101", "no end of line"}, {"j7-0-a1/102", "done\n"}};
    task("finished", {attempt(0, 1, "finished",
                              {step(0, "Spin up", "success", 6), step(101, "test\nmore", "success", 14),
                               step(102, "last", "success", 5)})});
    EXPECT_TRUE(*log().look());
    EXPECT_EQ(printed_, "== Spin up\nready\n== test\nno end of line\n== last\ndone\n");
    printed_.clear();
    EXPECT_TRUE(*log({.raw = true}).look());
    EXPECT_EQ(printed_, "ready\nno end of linedone\n");
    printed_.clear();
    EXPECT_TRUE(*log({.step = 101}).look());
    EXPECT_EQ(printed_, "== test\nno end of line");
}

TEST_F(JobLogTest, tells_why_nothing_ran) {
    reason_ = "there is no context 'deploy'";
    task("finished", {});
    JobLog nothing = log();
    EXPECT_TRUE(*nothing.look());
    EXPECT_EQ(nothing.never_ran(), reason_);
    JobLog elsewhere = log({.task = 7});
    EXPECT_TRUE(*elsewhere.look());
    EXPECT_EQ(elsewhere.never_ran(), "") << "it is not there";
    task("finished", {attempt(1, 1, "finished", {})});
    JobLog something = log();
    EXPECT_TRUE(*something.look());
    EXPECT_EQ(something.never_ran(), "") << "its steps say it";
}

TEST_F(JobLogTest, tells_what_was_chosen_and_is_not_there) {
    task("finished", {attempt(0, 1, "finished", {step(101, "test", "success", 0)})});
    const auto missing = [this](LogChoice choice) {
        JobLog chosen = log(choice);
        EXPECT_TRUE(*chosen.look());
        return chosen.missing();
    };
    EXPECT_EQ(missing({}), "");
    EXPECT_EQ(missing({.task = 0, .step = 101}), "");
    EXPECT_EQ(missing({.task = 7}), "task 7");
    EXPECT_EQ(missing({.step = 999}), "step 999");
}

TEST_F(JobLogTest, begins_at_a_line_or_before_the_end) {
    outputs_ = {{"j7-0-a1/0", ""}, {"j7-0-a1/101", "a\nb\nc\n"}, {"j7-0-a1/102", "d\ne\n"}};
    task("finished",
         {attempt(0, 1, "finished",
                  {step(0, "silent", "success", 0), step(101, "one", "success", 6), step(102, "two", "success", 4)})});
    EXPECT_TRUE(*log({.tail = 1}).look());
    EXPECT_EQ(printed_, "== silent\n== one\nc\n== two\ne\n");
    printed_.clear();
    EXPECT_TRUE(*log({.step = 101, .raw = true, .line = 2}).look());
    EXPECT_EQ(printed_, "b\nc\n");
    EXPECT_EQ(log({.step = 101, .line = 4}).look().error().fault, Fault::not_found);
}

TEST_F(JobLogTest, asks_once_where_to_begin_when_it_follows) {
    outputs_ = {{"j7-0-a1/101", "a\nb\n"}};
    task("running", {attempt(0, 1, "running", {step(101, "test", "running", 4)})});
    JobLog follows = log({.raw = true, .follow = true, .tail = 1});
    breaks_after_ = 1;
    EXPECT_EQ(follows.look().error().fault, Fault::unavailable);
    EXPECT_FALSE(*follows.look());
    outputs_["j7-0-a1/101"] = "a\nb\nc\n";
    EXPECT_TRUE(follows.concerns(R"({"kind":"output","job":"j7","attempt":"j7-0-a1","step":101,"length":6})"));
    EXPECT_FALSE(*follows.look());
    EXPECT_EQ(printed_, "b\nc\n");
    EXPECT_EQ(places_asked_, 1);
}

TEST_F(JobLogTest, marks_each_line_of_parallel_tasks) {
    outputs_ = {{"j7-0-a1/101", "a\nb"}, {"j7-1-a1/101", "c\n"}};
    task("finished", {attempt(0, 1, "finished", {step(101, "test", "success", 3)})});
    task("finished", {attempt(1, 1, "finished", {step(101, "test", "success", 2)})});
    EXPECT_TRUE(*log().look());
    EXPECT_EQ(printed_, "[0] == test\n[0] a\n[0] b\n[1] == test\n[1] c\n");
    printed_.clear();
    EXPECT_TRUE(*log({.task = 1}).look());
    EXPECT_EQ(printed_, "== test\nc\n");
    printed_.clear();
    EXPECT_TRUE(*log({.raw = true}).look());
    EXPECT_EQ(printed_, "a\nbc\n");
}

TEST_F(JobLogTest, does_not_show_a_skipped_step_as_one_that_ran) {
    outputs_ = {{"j7-0-a1/101", "a\n"}};
    task("finished", {attempt(0, 1, "finished", {step(101, "test", "failed", 2), step(102, "deploy", "skipped", 0)})});
    EXPECT_TRUE(*log().look());
    EXPECT_EQ(printed_, "== test\na\n-- deploy: skipped\n");
    printed_.clear();
    EXPECT_TRUE(*log({.raw = true}).look());
    EXPECT_EQ(printed_, "a\n");
}

TEST_F(JobLogTest, shows_what_a_skipped_step_says_of_that) {
    outputs_ = {{"j7-0-a1/101", "Not run: copy 1 failed.\n"}};
    task("finished", {attempt(0, 1, "finished", {step(101, "deploy", "skipped", 24)})});
    EXPECT_TRUE(*log().look());
    EXPECT_EQ(printed_, "== deploy\nNot run: copy 1 failed.\n");
}

TEST_F(JobLogTest, names_every_attempt_and_how_the_one_before_ended) {
    outputs_ = {{"j7-0-a1/101", "a\n"}, {"j7-0-a2/101", "b\n"}};
    auto lost = attempt(0, 1, "finished", {step(101, "test", "running", 2)});
    lost["outcome"] = {{"kind", "infrastructure_failed"}, {"reason", "the agent process ended"}};
    task("finished", {lost, attempt(0, 2, "finished", {step(101, "test", "success", 2)})});
    EXPECT_TRUE(*log({.follow = true}).look());
    EXPECT_EQ(printed_,
              "== attempt 1\n== test\na\n"
              "== attempt 2 (attempt 1 infrastructure failed: the agent process ended)\n== test\nb\n");
}

TEST_F(JobLogTest, goes_on_at_its_byte_after_a_broken_connection) {
    const std::string text = "line one\nline two\nline three\n";
    outputs_ = {{"j7-0-a1/101", text}};
    task("running", {attempt(0, 1, "running", {step(101, "test", "running", text.size())})});
    for (std::size_t at = 0; at <= text.size(); ++at) {
        printed_.clear();
        breaks_after_ = at;
        JobLog follows = log({.raw = true, .follow = true});
        if (at < text.size()) {
            EXPECT_EQ(follows.look().error().fault, Fault::unavailable) << at;
        }
        EXPECT_FALSE(*follows.look());
        EXPECT_EQ(printed_, text) << at;
    }
}

TEST_F(JobLogTest, follows_news_until_the_end) {
    task("running", {attempt(0, 1, "running", {step(101, "test", "running", 0)})});
    JobLog follows = log({.follow = true});
    EXPECT_FALSE(*follows.look());
    EXPECT_FALSE(follows.concerns(R"({"kind":"output","job":"other","attempt":"other-0-a1","step":101,"length":2})"));
    outputs_["j7-0-a1/101"] = "a\n";
    EXPECT_TRUE(follows.concerns(R"({"kind":"output","job":"j7","attempt":"j7-0-a1","step":101,"length":2})"));
    EXPECT_FALSE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\n");
    outputs_["j7-0-a1/101"] = "a\nb\n";
    tasks_.clear();
    task("finished", {attempt(0, 1, "finished", {step(101, "test", "success", 4), step(102, "next", "success", 0)})});
    EXPECT_TRUE(follows.concerns(R"({"kind":"missed"})"));
    EXPECT_TRUE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\nb\n== next\n");
}

TEST_F(JobLogTest, waits_with_later_steps_for_what_was_announced) {
    outputs_ = {{"j7-0-a1/101", "a\n"}, {"j7-0-a1/102", "c\n"}};
    task("running", {attempt(0, 1, "running", {step(101, "test", "success", 4), step(102, "next", "running", 2)})});
    JobLog follows = log({.follow = true});
    EXPECT_FALSE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\n");
    outputs_["j7-0-a1/101"] = "a\nb\n";
    EXPECT_TRUE(follows.concerns(""));
    EXPECT_FALSE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\nb\n== next\nc\n");
}

TEST_F(JobLogTest, shows_a_background_step_in_one_piece) {
    outputs_ = {{"j7-0-a1/101", "up\n"}, {"j7-0-a1/102", "a\n"}};
    auto service = step(101, "service", "running", 3);
    service["background"] = true;
    task("running", {attempt(0, 1, "running", {service, step(102, "test", "running", 2)})});
    JobLog follows = log({.follow = true});
    EXPECT_FALSE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\n");
    tasks_.clear();
    service["status"] = "success";
    task("finished", {attempt(0, 1, "finished", {service, step(102, "test", "success", 2)})});
    EXPECT_TRUE(follows.concerns(""));
    EXPECT_TRUE(*follows.look());
    EXPECT_EQ(printed_, "== test\na\n== service\nup\n");
}

}  // namespace
}  // namespace gyre::apps

#include <gtest/gtest.h>

#include <atomic>

#include "adapters/memory/live.h"
#include "adapters/memory/stores.h"
#include "base/json.h"
#include "output/document.h"
#include "output/tail.h"

namespace gyre::output {
namespace {

std::string message_of(const std::string& document) {
    const auto parsed = parse_json(document);
    if (!parsed) return "not JSON: " + parsed.error().message;
    return std::string(parsed->at(0).at("message").as_string());
}

// The document of these pieces.
std::string document_of(const std::vector<std::string>& pieces) {
    Document document;
    std::string text = document.begin(from_millis(0));
    for (const auto& piece : pieces) text += document.add(piece);
    return text + document.end();
}

TEST(OutputDocument, has_the_form_of_api_v1) {
    EXPECT_EQ(document_of({"hello\n"}), R"([{"type":"out","time":"1970-01-01T00:00:00.000Z","message":"hello\n"}])");
    EXPECT_EQ(message_of(document_of({})), "");
}

TEST(OutputDocument, keeps_colours_quotes_and_controls) {
    const std::string text("\x1b[31m\"red\"\\\x1b[0m\r\n\t\0\x7f end", 24);
    EXPECT_EQ(message_of(document_of({text})), text);
}

TEST(OutputDocument, joins_characters_that_were_split_between_pieces) {
    const std::string text = "aé€😀z";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(message_of(document_of({text.substr(0, cut), text.substr(cut)})), text) << cut;
    }
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    EXPECT_EQ(message_of(document_of(bytes)), text);
}

TEST(OutputDocument, replaces_what_is_not_text) {
    const std::vector<std::pair<std::string, std::string>> table{{"\xff", "\uFFFD"},
                                                                 {"a\x80z", "a\uFFFDz"},
                                                                 {"\xc3", "\uFFFD"},
                                                                 {"\xe2\x82", "\uFFFD"},
                                                                 {"\xe2\x82z", "\uFFFDz"},
                                                                 {"\xc0\xaf", "\uFFFD\uFFFD"},
                                                                 {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
                                                                 {"\xf5z", "\uFFFDz"},
                                                                 {"\xf0\x80\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}};
    for (const auto& [bytes, expected] : table) EXPECT_EQ(message_of(document_of({bytes})), expected);
}

class TailTest : public testing::Test {
protected:
    void SetUp() override {
        Workflow workflow{.id = {"w"}, .jobs = {WorkflowJob{.id = {"j"}}}};
        workflow.jobs[0].tasks = {Task{.status = TaskStatus::running, .attempts = {Attempt{}}}};
        workflow.jobs[0].tasks[0].attempts[0].state = AttemptState::running;
        store(workflow);
    }
    void store(Workflow workflow) {
        Commit commit{.event = EventId{"e" + std::to_string(workflow.version)}, .kind = "test"};
        commit.workflows.push_back(with_only(workflow, {0}));
        ASSERT_TRUE(stores_.workflow_store().commit(commit));
    }
    void write(const std::string& bytes) {
        const auto length = *stores_.output_store().length(name_);
        ASSERT_TRUE(stores_.output_store().append(name_, length, bytes));
    }
    void report(StepStatus status, std::int64_t bytes) {
        ASSERT_TRUE(stores_.run_records().save_steps(
            name_.attempt, {StepRecord{.index = 101, .status = status, .output_bytes = bytes}}));
    }
    std::string read(Tail& tail, std::size_t most = 1000) {
        const auto piece = *tail.next(most);
        return piece.end ? "(end)" : piece.bytes;
    }

    memory::MemoryStores stores_;
    memory::MemoryLive live_;
    OutputName name_{{{"j"}, 0, 1}, 101};
    OutputPorts ports_{stores_.output_store(), stores_.run_records(), stores_.workflow_store(), live_};
    std::atomic<int> woken_ = 0;
};

TEST_F(TailTest, reads_on_from_an_offset_until_the_step_is_over) {
    write("0123456789");
    Tail tail(ports_, name_, 4, [] {});
    EXPECT_EQ(read(tail, 3), "456");
    EXPECT_EQ(read(tail), "789");
    EXPECT_EQ(read(tail), "");
    report(StepStatus::running, 10);
    write("ab");
    EXPECT_EQ(read(tail), "ab");
    report(StepStatus::success, 12);
    EXPECT_EQ(read(tail), "(end)");
}

TEST_F(TailTest, waits_for_bytes_that_a_finished_step_announced) {
    Tail tail(ports_, name_, 0, [] {});
    report(StepStatus::failed, 5);
    EXPECT_EQ(read(tail), "");
    write("abcde");
    EXPECT_EQ(read(tail), "abcde");
    EXPECT_EQ(read(tail), "(end)");
}

TEST_F(TailTest, ends_with_its_attempt) {
    Tail tail(ports_, name_, 0, [] {});
    report(StepStatus::running, 0);
    EXPECT_EQ(read(tail), "");
    auto workflow = *stores_.workflow_store().load({"w"});
    workflow.jobs[0].tasks[0].attempts[0].state = AttemptState::finished;
    store(workflow);
    EXPECT_EQ(read(tail), "(end)");
}

TEST_F(TailTest, has_nothing_of_an_unknown_attempt) {
    Tail tail(ports_, {{{"j"}, 0, 2}, 101}, 0, [] {});
    EXPECT_EQ(tail.next(10).error().fault, Fault::not_found);
}

TEST_F(TailTest, is_woken_by_news_of_its_own) {
    auto tail = std::make_unique<Tail>(ports_, name_, 0, [this] { ++woken_; });
    News news{.kind = NewsKind::output};
    news.attempt = name_.attempt.id().text;
    news.step = 101;
    live_.publish(news);
    EXPECT_EQ(woken_, 1);
    news.step = 102;
    live_.publish(news);
    EXPECT_EQ(woken_, 1);
    News job{.kind = NewsKind::job};
    job.job = "j";
    live_.publish(job);
    EXPECT_EQ(woken_, 2);
    tail.reset();
    live_.publish(job);
    EXPECT_EQ(woken_, 2);
}

}  // namespace
}  // namespace gyre::output

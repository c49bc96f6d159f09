#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

// What is sent piece by piece: outputs, news, artifacts.

namespace gyre::api {
namespace {

using testing::HasSubstr;
using testing::Not;

using StreamsTest = ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

TEST_F(StreamsTest, shows_outputs_by_bytes_and_as_documents) {
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/101").body, "\x1b[31mred\xff\n");
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/101?offset=5").body, "red\xff\n");
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/101?follow=true").body, "\x1b[31mred\xff\n");
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/101?offset=x").status, 400);
    EXPECT_EQ(send("HEAD", "/api/v2/gyre/output/job-test-0-a1/101?follow=true").status, 200);
    EXPECT_EQ(send("HEAD", "/api/v2/gyre/events").status, 200);
    const auto build = json_of("/api/v1.1/project/git/demo/2");
    const std::string url(build.at("steps").at(1).at("actions").at(0).at("output_url").as_string());
    ASSERT_TRUE(url.starts_with("https://ci.test/output/"));
    const auto path = url.substr(15);
    const auto document = send("GET", path, "", "");
    ASSERT_EQ(document.status, 200);
    const auto parsed = *parse_json(document.body);
    EXPECT_EQ(parsed.at(0).at("message").as_string(), "\x1b[31mred\uFFFD\n");
    EXPECT_EQ(send("GET", path + "0", "", "").status, 403);
    EXPECT_EQ(send("GET", "/output/job-test-0-a1/0" + path.substr(path.find('?')), "", "").status, 403);
    clock_.advance(std::chrono::hours(24 * 6));
    EXPECT_EQ(send("GET", path, "", "").status, 403);
}

TEST_F(StreamsTest, follows_an_output_until_its_step_ends) {
    const AttemptRef attempt{{"job-live"}, 0, 1};
    Workflow workflow{.id = {"workflow-live"}, .jobs = {WorkflowJob{.id = attempt.job}}};
    workflow.jobs[0].tasks = {Task{.attempts = {Attempt{.state = AttemptState::running}}}};
    Commit commit{.event = {"live"}, .kind = "test"};
    commit.workflows.push_back(workflow);
    ASSERT_TRUE(stores_.workflow_store().commit(commit));
    httpd::RawClient client(socket_);
    client.send("GET /api/v2/gyre/output/job-live-0-a1/101?follow=true HTTP/1.1\r\nHost: x\r\nCircle-Token: " +
                admin_token + "\r\n\r\n");
    auto answer = client.receive_head();
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain; charset=utf-8");
    News news{.kind = NewsKind::output};
    news.attempt = attempt.id().text;
    news.step = 101;
    for (const std::string line : {"one\n", "two\n"}) {
        const auto length = *stores_.output_store().length({attempt, 101});
        ASSERT_TRUE(stores_.output_store().append({attempt, 101}, length, line));
        live_.publish(news);
        ASSERT_TRUE(client.receive_chunk(answer));
    }
    EXPECT_EQ(answer.body, "one\ntwo\n");
    const StepRecord ended{.index = 101, .status = StepStatus::success, .output_bytes = 8};
    ASSERT_TRUE(stores_.run_records().save_steps(attempt, {ended}));
    live_.publish(news);
    EXPECT_FALSE(client.receive_chunk(answer));
    EXPECT_TRUE(answer.whole);
}

TEST_F(StreamsTest, tells_events_as_they_happen) {
    httpd::RawClient client(socket_);
    client.send("GET /api/v2/gyre/events?output=false&project=p HTTP/1.1\r\nHost: x\r\nCircle-Token: " + admin_token +
                "\r\n\r\n");
    auto answer = client.receive_head();
    ASSERT_TRUE(client.receive_chunk(answer));
    EXPECT_EQ(answer.body, "\n");  // from now on nothing is missed
    answer.body.clear();
    News news{.kind = NewsKind::job, .project = "p"};
    news.job = "j1";
    live_.publish({.kind = NewsKind::output, .project = "p"});
    live_.publish({.kind = NewsKind::job, .project = "other"});
    live_.publish(news);
    ASSERT_TRUE(client.receive_chunk(answer));
    EXPECT_THAT(answer.body, HasSubstr(R"("job":"j1")"));
    EXPECT_THAT(answer.body, Not(HasSubstr("other")));
    EXPECT_TRUE(answer.body.ends_with("\n"));
}

TEST_F(StreamsTest, serves_artifacts_harmlessly) {
    struct Expected {
        std::string path, type, disposition;
    };
    const std::vector<Expected> table{{"report/index.html", "text/plain; charset=utf-8", "inline"},
                                      {"a%20b%23%3F.txt", "text/plain; charset=utf-8", "inline"},
                                      {"pic.png", "image/png", "inline"},
                                      {"logo.svg", "application/octet-stream", "attachment"},
                                      {"bin", "application/octet-stream", "attachment"}};
    for (const auto& [path, type, disposition] : table) {
        const auto answer = get("/artifacts/job-build/0/" + path);
        ASSERT_EQ(answer.status, 200) << path;
        EXPECT_TRUE(answer.whole);
        EXPECT_EQ(answer.headers.at("content-type"), type);
        EXPECT_THAT(answer.headers.at("content-disposition"), HasSubstr(disposition));
        EXPECT_THAT(answer.headers.at("content-security-policy"), HasSubstr("sandbox"));
        EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    }
    EXPECT_EQ(send("GET", "/artifacts/job-build/0/bin?circle-token=" + admin_token, "", "").status, 200);
    const auto part =
        send("GET", "/artifacts/job-build/0/bin", "", "Circle-Token: " + admin_token + "\r\nRange: bytes=25-\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "bin");
    for (const char* path : {"..", "../bin", "%2e%2e/bin", "a/..%2f..%2fbin", "bin%00"}) {
        EXPECT_EQ(get("/artifacts/job-build/0/" + std::string(path)).status, 400) << path;
    }
    for (const char* other : {"job-build/1/bin", "job-test/0/bin", "job-build/0/BIN", "job-build/x/bin"}) {
        EXPECT_EQ(get("/artifacts/" + std::string(other)).status, 404) << other;
    }
    EXPECT_EQ(send("HEAD", "/artifacts/job-build/0/bin").headers.at("content-length"), "28");
}

TEST_F(StreamsTest, serves_one_range_of_an_artifact) {
    const auto ask = [&](const std::string& range, const std::string& method = "GET") {
        return send(method, "/artifacts/job-build/0/bin", "",
                    "Circle-Token: " + admin_token + "\r\nRange: " + range + "\r\n");
    };
    const auto whole = get("/artifacts/job-build/0/bin").body;
    ASSERT_EQ(whole.size(), 28U);
    const auto middle = ask("bytes=5-9");
    EXPECT_EQ(middle.status, 206);
    EXPECT_EQ(middle.body, whole.substr(5, 5));
    EXPECT_EQ(middle.headers.at("content-range"), "bytes 5-9/28");
    EXPECT_EQ(ask("bytes=-3").body, "bin");
    for (const char* behind : {"bytes=28-", "bytes=28-30", "bytes=-0"}) {
        const auto refused = ask(behind);
        EXPECT_EQ(refused.status, 416) << behind;
        EXPECT_EQ(refused.headers.at("content-range"), "bytes */28") << behind;
    }
    for (const char* ignored : {"bytes=0-1,5-6", "bytes=9-5", "lines=1-"}) {
        EXPECT_EQ(ask(ignored).status, 200) << ignored;
        EXPECT_EQ(ask(ignored).body, whole) << ignored;
    }
    EXPECT_EQ(ask("bytes=28-", "HEAD").status, 200);
}

TEST_F(StreamsTest, serves_an_artifact_of_no_bytes) {
    const auto name = sha256_hex("");
    ASSERT_TRUE(stores_.blob_store().append(name, 0, 0, ""));
    Artifact empty{.path = "empty"};
    empty.blob = name;
    ASSERT_TRUE(stores_.run_records().add_artifact({{"job-build"}, 0, 1}, empty));
    EXPECT_EQ(get("/artifacts/job-build/0/empty").status, 200);
    const auto refused =
        send("GET", "/artifacts/job-build/0/empty", "", "Circle-Token: " + admin_token + "\r\nRange: bytes=0-\r\n");
    EXPECT_EQ(refused.status, 416);
    EXPECT_EQ(refused.headers.at("content-range"), "bytes */0");
}

TEST_F(StreamsTest, says_what_is_wrong_with_an_output_before_its_first_byte) {
    EXPECT_EQ(get("/api/v2/gyre/output/job-none-0-a1/101").status, 404);
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a7/0").status, 404);
    EXPECT_EQ(get("/api/v2/gyre/output/job-none-0-a1/101?follow=true").status, 404);
    stores_.trouble().always("output_store.read", memory::Mishap::fails);
    EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/101").status, 503);
    const auto path = json_of("/api/v1.1/project/git/demo/2").at("steps").at(1).at("actions").at(0).at("output_url");
    EXPECT_EQ(send("GET", std::string(path.as_string()).substr(15), "", "").status, 503);
}

}  // namespace
}  // namespace gyre::api

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

// Which part of an output is answered; streams_test.cpp has how it is followed.

namespace gyre::api {
namespace {

class OutputParts : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    void write(const std::string& text) {
        const OutputName name{{{"job-test"}, 0, 1}, 102};
        const auto length = *stores_.output_store().length(name);
        ASSERT_TRUE(stores_.output_store().append(name, length, text)->accepted);
    }
    std::string part(const std::string& query) { return get(base_ + "?" + query).body; }
    std::string place(const std::string& query) { return get(base_ + "/place?" + query).body; }

    const std::string base_ = "/api/v2/gyre/output/job-test-0-a1/102";
};

TEST_F(OutputParts, begin_at_a_byte_a_line_or_before_the_end) {
    write("one\ntwo\nthree\nfour");
    EXPECT_EQ(part("offset=4"), "two\nthree\nfour");
    EXPECT_EQ(part("line=1"), "one\ntwo\nthree\nfour");
    EXPECT_EQ(part("line=3"), "three\nfour");
    EXPECT_EQ(part("tail=1"), "four");
    EXPECT_EQ(part("tail=2"), "three\nfour");
    EXPECT_EQ(part("tail=99"), "one\ntwo\nthree\nfour");
}

TEST_F(OutputParts, end_after_so_many_lines_or_bytes) {
    write("one\ntwo\nthree\nfour");
    EXPECT_EQ(part("lines=1"), "one\n");
    EXPECT_EQ(part("line=2&lines=2"), "two\nthree\n");
    EXPECT_EQ(part("line=4&lines=9"), "four");
    EXPECT_EQ(part("bytes=5"), "one\nt");
    EXPECT_EQ(part("offset=2&bytes=1"), "e");
    EXPECT_EQ(part("bytes=6&lines=1"), "one\n");
    EXPECT_EQ(part("lines=2&follow=true"), "one\ntwo\n") << "what is whole is not waited for";
    const std::string giant(300'000, 'x');
    write("\n" + giant + "\nlast\n");
    EXPECT_EQ(part("line=5&lines=1").size(), giant.size() + 1);
    EXPECT_EQ(part("line=6"), "last\n");
}

TEST_F(OutputParts, are_found_before_they_are_read) {
    write("one\ntwo\nthree\n");
    EXPECT_EQ(place("line=2"), R"({"offset":4,"bytes":14,"complete":true})");
    EXPECT_EQ(place("tail=1"), R"({"offset":8,"bytes":14,"complete":true})");
    EXPECT_EQ(place(""), R"({"offset":0,"bytes":14,"complete":true})");
}

TEST_F(OutputParts, that_make_no_sense_are_refused) {
    write("one\ntwo\n");
    for (const char* query : {"line=0", "line=-1", "line=x", "tail=0", "tail=1e3", "bytes=0", "lines=0", "offset=-1",
                              "line=9999999999999999999", "line=1&tail=1", "offset=0&line=1", "offset=0&tail=1"}) {
        EXPECT_EQ(get(base_ + "?" + query).status, 400) << query;
        EXPECT_EQ(get(base_ + "/place?" + query).status, 400) << query;
    }
    const auto beyond = get(base_ + "?line=3");
    EXPECT_EQ(beyond.status, 404);
    EXPECT_NE(beyond.body.find("There is no line 3: the output has 2 by now."), std::string::npos) << beyond.body;
    EXPECT_EQ(get(base_ + "/place?line=3").status, 404);
    for (const char* attempt : {"job-none-0-a1", "job-test-0-a7", "x"}) {
        for (const char* query : {"/101?tail=1", "/101?line=2", "/101/place?tail=1", "/101/place"})
            EXPECT_EQ(get(std::string("/api/v2/gyre/output/") + attempt + query).status, 404) << attempt << query;
    }
    for (const char* step : {"x", "-1", "1000001", ""})
        EXPECT_EQ(get("/api/v2/gyre/output/job-test-0-a1/" + std::string(step) + "?tail=1").status, 404) << step;
}

// As older command lines and browser extensions fetch it: task, then step.
TEST_F(OutputParts, come_raw_by_the_jobs_number) {
    const std::string raw = "/api/private/output/raw/git/demo/2/output/0/101";
    const auto whole = get(raw);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, "\x1b[31mred\xff\n");
    EXPECT_EQ(whole.headers.at("content-type"), "text/plain; charset=utf-8");
    const auto ask = [&](const std::string& range) {
        return send("GET", raw, "", "Circle-Token: " + admin_token + "\r\nRange: bytes=" + range + "\r\n");
    };
    EXPECT_EQ(ask("5-").status, 206);
    EXPECT_EQ(ask("5-").body, "red\xff\n");
    EXPECT_EQ(ask("5-").headers.at("content-range"), "bytes 5-9/10");
    EXPECT_EQ(ask("10-").status, 416) << "nothing new yet";
    EXPECT_EQ(get("/api/private/output/raw/git/demo/2/error/0/101").body, "");
    EXPECT_EQ(get("/api/private/output/raw/git/demo/2/error/0/101").status, 200);
    for (const char* path :
         {"/git/demo/2/output/9/101", "/git/demo/2/output/x/101", "/git/demo/2/output/0/x", "/git/demo/2/output/0/999",
          "/git/demo/99/output/0/101", "/git/none/2/output/0/101", "/git/demo/2/error/7/101"})
        EXPECT_EQ(get(std::string("/api/private/output/raw") + path).status, 404) << path;
    EXPECT_EQ(send("GET", raw, "", "").status, 401);
}

// Otherwise an output that is as large as it may be is read to its end for whoever closed the page.
TEST_F(OutputParts, are_looked_for_no_longer_when_nobody_waits_for_the_line) {
    write("one\n");
    std::atomic<int> reads = 0;
    std::promise<void> searching;
    stores_.trouble().before([&](std::string_view operation) {
        if (operation != "output_store.read") return;
        write("x");  // the search never comes to an end
        if (++reads == 20) searching.set_value();
    });
    {
        httpd::RawClient client(socket_);
        client.send("GET " + base_ + "?line=1000000 HTTP/1.1\r\nHost: x\r\nCircle-Token: " + admin_token + "\r\n\r\n");
        searching.get_future().wait();
    }
    bool given_up = false;
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         !given_up && std::chrono::steady_clock::now() < until;) {
        const int before = reads;
        for (int calls = 0; calls < 20; ++calls) get("/health-check");
        given_up = reads == before;
    }
    EXPECT_TRUE(given_up);
    stores_.trouble().before({});
}

TEST_F(OutputParts, tell_when_the_store_does_not_answer) {
    write("one\ntwo\n");
    stores_.trouble().always("output_store.read", memory::Mishap::fails);
    EXPECT_EQ(get(base_ + "?line=2").status, 503);
    EXPECT_EQ(get(base_ + "/place?line=2").status, 503);
}

}  // namespace
}  // namespace gyre::api

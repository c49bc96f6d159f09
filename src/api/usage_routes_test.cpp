// What the attempts of a job used.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "model/resource_usage.h"

namespace gyre::api {
namespace {

// Job 2 of git/demo: its task 0 had one attempt, its task 1 two.
class UsageRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    void tell(int task, int attempt, std::int64_t cpu_ms) {
        ResourceUsage usage;
        usage.limits = {2000, 4096};
        usage.wall_ms = 1'000;
        usage.totals.cpu_ms = cpu_ms;
        usage.samples = {.at_ms = {500}, .cpu_ms = {cpu_ms}};
        ASSERT_TRUE(stores_.run_records().save_usage({{"job-test"}, task, attempt}, to_json_text(usage)));
    }
    // "task.attempt" of each item
    std::string told(const std::string& query) {
        std::string names;
        const auto answer = json_of(job_ + query);
        for (const auto& item : answer.at("items").as_array())
            names +=
                std::to_string(item.at("task").as_int64()) + "." + std::to_string(item.at("attempt").as_int64()) + " ";
        return names;
    }

    const std::string job_ = "/api/v2/gyre/project/git/demo/job/2/usage";
};

TEST_F(UsageRoutes, show_each_attempt_with_its_totals_and_samples) {
    tell(1, 2, 500);
    tell(0, 1, 1'500);
    tell(1, 1, 30);
    EXPECT_EQ("0.1 1.1 1.2 ", told(""));
    const auto first = json_of(job_).at("items").at(0);
    EXPECT_DOUBLE_EQ(0.75, first.at("cpu_share").as_double());
    EXPECT_EQ(1'500, first.at("usage").at("totals").at("cpu_ms").as_int64());
    EXPECT_TRUE(first.at("usage").at("totals").at("sent_bytes").is_null()) << "not counted";
    EXPECT_EQ(500, first.at("usage").at("samples").at("at_ms").at(0).as_int64());
    EXPECT_TRUE(first.at("complete").as_bool());
    EXPECT_EQ("1.1 1.2 ", told("?task=1"));
    EXPECT_EQ("1.2 ", told("?task=1&attempt=2"));
    EXPECT_EQ("0.1 1.1 ", told("?attempt=1"));
}

TEST_F(UsageRoutes, of_a_job_that_told_none_are_empty) { EXPECT_EQ("", told("")); }

TEST_F(UsageRoutes, refuse_what_they_should) {
    for (const auto& [target, status] :
         std::vector<std::pair<std::string, int>>{{job_ + "?task=-1", 400},
                                                  {job_ + "?task=x", 400},
                                                  {job_ + "?attempt=0", 400},
                                                  {job_ + "?task=2", 404},
                                                  {job_ + "?attempt=3", 404},
                                                  {job_ + "?task=0&attempt=2", 404},
                                                  {job_ + "?limit=x", 400},
                                                  {job_ + "?page-token=x", 400},
                                                  {job_ + "?page-token=", 400},
                                                  {job_ + "?page-token=1", 400},
                                                  {job_ + "?page-token=1.", 400},
                                                  {job_ + "?page-token=-1.1", 400},
                                                  {job_ + "?page-token=1.2.3", 400},
                                                  {job_ + "?page-token=1.99999999999", 400},
                                                  {job_ + "?attempt=99999999999999999999", 400},
                                                  {"/api/v2/gyre/project/git/demo/job/99/usage", 404},
                                                  {"/api/v2/gyre/project/git/nothing/job/2/usage", 404}}) {
        EXPECT_EQ(get(target).status, status) << target;
    }
    EXPECT_EQ(send("GET", job_, "", "").status, 401);
}

TEST_F(UsageRoutes, say_of_each_that_is_none_that_it_cannot_be_read) {
    ASSERT_TRUE(stores_.run_records().save_usage({{"job-test"}, 0, 1}, R"({"version":9})"));
    tell(1, 1, 30);
    EXPECT_EQ("0.1 1.1 ", told(""));
    const auto items = json_of(job_).at("items").as_array();
    EXPECT_TRUE(items.at(0).at("usage").is_null());
    EXPECT_TRUE(items.at(0).at("error").is_string());
    EXPECT_TRUE(items.at(1).at("usage").is_object());
    EXPECT_FALSE(items.at(1).as_object().contains("error"));
}

TEST_F(UsageRoutes, come_in_pages) {
    std::string expected;
    for (int task = 0; task < 70; ++task) {
        for (int attempt : {1, 2}) {
            tell(task, attempt, 30);
            expected += std::to_string(task) + "." + std::to_string(attempt) + " ";
        }
    }
    std::string all;
    std::string token;
    int pages = 0;
    do {
        const auto query = token.empty() ? "" : "?page-token=" + token;
        const auto page = told(query);
        EXPECT_LE(std::ranges::count(page, ' '), 50);
        all += page;
        const auto next = json_of(job_ + query).at("next_page_token");
        token = next.is_null() ? "" : std::string(next.as_string());
    } while (++pages < 10 && !token.empty());
    EXPECT_EQ(all, expected);
    EXPECT_EQ(pages, 3);
}

}  // namespace
}  // namespace gyre::api

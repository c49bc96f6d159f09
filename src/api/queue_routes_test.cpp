// What waits, and what people change about that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

using testing::Contains;
using testing::HasSubstr;

class QueueRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    const std::string queue = "/api/v2/gyre/queue";
    const std::string share = "/api/v2/gyre/project/git/demo/share";
    const std::string limits = "/api/v2/gyre/organization-limits";
};

TEST_F(QueueRoutes, a_waiting_task_says_where_it_stands_and_why) {
    const auto answer = json_of(queue);
    const auto& first = answer.at("items").at(0).as_object();
    EXPECT_EQ(first.at("name"), "deploy");
    EXPECT_EQ(first.at("position"), 1);
    EXPECT_EQ(first.at("queue"), "usage");
    EXPECT_EQ(first.at("branch"), "main");
    EXPECT_EQ(first.at("reason"), "it waits for 4 CPUs");
    EXPECT_EQ(answer.at("usage_queue"), 1);
    EXPECT_EQ(answer.at("items").at(1).at("position"), nullptr) << "dispatch has not looked at it yet";
}

TEST_F(QueueRoutes, the_list_goes_on_where_a_page_ends) {
    const auto first = json_of(queue + "?limit=1");
    EXPECT_EQ(first.at("items").as_array().size(), 1U);
    const std::string token(first.at("next_page_token").as_string());
    const auto second = json_of(queue + "?limit=1&page-token=" + token);
    EXPECT_EQ(second.at("items").at(0).at("job_number"), 13);
    EXPECT_EQ(second.at("next_page_token"), nullptr);
    for (const char* bad : {"?page-token=x", "?page-token=1.2", "?page-token=1.2.3.4", "?page-token=1.2.x",
                            "?page-token=99999999999999999999.1.1", "?limit=0", "?limit=1001"})
        EXPECT_EQ(get(queue + bad).status, 400) << bad;
}

TEST_F(QueueRoutes, a_promoted_job_stands_first_and_says_by_whom) {
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/job/13/promote").status, 200);
    const auto first = json_of(queue).at("items").at(0);
    EXPECT_EQ(first.at("job_number"), 13);
    EXPECT_EQ(first.at("promoted_by"), "ann");
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/job/1/promote").status, 409) << "it has ended";
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/job/99/promote").status, 404);
}

TEST_F(QueueRoutes, a_projects_share_is_changed_in_parts) {
    EXPECT_EQ(json_of(share), (json::object{{"weight", 1}, {"priority", 0}, {"most_tasks", nullptr}}));
    EXPECT_EQ(send("PATCH", share, R"({"weight": 3, "most_tasks": 2})").status, 200);
    EXPECT_EQ(send("PATCH", share, R"({"priority": -4})").status, 200);
    EXPECT_EQ(json_of(share), (json::object{{"weight", 3}, {"priority", -4}, {"most_tasks", 2}}));
    EXPECT_EQ(send("PATCH", share, R"({"most_tasks": null})").status, 200);
    EXPECT_EQ(json_of(share).at("most_tasks"), nullptr);
    EXPECT_EQ(bell_.rings, 3) << "what a limit held may run now";
    for (const char* bad : {R"({"weight": 0})", R"({"weight": 1001})", R"({"weight": 1.5})", R"({"priority": "9"})",
                            R"({"most_tasks": -1})", R"({"wait": 1})", "[]"})
        EXPECT_EQ(send("PATCH", share, bad).status, 400) << bad;
}

TEST_F(QueueRoutes, an_organization_has_a_limit_or_none) {
    EXPECT_EQ(post(limits, R"({"organization": "gh/acme", "most_tasks": 5})").status, 200);
    EXPECT_EQ(json_of(limits).at("items").at(0), (json::object{{"organization", "gh/acme"}, {"most_tasks", 5}}));
    EXPECT_EQ(post(limits, R"({"organization": "gh/acme", "most_tasks": null})").status, 200);
    EXPECT_TRUE(json_of(limits).at("items").as_array().empty());
    EXPECT_EQ(bell_.rings, 2);
    EXPECT_EQ(post(limits, R"({"organization": "gh/nobody", "most_tasks": 5})").status, 404);
    EXPECT_EQ(post(limits, R"({"organization": "gh/acme"})").status, 400);
}

TEST_F(QueueRoutes, what_waits_is_canceled_together) {
    EXPECT_EQ(*parse_json(post(queue + "/cancel", R"({"dry_run": true, "branch": "main"})").body),
              (json::object{{"found", 2}, {"canceled", 0}, {"more", false}}));
    EXPECT_TRUE(conductor_.asked.empty());
    EXPECT_EQ(parse_json(post(queue + "/cancel", R"({"branch": "other"})").body)->at("found"), 0);
    EXPECT_EQ(parse_json(post(queue + "/cancel", R"({"resource_class": "large"})").body)->at("found"), 0);
    EXPECT_EQ(parse_json(post(queue + "/cancel", R"({"project_slug": "gh/acme/shop"})").body)->at("found"), 0);
    EXPECT_EQ(post(queue + "/cancel", R"({"project_slug": "git/nobody"})").status, 404);
    EXPECT_EQ(post(queue + "/cancel", R"({"dry": true})").status, 400);
    for (const char* everything : {"", "{}", R"({"branch": null})", R"({"branch": "", "project_slug": null})",
                                   R"({"all": false})", R"({"all": null})", R"({"dry_run": false})"}) {
        const auto refused = post(queue + "/cancel", everything);
        EXPECT_EQ(refused.status, 400) << everything;
        EXPECT_THAT(refused.body, HasSubstr("every waiting job of every project")) << everything;
    }
    EXPECT_EQ(post(queue + "/cancel", R"({"all": "yes"})").status, 400);
    EXPECT_TRUE(conductor_.asked.empty());
    EXPECT_EQ(parse_json(post(queue + "/cancel", R"({"all": true, "dry_run": true})").body)->at("found"), 2);
    const auto answer = post(queue + "/cancel", R"({"project_slug": "git/demo", "resource_class": "small"})");
    EXPECT_EQ(parse_json(answer.body)->at("canceled"), 2);
    EXPECT_THAT(conductor_.asked, Contains(HasSubstr("job-deploy-again")));
}

TEST_F(QueueRoutes, a_job_and_its_tasks_say_why_they_wait) {
    const auto shown = get("/api/v2/gyre/project/git/demo/job/3/tasks").body;
    EXPECT_THAT(shown, HasSubstr("it waits for 4 CPUs"));
}

}  // namespace
}  // namespace gyre::api

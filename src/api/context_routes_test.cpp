// Contexts, their variables, and which projects may use them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "api/views/text.h"
#include "model/secret.h"
#include "model/subject_ids.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ContextRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    httpd::RawAnswer create(const std::string& name, const std::string& slug = "gh/acme") {
        return post(contexts, json::serialize(json::object{{"name", name}, {"owner", {{"slug", slug}}}}));
    }
    // The address of a new one.
    std::string made(const std::string& name, const std::string& slug = "gh/acme") {
        const auto answer = create(name, slug);
        EXPECT_EQ(answer.status, 201) << answer.body;
        return contexts + "/" + std::string(parse_json(answer.body)->at("id").as_string());
    }
    std::size_t count(const std::string& target) { return json_of(target).at("items").as_array().size(); }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = *stores_.audit_log().newest(100, 0);
        for (const auto& event : page.events) all.push_back(event.action + " " + event.target);
        return all;
    }
    const std::string contexts = "/api/v2/context";
};

TEST_F(ContextRoutes, are_made_listed_shown_and_removed) {
    const auto deploy = made("deploy");
    made("build");
    const auto items = json_of(contexts + "?owner-slug=gh/acme&owner-type=organization").at("items").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].at("name"), "build");
    EXPECT_EQ(std::string(items[1].at("created_at").as_string()), to_iso(at(100)));
    EXPECT_EQ(json_of(deploy).at("name"), "deploy");
    EXPECT_EQ(send("DELETE", deploy).status, 200);
    EXPECT_EQ(send("DELETE", deploy).status, 404);
    EXPECT_EQ(get(deploy).status, 404);
    EXPECT_THAT(audited(), ElementsAre("context.delete gh/acme/deploy", "context.create gh/acme/build",
                                       "context.create gh/acme/deploy"));
}

TEST_F(ContextRoutes, belong_to_organizations_by_whatever_name) {
    made("one", "github/acme");
    made("two", "git");
    EXPECT_EQ(count(contexts + "?owner-slug=github/acme"), 1U);
    EXPECT_EQ(count(contexts + "?owner-id=" + user_id("gh/acme")), 1U);
    EXPECT_EQ(count(contexts + "?owner-slug=git"), 1U);
    EXPECT_EQ(count(contexts + "?owner-id=" + user_id("git/git")), 1U);
    EXPECT_EQ(get(contexts + "?owner-slug=gh/acne").status, 404) << "a typing mistake is not taken for an empty list";
    EXPECT_EQ(get(contexts).status, 400);
    EXPECT_EQ(get(contexts + "?owner-slug=gh/acme&owner-id=" + user_id("gh/acme")).status, 400);
}

TEST_F(ContextRoutes, have_one_name_each) {
    made("deploy");
    EXPECT_EQ(create("deploy").status, 409);
    EXPECT_EQ(create("deploy", "git").status, 201);
}

TEST_F(ContextRoutes, are_refused_with_a_reason) {
    for (const std::string body :
         {"", "[]", "{}", R"({"name": "x"})", R"({"name": "x", "owner": "gh/acme"})", R"({"name": "x", "owner": {}})",
          R"({"name": "x", "owner": {"slug": 7}})", R"({"name": "", "owner": {"slug": "gh/acme"}})",
          R"({"name": " x", "owner": {"slug": "gh/acme"}})", R"({"name": "x\n", "owner": {"slug": "gh/acme"}})",
          R"({"name": "x\u0000", "owner": {"slug": "gh/acme"}})", R"({"name": 7, "owner": {"slug": "gh/acme"}})",
          R"({"name": "x", "owner": {"slug": "gh/acme", "x": 1}})"})
        EXPECT_EQ(post(contexts, body).status, 400) << body;
    EXPECT_EQ(create(std::string(101, 'x')).status, 413);
    EXPECT_EQ(create("x", "gh/nobody").status, 404);
    EXPECT_EQ(count(contexts + "?owner-slug=gh/acme"), 0U);
    EXPECT_TRUE(audited().empty());
}

TEST_F(ContextRoutes, hold_variables_that_are_shown_masked) {
    const auto variables = made("deploy") + "/environment-variable";
    const auto put = send("PUT", variables + "/TOKEN", R"({"value": "s3cr3t-value"})");
    EXPECT_EQ(put.status, 200) << put.body;
    const auto listed = get(variables);
    EXPECT_THAT(listed.body, HasSubstr(R"("variable":"TOKEN","truncated_value":"xxxxalue")"));
    EXPECT_THAT(listed.body + put.body, Not(HasSubstr("s3cr3t")));
    EXPECT_EQ(send("DELETE", variables + "/TOKEN").status, 200);
    EXPECT_EQ(send("DELETE", variables + "/TOKEN").status, 404);
    EXPECT_THAT(audited(), ElementsAre("context.env_var.delete gh/acme/deploy", "context.env_var.store gh/acme/deploy",
                                       "context.create gh/acme/deploy"));
}

TEST_F(ContextRoutes, refuse_variables_that_no_job_could_have) {
    const auto variables = made("deploy") + "/environment-variable";
    for (const std::string name : {"A-B", "1A", "A%20B", "A%0AB", "%00", "A%2F..%2FB"})
        EXPECT_EQ(send("PUT", variables + "/" + name, R"({"value": "s3cr3t"})").status, 400) << name;
    for (const std::string body :
         {"", "{}", "[]", R"({"value": 7})", R"({"value": "s3cr3t\u0000"})", R"({"value": "s3cr3t", "name": "B"})"})
        EXPECT_EQ(send("PUT", variables + "/A", body).status, 400) << body;
    const json::object large{{"value", std::string(largest_variable + 1, 'x')}};
    EXPECT_EQ(send("PUT", variables + "/A", json::serialize(large)).status, 413);
    for (int i = 0; i < most_variables; ++i)
        ASSERT_EQ(send("PUT", variables + "/A" + std::to_string(i), R"({"value": "x"})").status, 200);
    EXPECT_EQ(send("PUT", variables + "/B", R"({"value": "x"})").status, 413);
    EXPECT_EQ(send("PUT", contexts + "/none/environment-variable/A", R"({"value": "x"})").status, 404);
}

TEST_F(ContextRoutes, are_restricted_to_projects_of_their_organization) {
    const auto restrictions = made("deploy") + "/restrictions";
    const auto made_one = post(restrictions, R"({"restriction_type": "project", "restriction_value": "project-shop"})");
    ASSERT_EQ(made_one.status, 201) << made_one.body;
    EXPECT_EQ(parse_json(made_one.body)->at("name"), "gh/acme/shop");
    EXPECT_EQ(post(restrictions, R"({"project_id": "project-shop"})").status, 409);
    EXPECT_EQ(json_of(restrictions).at("items").at(0).at("restriction_value"), "project-shop");
    const std::string id(parse_json(made_one.body)->at("id").as_string());
    EXPECT_EQ(send("DELETE", restrictions + "/" + id).status, 200);
    EXPECT_EQ(send("DELETE", restrictions + "/" + id).status, 404);
    EXPECT_EQ(post(restrictions, R"({"restriction_value": "gh/acme/shop"})").status, 201) << "by its slug";
    EXPECT_EQ(post(restrictions, R"({"restriction_value": "git/demo"})").status, 404) << "of another organization";
    EXPECT_EQ(post(restrictions, R"({"restriction_value": "nobody"})").status, 404);
    EXPECT_EQ(post(restrictions, R"({"restriction_type": "group", "restriction_value": "x"})").status, 400);
    EXPECT_EQ(post(restrictions, R"({"restriction_type": "expression", "restriction_value": "true"})").status, 400);
    EXPECT_EQ(post(restrictions, R"({"restriction": "project-shop"})").status, 400);
}

TEST_F(ContextRoutes, are_for_those_who_have_a_token) {
    const auto deploy = made("deploy");
    for (const std::string& target :
         {contexts + "?owner-slug=gh/acme", deploy, deploy + "/environment-variable", deploy + "/restrictions"})
        EXPECT_EQ(send("GET", target, "", "").status, 401) << target;
    EXPECT_EQ(send("PUT", deploy + "/environment-variable/A", R"({"value": "x"})", "").status, 401);
    EXPECT_EQ(send("DELETE", deploy, "", "").status, 401);
    EXPECT_EQ(send("POST", contexts, "{}", "").status, 401);
}

}  // namespace
}  // namespace gyre::api

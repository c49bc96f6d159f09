// Variables of projects.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "model/secret.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class VariableRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    httpd::RawAnswer set(const std::string& name, const std::string& value) {
        return post(variables, json::serialize(json::object{{"name", name}, {"value", value}}));
    }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = *stores_.audit_log().newest(100, 0);
        for (const auto& event : page.events)
            all.push_back(event.actor + " " + event.action + " " + event.target + " " + json::serialize(event.payload));
        return all;
    }
    const std::string variables = "/api/v2/project/git/demo/envvar";
};

TEST_F(VariableRoutes, are_set_shown_masked_and_removed) {
    EXPECT_TRUE(json_of(variables).at("items").as_array().empty());
    const auto made = set("TOKEN", "s3cr3t-value");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body, R"({"name":"TOKEN","value":"xxxxalue"})");
    const auto listed = get(variables);
    EXPECT_THAT(listed.body, HasSubstr(R"("name":"TOKEN","value":"xxxxalue")"));
    EXPECT_THAT(listed.body, Not(HasSubstr("s3cr3t")));
    EXPECT_EQ(json_of(variables + "/TOKEN").at("value"), "xxxxalue");
    EXPECT_EQ(set("TOKEN", "short").status, 201);
    EXPECT_EQ(json_of(variables + "/TOKEN").at("value"), "xxxx");
    EXPECT_EQ(send("DELETE", variables + "/TOKEN").status, 200);
    EXPECT_EQ(send("DELETE", variables + "/TOKEN").status, 404);
    EXPECT_EQ(get(variables + "/TOKEN").status, 404);
    EXPECT_THAT(audited(), ElementsAre(R"(ann project.env_var.delete git/demo {"name":"TOKEN"})",
                                       R"(ann project.env_var.create git/demo {"name":"TOKEN"})",
                                       R"(ann project.env_var.create git/demo {"name":"TOKEN"})"));
}

TEST_F(VariableRoutes, are_each_projects_own_in_all_forms_of_its_name) {
    ASSERT_EQ(post("/api/v2/project/github/acme/shop/envvar", R"({"name": "A", "value": "x"})").status, 201);
    EXPECT_EQ(json_of("/api/v2/project/gh%2Facme%2Fshop/envvar").at("items").as_array().size(), 1U);
    EXPECT_TRUE(json_of(variables).at("items").as_array().empty());
}

TEST_F(VariableRoutes, have_the_form_of_the_older_api_too) {
    const std::string old = "/api/v1.1/project/gh/acme/shop/envvar";
    EXPECT_EQ(post(old, R"({"name": "A", "value": "0123456789"})").status, 201);
    const auto listed = json_of(old);
    ASSERT_EQ(listed.as_array().size(), 1U);
    EXPECT_EQ(listed.at(0).at("value"), "xxxx6789");
    EXPECT_EQ(json_of(old + "/A").at("name"), "A");
    EXPECT_EQ(send("DELETE", old + "/A").body, R"({"message":"ok"})");
    EXPECT_EQ(get("/api/v1.1/project/git/demo/envvar").body, "[]");
}

TEST_F(VariableRoutes, are_refused_with_a_reason_that_holds_no_value) {
    const std::vector<std::pair<std::string, int>> cases{
        {"", 400},
        {"[]", 400},
        {"{", 400},
        {R"({"name": "A"})", 400},
        {R"({"value": "s3cr3t"})", 400},
        {R"({"name": "", "value": "s3cr3t"})", 400},
        {R"({"name": "A-B", "value": "s3cr3t"})", 400},
        {R"({"name": "A B", "value": "s3cr3t"})", 400},
        {R"({"name": "1A", "value": "s3cr3t"})", 400},
        {R"({"name": "A\n", "value": "s3cr3t"})", 400},
        {R"({"name": "A", "value": "s3cr3t\u0000"})", 400},
        {R"({"name": "A", "value": 7})", 400},
        {R"({"name": "A", "value": ["s3cr3t"]})", 400},
        {R"({"name": "A", "value": "s3cr3t", "extra": 1})", 400},
        {json::serialize(json::object{{"name", std::string(257, 'A')}, {"value", "s3cr3t"}}), 413},
        {json::serialize(json::object{{"name", "A"}, {"value", "s3cr3t" + std::string(largest_variable, 'x')}}), 413},
    };
    for (const auto& [body, status] : cases) {
        const auto answer = post(variables, body);
        EXPECT_EQ(answer.status, status) << body.substr(0, 100);
        EXPECT_THAT(answer.body, Not(HasSubstr("s3cr3t")));
    }
    EXPECT_TRUE(json_of(variables).at("items").as_array().empty());
    EXPECT_TRUE(audited().empty());
    EXPECT_EQ(post("/api/v2/project/git/none/envvar", R"({"name": "A", "value": "x"})").status, 404);
}

TEST_F(VariableRoutes, are_for_those_who_have_a_token) {
    for (const std::string method : {"GET", "POST"}) EXPECT_EQ(send(method, variables, "", "").status, 401) << method;
    EXPECT_EQ(send("DELETE", variables + "/A", "", "").status, 401);
    EXPECT_EQ(send("POST", "/api/v2/gyre/secrets/seal-again", "", "").status, 401);
}

TEST_F(VariableRoutes, are_sealed_again_when_somebody_asks) {
    set("A", "x");
    EXPECT_EQ(post("/api/v2/gyre/secrets/seal-again").body, R"({"sealed_again":0})") << "by the newest key already";
    EXPECT_THAT(audited().front(), HasSubstr("secrets.seal_again"));
}

}  // namespace
}  // namespace gyre::api

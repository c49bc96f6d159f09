// Logins to registries that organizations have.

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

class RegistryRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    static std::string body(const std::string& registry, const std::string& username, const std::string& password,
                            const std::string& organization = "git") {
        return json::serialize(json::object{{"owner", json::object{{"slug", organization}}},
                                            {"registry", registry},
                                            {"username", username},
                                            {"password", password}});
    }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = *stores_.audit_log().newest(100, 0);
        for (const auto& event : page.events)
            all.push_back(event.action + " " + event.target + " " + json::serialize(event.payload));
        return all;
    }
    const std::string logins = "/api/v2/gyre/registries";
    const std::string of_git = "?owner-slug=git";
};

TEST_F(RegistryRoutes, are_stored_listed_without_their_passwords_replaced_and_removed) {
    EXPECT_EQ(json_of(logins + of_git).at("items").as_array().size(), 0U);
    const auto added = post(logins, body("LocalHost:5000", "bob", "hunter$2"));
    ASSERT_EQ(added.status, 201) << added.body;
    const auto view = parse_json(added.body).value();
    EXPECT_EQ(view.at("registry").as_string(), "localhost:5000");
    EXPECT_EQ(view.at("username").as_string(), "bob");
    EXPECT_EQ(post(logins, body("localhost:5000", "robot", "hunter$3")).status, 201);
    const std::string listed = get(logins + of_git).body;
    EXPECT_THAT(listed, HasSubstr(R"("username":"robot")"));
    EXPECT_THAT(listed, Not(HasSubstr(R"("username":"bob")")));
    for (const auto& text : {added.body, listed}) EXPECT_THAT(text, Not(HasSubstr("hunter")));
    EXPECT_EQ(send("DELETE", logins + "/localhost%3A5000" + of_git).status, 200);
    EXPECT_EQ(send("DELETE", logins + "/localhost%3A5000" + of_git).status, 404);
    const std::string of_it = R"( git {"registry":"localhost:5000"})";
    EXPECT_THAT(audited(), ElementsAre("registry-login.delete" + of_it, "registry-login.store" + of_it,
                                       "registry-login.store" + of_it));
}

TEST_F(RegistryRoutes, are_of_organizations_that_are_there) {
    EXPECT_EQ(get(logins).status, 400);
    EXPECT_EQ(get(logins + "?owner-slug=gh/nobody").status, 404);
    EXPECT_EQ(send("DELETE", logins + "/ghcr.io?owner-slug=gh/nobody").status, 404);
    const auto refused = post(logins, body("ghcr.io", "bob", "hunter2", "gh/nobody"));
    EXPECT_EQ(refused.status, 404);
    EXPECT_THAT(refused.body, HasSubstr("gyre project list"));
}

TEST_F(RegistryRoutes, hostile_bodies_are_refused_and_nothing_of_a_password_is_answered) {
    const std::pair<std::string, int> cases[] = {
        {"", 400},
        {"[]", 400},
        {R"({"registry": "ghcr.io", "username": "bob", "password": "hunter2"})", 400},
        {R"({"owner": "git", "registry": "ghcr.io", "username": "bob", "password": "hunter2"})", 400},
        {R"({"owner": {"slug": "git"}, "registry": 7, "username": "bob", "password": "hunter2"})", 400},
        {R"({"owner": {"slug": "git"}, "registry": "ghcr.io", "username": "bob", "password": ["hunter2"]})", 400},
        {R"({"owner": {"slug": "git"}, "registry": "ghcr.io", "username": "bob", "password": "hunter2", "x": 1})", 400},
        {R"({"owner": {"slug": "git"}, "registry": "ghcr.io", "username": "bob"})", 400},
        {body("https://ghcr.io/", "bob", "hunter2"), 400},
        {body("ghcr", "bob", "hunter2"), 400},
        {body("", "bob", "hunter2"), 400},
        {body("ghcr.io", "", "hunter2"), 400},
        {body("ghcr.io", "bo\nb", "hunter2"), 400},
        {body("ghcr.io", "bob", "hun"), 400},
        {body("ghcr.io", "bob", "hunter2" + std::string(largest_registry_password, 'x')), 413},
        {body(std::string(5'000, 'a'), "bob", "hunter2"), 413},
    };
    for (const auto& [text, status] : cases) {
        const auto answer = post(logins, text);
        EXPECT_EQ(answer.status, status) << text.substr(0, 200) << answer.body;
        EXPECT_THAT(answer.body, Not(HasSubstr("hunter"))) << text.substr(0, 200);
    }
    EXPECT_THAT(post(logins, body("https://ghcr.io/", "bob", "hunter2")).body, HasSubstr("write ghcr.io"));
    EXPECT_EQ(json_of(logins + of_git).at("items").as_array().size(), 0U);
    EXPECT_TRUE(audited().empty());
}

TEST_F(RegistryRoutes, those_that_cannot_be_opened_are_shown_as_such_and_can_be_removed) {
    ASSERT_EQ(post(logins, body("ghcr.io", "bob", "hunter2")).status, 201);
    auto broken = stores_.secret_store().of(SecretKind::registry_login, "git")->front();
    broken.sealed.back() ^= 1;
    ASSERT_TRUE(stores_.secret_store().put(broken, most_registry_logins).ok());
    const auto shown = json_of(logins + of_git).at("items").as_array().at(0);
    EXPECT_TRUE(shown.at("username").is_null());
    EXPECT_NE(shown.at("error").as_string(), "");
    EXPECT_EQ(send("DELETE", logins + "/ghcr.io" + of_git).status, 200);
}

}  // namespace
}  // namespace gyre::api

// Additional SSH keys of projects.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "identity/private_ssh_key.h"
#include "identity/test_keys.h"
#include "model/secret.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SshKeyRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    static std::string body_of(const std::string& hostname, const std::string& private_key) {
        return json::serialize(json::object{{"hostname", hostname}, {"private_key", private_key}});
    }
    std::size_t count() { return json_of(keys).at("items").as_array().size(); }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = *stores_.audit_log().newest(100, 0);
        for (const auto& event : page.events)
            all.push_back(event.actor + " " + event.action + " " + event.target + " " + json::serialize(event.payload));
        return all;
    }
    const std::string keys = "/api/v2/gyre/project/git/demo/ssh-key";
    const std::string old = "/api/v1.1/project/git/demo/ssh-key";
    const std::string text = identity::ed25519_pkcs8(1);
    const identity::PrivateSshKey key = identity::read_private_ssh_key(text).value();
};

TEST_F(SshKeyRoutes, are_added_shown_by_their_public_part_and_removed) {
    const auto added = post(keys, body_of("git.example.org", text));
    EXPECT_EQ(added.status, 201);
    const auto listed = get(keys);
    for (const auto& answer : {added.body, listed.body}) {
        EXPECT_THAT(answer, HasSubstr(key.public_line()));
        EXPECT_THAT(answer, HasSubstr(R"("hostname":"git.example.org","fingerprint":")" + key.md5()));
        EXPECT_THAT(answer, Not(HasSubstr("PRIVATE")));
    }
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5() + "?hostname=elsewhere").status, 404);
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5()).body, R"({"message":"ok"})");
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5()).status, 404);
    EXPECT_EQ(count(), 0U);
    const std::string print = R"("fingerprint":")" + key.md5() + "\"}";
    EXPECT_THAT(audited(),
                ElementsAre(R"(ann project.ssh_key.delete git/demo {"hostname":"git.example.org",)" + print,
                            R"(ann project.ssh_key.create git/demo {"hostname":"git.example.org",)" + print));
}

TEST_F(SshKeyRoutes, have_the_form_of_the_older_api_which_answers_nothing) {
    const auto added = post(old, body_of("git.example.org", text));
    EXPECT_EQ(added.status, 201);
    EXPECT_EQ(added.body, "");
    EXPECT_EQ(post("/api/v1/project/git/demo/ssh-key", body_of("", text)).status, 201);
    EXPECT_EQ(count(), 2U);
    const auto gone =
        send("DELETE", old, json::serialize(json::object{{"hostname", "git.example.org"}, {"fingerprint", key.md5()}}));
    EXPECT_EQ(gone.status, 200);
    EXPECT_EQ(gone.body, "");
    EXPECT_EQ(
        send("DELETE", old, json::serialize(json::object{{"hostname", ""}, {"fingerprint", key.sha256()}})).status,
        200);
    EXPECT_EQ(count(), 0U);
}

TEST_F(SshKeyRoutes, are_removed_of_one_host_of_any_or_of_all) {
    const std::string none = json::serialize(json::object{{"hostname", nullptr}, {"fingerprint", key.md5()}});
    const std::string any = json::serialize(json::object{{"hostname", ""}, {"fingerprint", key.md5()}});
    for (const auto& remove_any : {std::pair{keys + "/" + key.md5() + "?hostname=", std::string()}, {old, any}}) {
        for (const char* host : {"a", "b", ""}) ASSERT_EQ(post(keys, body_of(host, text)).status, 201);
        EXPECT_EQ(send("DELETE", remove_any.first, remove_any.second).status, 200);
        EXPECT_EQ(send("DELETE", remove_any.first, remove_any.second).status, 404) << "those of a and b stay";
        EXPECT_EQ(count(), 2U);
        EXPECT_EQ(send("DELETE", old, none).status, 200);
        EXPECT_EQ(count(), 0U);
    }
}

TEST_F(SshKeyRoutes, are_removed_by_fingerprints_with_a_slash) {
    char seed = 1;
    const auto sha256 = [&] { return identity::read_private_ssh_key(identity::ed25519_pkcs8(seed))->sha256(); };
    while (sha256().find('/') == std::string::npos) ++seed;
    ASSERT_EQ(post(keys, body_of("a", identity::ed25519_pkcs8(seed))).status, 201);
    EXPECT_EQ(send("DELETE", keys + "/" + httpd::percent_encode(sha256())).status, 200) << sha256();
    EXPECT_EQ(count(), 0U);
}

TEST_F(SshKeyRoutes, that_cannot_be_read_any_more_are_shown_with_the_reason_and_removed) {
    ASSERT_EQ(post(keys, body_of("a", text)).status, 201);
    auto stored =
        stores_.secret_store().of(SecretKind::ssh_key, stores_.project_store().by_slug("git/demo")->id.text)->front();
    stored.sealed.back() ^= 1;
    ASSERT_TRUE(stores_.secret_store().put(stored, most_ssh_keys).ok());
    const auto shown = json_of(keys).at("items").at(0);
    EXPECT_EQ(shown.at("fingerprint").as_string(), key.md5());
    EXPECT_TRUE(shown.at("public_key").is_null());
    EXPECT_THAT(std::string(shown.at("error").as_string()), HasSubstr(key.md5()));
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5()).status, 200);
    EXPECT_EQ(count(), 0U);
}

TEST_F(SshKeyRoutes, that_went_before_a_removal_broke_off_are_noted) {
    for (const char* host : {"a", "b"}) ASSERT_EQ(post(keys, body_of(host, text)).status, 201);
    stores_.trouble().on("secrets.remove", 2, memory::Mishap::fails);
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5()).status, 503);
    EXPECT_EQ(count(), 1U);
    EXPECT_THAT(audited().front(), HasSubstr("project.ssh_key.delete"));
    EXPECT_EQ(send("DELETE", keys + "/" + key.md5()).status, 200);
    EXPECT_EQ(audited().size(), 4U);
}

TEST_F(SshKeyRoutes, are_each_projects_own) {
    ASSERT_EQ(post("/api/v1.1/project/github/acme/shop/ssh-key", body_of("", text)).status, 201);
    EXPECT_EQ(count(), 0U);
    EXPECT_EQ(json_of("/api/v2/gyre/project/gh%2Facme%2Fshop/ssh-key").at("items").as_array().size(), 1U);
}

TEST_F(SshKeyRoutes, are_refused_with_a_reason_that_holds_nothing_of_the_key) {
    const std::vector<std::pair<std::string, int>> cases{
        {"", 400},
        {"[]", 400},
        {R"({"hostname": "a"})", 400},
        {R"({"hostname": "a", "private_key": 7})", 400},
        {R"({"hostname": ["a"], "private_key": "hunter2"})", 400},
        {body_of("a", "hunter2"), 400},
        {body_of("a b", text), 400},
        {body_of("*", text), 400},
        {body_of("a\nHost *", text), 400},
        {json::serialize(json::object{{"private_key", text}, {"extra", 1}}), 400},
        {body_of("a", "hunter2" + std::string(largest_ssh_key, 'x')), 413},
        {body_of(std::string(254, 'a'), text), 413},
    };
    for (const auto& path : {keys, old}) {
        for (const auto& [body, status] : cases) {
            const auto answer = post(path, body);
            EXPECT_EQ(answer.status, status) << body.substr(0, 100);
            EXPECT_THAT(answer.body, Not(HasSubstr("hunter2")));
        }
        EXPECT_EQ(post("/api/v2/gyre/project/git/none/ssh-key", body_of("", text)).status, 404);
    }
    for (const std::string body : {"", "[]", R"({"hostname": ""})", R"({"fingerprint": 7})"})
        EXPECT_EQ(send("DELETE", old, body).status, 400) << body;
    EXPECT_EQ(send("DELETE", keys + "/" + std::string(101, 'a')).status, 400);
    EXPECT_EQ(count(), 0U);
    EXPECT_TRUE(audited().empty());
}

TEST_F(SshKeyRoutes, are_for_those_who_have_a_token) {
    for (const auto& path : {keys, old}) EXPECT_EQ(send("POST", path, body_of("", text), "").status, 401);
    EXPECT_EQ(send("GET", keys, "", "").status, 401);
    EXPECT_EQ(send("DELETE", old, "{}", "").status, 401);
}

}  // namespace
}  // namespace gyre::api

// Checkout keys of projects, in both forms of the API.

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

class CheckoutKeyRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    static std::string body_of(const std::string& type, const std::string& private_key) {
        return json::serialize(json::object{{"type", type}, {"private_key", private_key}});
    }
    static std::string url(std::string fingerprint) {
        for (auto at = fingerprint.find('/'); at != std::string::npos; at = fingerprint.find('/', at))
            fingerprint.replace(at, 1, "%2F");
        for (auto at = fingerprint.find('+'); at != std::string::npos; at = fingerprint.find('+', at))
            fingerprint.replace(at, 1, "%2B");
        return "/" + fingerprint;
    }
    std::vector<std::string> listed(const std::string& path) {
        std::vector<std::string> prints;
        const auto answered = json_of(path);
        for (const auto& one : answered.at("items").as_array()) prints.emplace_back(one.at("fingerprint").as_string());
        return prints;
    }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = *stores_.audit_log().newest(100, 0);
        for (const auto& event : page.events) all.push_back(event.action + " " + json::serialize(event.payload));
        return all;
    }
    const std::string keys = "/api/v2/project/git/demo/checkout-key";
    const std::string old = "/api/v1.1/project/git/demo/checkout-key";
    const std::string text = identity::ed25519_pkcs8(1);
    const identity::PrivateSshKey key = identity::read_private_ssh_key(text).value();
};

TEST_F(CheckoutKeyRoutes, are_made_and_shown_by_their_public_part) {
    const auto made = post(keys, R"({"type": "deploy-key"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, Not(HasSubstr("PRIVATE")));
    const auto view = parse_json(made.body).value();
    EXPECT_EQ(view.at("type").as_string(), "deploy-key");
    EXPECT_TRUE(view.at("preferred").as_bool());
    EXPECT_THAT(std::string(view.at("public-key").as_string()), HasSubstr("ssh-ed25519 AAAA"));
    EXPECT_EQ(view.at("public-key"), view.at("public_key"));
    EXPECT_EQ(view.at("created-at"), view.at("created_at"));
    EXPECT_EQ(get(keys + url(std::string(view.at("fingerprint").as_string()))).body, made.body);
    EXPECT_THAT(get(keys).body, HasSubstr(made.body));
}

TEST_F(CheckoutKeyRoutes, are_given_found_by_either_fingerprint_and_removed) {
    const auto added = post(keys, body_of("user-key", text));
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_THAT(added.body, HasSubstr(R"("type":"github-user-key")"));
    EXPECT_THAT(added.body, HasSubstr(key.public_line()));
    EXPECT_EQ(post(keys, body_of("user-key", text)).status, 409);
    EXPECT_THAT(listed(keys), ElementsAre(key.md5()));
    EXPECT_THAT(listed(keys + "?digest=sha256"), ElementsAre(key.sha256()));
    EXPECT_EQ(get(keys + "?digest=sha1").status, 400);
    EXPECT_THAT(get(keys + url(key.sha256())).body, HasSubstr(key.sha256()));
    EXPECT_THAT(get(keys + url(key.md5())).body, HasSubstr(key.md5()));
    EXPECT_THAT(get(keys + url("MD5:" + key.md5())).body, HasSubstr(key.md5())) << "as ssh-keygen -E md5 prints it";
    EXPECT_EQ(send("DELETE", keys + url(key.sha256())).body, R"({"message":"ok"})");
    EXPECT_EQ(send("DELETE", keys + url(key.md5())).status, 404);
    EXPECT_EQ(get(keys + url(key.md5())).status, 404);
    const std::string payload = R"( {"type":"user-key","fingerprint":")" + key.md5() + "\"}";
    EXPECT_THAT(audited(), ElementsAre("checkout-key.delete" + payload, "checkout-key.create" + payload));
}

TEST_F(CheckoutKeyRoutes, have_the_form_of_the_older_api) {
    const auto added = post(old, body_of("github-user-key", text));
    ASSERT_EQ(added.status, 201) << added.body;
    const auto view = parse_json(added.body).value().as_object();
    EXPECT_EQ(view.at("type").as_string(), "github-user-key");
    EXPECT_TRUE(view.contains("time"));
    EXPECT_FALSE(view.contains("public-key"));
    EXPECT_EQ(json_of(old).as_array().size(), 1U);
    EXPECT_EQ(json_of("/api/v1/project/git/demo/checkout-key?digest=sha256").at(0).at("fingerprint").as_string(),
              key.sha256());
    EXPECT_EQ(get(old + url(key.md5())).body, added.body);
    EXPECT_EQ(send("DELETE", old + url(key.md5())).body, R"({"message":"ok"})");
}

TEST_F(CheckoutKeyRoutes, are_found_by_fingerprints_with_a_slash) {
    char seed = 1;
    const auto sha256 = [&] { return identity::read_private_ssh_key(identity::ed25519_pkcs8(seed))->sha256(); };
    while (sha256().find('/') == std::string::npos) ++seed;
    ASSERT_EQ(post(keys, body_of("deploy-key", identity::ed25519_pkcs8(seed))).status, 201);
    for (const auto& path : {keys, old}) EXPECT_EQ(get(path + url(sha256())).status, 200) << sha256();
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/checkout-key" + url(sha256()) + "/prefer", "").status, 200);
    EXPECT_EQ(send("DELETE", keys + url(sha256())).status, 200);
    EXPECT_EQ(get(keys + url(sha256())).status, 404);
}

TEST_F(CheckoutKeyRoutes, none_is_made_of_an_empty_one) {
    EXPECT_EQ(post(keys, R"({"type": "deploy-key", "private_key": ""})").status, 400);
    EXPECT_THAT(listed(keys), testing::IsEmpty());
}

TEST_F(CheckoutKeyRoutes, one_is_preferred) {
    ASSERT_EQ(post(keys, body_of("deploy-key", text)).status, 201);
    const auto behind = post(keys, R"({"type": "deploy-key", "preferred": false})");
    ASSERT_EQ(behind.status, 201) << behind.body;
    const auto other = std::string(parse_json(behind.body).value().at("fingerprint").as_string());
    EXPECT_THAT(listed(keys), ElementsAre(key.md5(), other));
    const std::string own = "/api/v2/gyre/project/git/demo/checkout-key";
    const auto preferred = post(own + url(other) + "/prefer", "");
    EXPECT_EQ(preferred.status, 200) << preferred.body;
    EXPECT_THAT(listed(keys), ElementsAre(other, key.md5()));
    EXPECT_EQ(post(own + "/none/prefer", "").status, 404);
    EXPECT_THAT(audited().front(), HasSubstr("checkout-key.prefer"));
}

TEST_F(CheckoutKeyRoutes, are_refused_with_a_reason_that_holds_nothing_of_the_key) {
    const std::vector<std::pair<std::string, int>> cases{
        {"", 400},
        {"[]", 400},
        {R"({"type": 7})", 400},
        {R"({"type": "machine-key"})", 400},
        {R"({"type": "deploy-key", "preferred": "yes"})", 400},
        {R"({"type": "deploy-key", "private_key": 7})", 400},
        {R"({"type": "deploy-key", "extra": 1})", 400},
        {body_of("deploy-key", "hunter2"), 400},
        {body_of("deploy-key", key.public_line()), 400},
        {body_of("deploy-key", "hunter2" + std::string(largest_ssh_key, 'x')), 413},
    };
    for (const auto& path : {keys, old}) {
        for (const auto& [body, status] : cases) {
            const auto answer = post(path, body);
            EXPECT_EQ(answer.status, status) << body.substr(0, 100);
            EXPECT_THAT(answer.body, Not(HasSubstr("hunter2")));
        }
        EXPECT_EQ(send("DELETE", path + "/" + std::string(101, 'a')).status, 400);
        EXPECT_EQ(send("GET", path, "", "").status, 401);
        EXPECT_EQ(send("POST", path, R"({"type": "deploy-key"})", "").status, 401);
    }
    EXPECT_EQ(get("/api/v2/project/git/none/checkout-key").status, 404);
    EXPECT_TRUE(listed(keys).empty());
    EXPECT_TRUE(audited().empty());
}

TEST_F(CheckoutKeyRoutes, that_cannot_be_read_any_more_are_shown_with_the_reason) {
    ASSERT_EQ(post(keys, body_of("deploy-key", text)).status, 201);
    auto stored = stores_.secret_store()
                      .of(SecretKind::checkout_key, stores_.project_store().by_slug("git/demo")->id.text)
                      ->front();
    stored.sealed.back() ^= 1;
    ASSERT_TRUE(stores_.secret_store().put(stored, most_checkout_keys).ok());
    const auto shown = json_of(keys).at("items").at(0);
    EXPECT_TRUE(shown.at("public-key").is_null());
    EXPECT_THAT(std::string(shown.at("error").as_string()), HasSubstr(key.md5()));
    EXPECT_EQ(send("DELETE", keys + url(key.md5())).status, 200);
}

TEST_F(CheckoutKeyRoutes, one_comes_with_a_project_whose_remote_lets_nobody_in) {
    const auto add = [&](const std::string& slug, const std::string& remote, bool with_key) {
        return post("/api/v2/projects",
                    json::serialize(json::object{{"slug", slug}, {"remote", remote}, {"checkout_key", with_key}}));
    };
    const auto closed = add("git/closed", "git@host:closed.git", false);
    ASSERT_EQ(closed.status, 201) << closed.body;
    const auto view = parse_json(closed.body).value();
    EXPECT_FALSE(view.at("read").as_bool());
    EXPECT_EQ(view.at("refusal").as_string(), "Permission denied");
    EXPECT_EQ(listed("/api/v2/project/git/closed/checkout-key"),
              std::vector{std::string(view.at("checkout_key").at("fingerprint").as_string())});
    EXPECT_THAT(audited(), ElementsAre(HasSubstr("checkout-key.create")));
    EXPECT_EQ(add("git/unasked", "git@host:open.git", true).status, 201);
    EXPECT_EQ(listed("/api/v2/project/git/unasked/checkout-key").size(), 1U);
    const auto open = add("git/open", "git@host:open.git", false);
    EXPECT_EQ(open.status, 201);
    EXPECT_THAT(open.body, Not(HasSubstr("checkout_key")));
    EXPECT_EQ(add("git/path", "/srv/git/app.git", true).status, 400) << "no key opens a directory";
    EXPECT_EQ(post("/api/v2/gyre/project/git/closed/look", "").status, 200);
    EXPECT_EQ(post("/api/v2/gyre/project/git/none/look", "").status, 404);
}

TEST_F(CheckoutKeyRoutes, that_cannot_be_made_keep_no_project_from_being_added) {
    ASSERT_EQ(post(keys, body_of("deploy-key", text)).status, 201);
    auto stored = stores_.secret_store()
                      .of(SecretKind::checkout_key, stores_.project_store().by_slug("git/demo")->id.text)
                      ->front();
    stored.key = "lost";
    ASSERT_TRUE(stores_.secret_store().put(stored, most_checkout_keys).ok());
    const std::string wish = R"({"slug": "git/closed", "remote": "git@host:closed.git"})";
    const auto added = post("/api/v2/projects", wish);
    ASSERT_EQ(added.status, 201) << added.body;
    const auto view = parse_json(added.body).value();
    EXPECT_FALSE(view.at("read").as_bool());
    EXPECT_FALSE(view.as_object().contains("checkout_key"));
    EXPECT_THAT(std::string(view.at("key_trouble").as_string()), HasSubstr("lost"));
    EXPECT_EQ(get("/api/v2/project/git/closed").status, 200);
}

TEST_F(CheckoutKeyRoutes, take_no_heed_of_a_limit_where_nothing_is_listed) {
    EXPECT_EQ(post(keys + "?limit=x", R"({"type": "deploy-key"})").status, 201);
    EXPECT_EQ(get(keys + "?limit=x").status, 400);
}

}  // namespace
}  // namespace gyre::api

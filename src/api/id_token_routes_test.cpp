// What everybody may know of an organization's tokens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class IdTokenRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    httpd::RawAnswer of_nobody(const std::string& target) { return send("GET", target, {}, {}); }
    std::string organization(const std::string& slug) {
        return std::string(json_of("/api/v2/project/" + slug).at("organization_id").as_string());
    }
};

TEST_F(IdTokenRoutes, tell_who_vouches_and_with_which_keys_without_a_token) {
    for (const char* slug : {"gh/acme/shop", "git/demo"}) {
        const std::string issuer = "/org/" + organization(slug);
        const auto told = of_nobody(issuer + "/.well-known/openid-configuration");
        ASSERT_EQ(told.status, 200) << told.body;
        const auto configuration = parse_json(told.body).value();
        EXPECT_EQ(configuration.at("issuer").as_string(), "https://ci.test" + issuer);
        EXPECT_EQ(configuration.at("jwks_uri").as_string(), "https://ci.test" + issuer + "/.well-known/jwks-pub.json");
        const auto keys = of_nobody(issuer + "/.well-known/jwks-pub.json");
        ASSERT_EQ(keys.status, 200) << keys.body;
        EXPECT_EQ(parse_json(keys.body)->at("keys").as_array().size(), 3U);
        EXPECT_THAT(keys.body, Not(HasSubstr(R"("d":)")));
    }
}

TEST_F(IdTokenRoutes, tell_strangers_nothing_of_which_organizations_are_here) {
    const auto known = of_nobody("/org/" + organization("git/demo") + "/.well-known/jwks-pub.json");
    const auto other = of_nobody("/org/00000000-0000-4000-8000-000000000000/.well-known/jwks-pub.json");
    EXPECT_EQ(known.body, other.body);
    EXPECT_EQ(known.status, other.status);
}

TEST_F(IdTokenRoutes, say_nothing_for_what_is_no_id) {
    const std::string known = organization("git/demo");
    const std::vector<std::string> ids{"00000000-0000-4000-8000-00000000000g",
                                       "00000000x0000-4000-8000-000000000000",
                                       "git",
                                       "x",
                                       "%00",
                                       "..",
                                       "%2e%2e",
                                       "%2e%2e%2f" + known,
                                       known + "%2f..",
                                       known + "%20",
                                       known + "x",
                                       std::string(4000, 'a'),
                                       "%ff%fe",
                                       "'%20OR%201=1--",
                                       "%3Cscript%3E"};
    for (const auto& id : ids) {
        for (const char* name : {"openid-configuration", "jwks-pub.json"}) {
            const auto answer = of_nobody("/org/" + id + "/.well-known/" + name);
            EXPECT_THAT(answer.status, testing::AnyOf(400, 404)) << id;
            EXPECT_THAT(answer.body, Not(HasSubstr("script"))) << id;
            EXPECT_THAT(answer.body, Not(HasSubstr("keys"))) << id;
        }
    }
    EXPECT_THAT(of_nobody("/org/gh%2Facme/.well-known/jwks-pub.json").body, testing::Eq("<html>"))
        << "a page as any other";
    EXPECT_NE(send("POST", "/org/" + known + "/.well-known/jwks-pub.json", "{}", {}).status, 200);
    EXPECT_NE(send("DELETE", "/org/" + known + "/.well-known/jwks-pub.json", {}, {}).status, 200);
    EXPECT_THAT(of_nobody("/org/" + known + "/.well-known/signing.key").body, Not(HasSubstr("signing key")));
}

TEST_F(IdTokenRoutes, take_the_sites_address_from_its_setting_and_not_from_whoever_asks) {
    const auto told = send("GET", "/org/" + organization("git/demo") + "/.well-known/openid-configuration", {},
                           "X-Forwarded-Host: evil.test\r\n");
    EXPECT_THAT(told.body, Not(HasSubstr("evil")));
}

}  // namespace
}  // namespace gyre::api

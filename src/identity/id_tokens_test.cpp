#include "identity/id_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "base/process.h"
#include "base/random.h"
#include "identity/token_keys.h"
#include "model/subject_ids.h"

namespace gyre::identity {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string secret = "the installation's own";
constexpr Duration day{24 * 3600 * 1000};

// Without a line of the code that made it.
std::string from_base64url(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = digits.find(c);
        if (digit == std::string_view::npos) ADD_FAILURE() << "no digit: " << c;
        bits = bits << 6 | static_cast<unsigned>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xffU);
    }
    return bytes;
}

struct Parts {
    std::string signed_text;
    json::object head;
    json::object claims;
    std::string signature;
};

Parts parts_of(const std::string& token) {
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    return {token.substr(0, second), parse_json(from_base64url(token.substr(0, first)))->as_object(),
            parse_json(from_base64url(token.substr(first + 1, second - first - 1)))->as_object(),
            from_base64url(token.substr(second + 1))};
}

std::set<std::string> names_of(Timestamp at) {
    std::set<std::string> names;
    const auto set = public_token_keys(secret, at).value();
    for (const auto& key : set.at("keys").as_array()) names.insert(std::string(key.at("kid").as_string()));
    return names;
}

std::string name_in(const std::string& token) { return std::string(parts_of(token).head.at("kid").as_string()); }

class IdTokens : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(stores_.project_store().add(shop_).ok());
        ASSERT_TRUE(stores_.context_store().add({{"context-1"}, "gh/acme", "deploy", {}}).ok());
    }
    Environment tokens(const std::vector<std::string>& contexts = {"deploy"}) {
        return id_tokens_of_job({stores_.context_store(), stores_.secret_store()}, shop_, trigger_,
                                {{"pipeline-1"}, {"workflow-1"}, {"job-1"}, person_, false, contexts},
                                {"https://ci.test", secret}, now_)
            .value();
    }
    json::object claims(std::size_t which) { return parts_of(tokens().at(which).value).claims; }

    memory::MemoryStores stores_;
    Project shop_{.id = {"project-1"}, .slug = "gh/acme/shop", .remote = "git@github.com:acme/shop.git"};
    Trigger trigger_{.actor = "ann", .branch = "main"};
    std::string person_ = "ann";
    Timestamp now_{Duration{1'700'000'000'999}};
};

TEST_F(IdTokens, tell_whose_job_it_is_and_are_good_for_an_hour) {
    const std::string org = organization_id("gh/acme/shop");
    const auto first = claims(0);
    EXPECT_EQ(first.at("iss").as_string(), "https://ci.test/org/" + org);
    EXPECT_EQ(first.at("aud").as_string(), org);
    EXPECT_EQ(first.at("iat").as_int64(), 1'700'000'000);
    EXPECT_EQ(first.at("exp").as_int64(), 1'700'003'600);
    const std::string person = "org/" + org + "/project/project-1/user/" + user_id("ann");
    EXPECT_EQ(first.at("sub").as_string(), person);
    EXPECT_EQ(first.at("oidc.circleci.com/project-id").as_string(), "project-1");
    EXPECT_EQ(first.at("oidc.circleci.com/pipeline-id").as_string(), "pipeline-1");
    EXPECT_EQ(first.at("oidc.circleci.com/workflow-id").as_string(), "workflow-1");
    EXPECT_EQ(first.at("oidc.circleci.com/job-id").as_string(), "job-1");
    EXPECT_EQ(first.at("oidc.circleci.com/vcs-origin").as_string(), "github.com/acme/shop");
    EXPECT_EQ(first.at("oidc.circleci.com/vcs-ref").as_string(), "refs/heads/main");
    EXPECT_EQ(first.at("oidc.circleci.com/context-ids"), json::value(json::array{"context-1"}));
    EXPECT_FALSE(first.at("oidc.circleci.com/ssh-rerun").as_bool());
    EXPECT_EQ(claims(1).at("sub").as_string(), person + "/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main");
    trigger_.branch.clear();
    trigger_.tag = "v1";
    EXPECT_EQ(claims(0).at("oidc.circleci.com/vcs-ref").as_string(), "refs/tags/v1");
}

TEST_F(IdTokens, name_who_started_the_workflow_again) {
    person_ = "eve";
    EXPECT_THAT(std::string(claims(0).at("sub").as_string()), EndsWith("/user/" + user_id("eve")));
    EXPECT_THAT(std::string(claims(1).at("sub").as_string()), HasSubstr("/user/" + user_id("eve") + "/"));
}

// A service that compares the subject with "*" in the place of the user takes whatever stands there.
TEST_F(IdTokens, have_one_origin_and_one_ref_whatever_a_branch_is_called) {
    trigger_.branch = "x/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main";
    const std::string subject(claims(1).at("sub").as_string());
    EXPECT_THAT(subject, EndsWith("/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/"
                                  "x%2Fvcs-origin/github.com/acme/shop%2Fvcs-ref/refs/heads/main"));
    EXPECT_EQ(claims(1).at("oidc.circleci.com/vcs-ref").as_string(), "refs/heads/" + trigger_.branch);
    trigger_.branch = "x%2Fvcs-1";
    EXPECT_THAT(std::string(claims(1).at("sub").as_string()), EndsWith("/x%252Fvcs-1")) << "not that of x/vcs-1";
    ASSERT_TRUE(stores_.secret_store().give_to_forks(shop_.id, true).ok());
    trigger_.branch = "main";
    trigger_.fork = "gh/eve/vcs-origin/github.com/acme/shop";
    EXPECT_THAT(std::string(claims(0).at("sub").as_string()), Not(HasSubstr("/vcs-origin/github.com/acme/shop")));
}

TEST_F(IdTokens, are_for_jobs_with_a_context) {
    EXPECT_TRUE(tokens({}).empty());
    const auto both = tokens({"org-global"});
    ASSERT_EQ(both.size(), 2U) << "which need not be there";
    EXPECT_EQ(both[0].name, "CIRCLE_OIDC_TOKEN");
    EXPECT_EQ(both[1].name, "CIRCLE_OIDC_TOKEN_V2");
    EXPECT_EQ(parts_of(both[0].value).claims.at("oidc.circleci.com/context-ids"), json::value(json::array{}));
}

TEST_F(IdTokens, are_not_for_forks_unless_the_project_trusts_them_and_never_tell_its_origin_then) {
    trigger_.fork = "gh/eve/shop";
    EXPECT_TRUE(tokens().empty());
    ASSERT_TRUE(stores_.secret_store().give_to_forks(shop_.id, true).ok());
    ASSERT_EQ(tokens().size(), 1U) << "the first one's subject would be the project's own";
    EXPECT_EQ(tokens().front().name, "CIRCLE_OIDC_TOKEN_V2");
    EXPECT_EQ(claims(0).at("oidc.circleci.com/vcs-origin").as_string(), "gh/eve/shop");
    EXPECT_THAT(std::string(claims(0).at("sub").as_string()), Not(HasSubstr("github.com/acme")));
}

TEST_F(IdTokens, keys_change_each_quarter_and_are_told_a_quarter_before_and_after) {
    for (int passed = 0; passed < 400; passed += 13) {
        const Timestamp at = now_ + passed * day;
        const std::string name = name_in(*signed_token(secret, {}, at));
        for (const int away : {-91, -1, 0, 1, 91}) EXPECT_THAT(names_of(at + away * day), Contains(name)) << away;
        EXPECT_NE(name, name_in(*signed_token(secret, {}, at + 91 * day)));
        EXPECT_THAT(names_of(at + 182 * day), Not(Contains(name))) << "in the end it is forgotten";
    }
}

TEST_F(IdTokens, keys_are_the_installations_own_and_are_told_without_what_signs) {
    EXPECT_NE(name_in(*signed_token(secret, {}, now_)), name_in(*signed_token("another's", {}, now_)));
    const auto set = public_token_keys(secret, now_).value();
    for (const auto& key : set.at("keys").as_array()) {
        EXPECT_FALSE(key.as_object().contains("d"));
        EXPECT_EQ(from_base64url(key.at("x").as_string()).size(), 32U);
        EXPECT_EQ(from_base64url(key.at("y").as_string()).size(), 32U);
    }
}

TEST_F(IdTokens, origins_are_remotes_without_what_is_not_the_repositorys) {
    const std::pair<const char*, const char*> remotes[] = {
        {"https://github.com/acme/shop.git", "github.com/acme/shop"},
        {"https://bob:pw@git.test:8443/acme/shop.git", "git.test:8443/acme/shop"},
        {"ssh://git@git.test:22/acme/shop", "git.test:22/acme/shop"},
        {"git@github.com:acme/shop.git", "github.com/acme/shop"},
        {"git@github.com:/acme/shop.git", "github.com/acme/shop"},
        {"https://github.com/acme/shop.git/", "github.com/acme/shop"},
        {"https://github.com/acme/shop//", "github.com/acme/shop"},
        {"/srv/git/a:b@c.git", "/srv/git/a:b@c"},
        {"file:///srv/shop.git", "/srv/shop"},
        {"", ""},
    };
    for (const auto& [remote, origin] : remotes) EXPECT_EQ(origin_of(remote), origin) << remote;
}

// A non-negative number of DER (X.690, 8.3).
std::string der_number(std::string bytes) {
    bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size() - 1));
    if (static_cast<unsigned char>(bytes.front()) >= 0x80) bytes.insert(bytes.begin(), '\0');
    return std::string("\x02") + static_cast<char>(bytes.size()) + bytes;
}

// What another program says of a token, by the keys that are told.
class OpensslCommand : public IdTokens {
protected:
    void SetUp() override {
        IdTokens::SetUp();
        std::filesystem::create_directories(folder_);
        if (const auto found = run({.argv = {"openssl", "version"}}); !found || found->exit_code != 0)
            GTEST_SKIP() << "needs openssl: install openssl";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(folder_ / name, std::ios::binary) << content;
        return folder_ / name;
    }
    // The key that the token names, as a file of OpenSSL (RFC 5480).
    std::string key_of(const Parts& parts) const {
        const auto set = public_token_keys(secret, now_).value();
        const std::string front(
            "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
            "\x04",
            27);
        for (const auto& key : set.at("keys").as_array()) {
            if (key.at("kid") != parts.head.at("kid")) continue;
            const std::string point = from_base64url(key.at("x").as_string()) + from_base64url(key.at("y").as_string());
            return write("key.pem",
                         "-----BEGIN PUBLIC KEY-----\n" + to_base64(front + point) + "\n-----END PUBLIC KEY-----\n");
        }
        ADD_FAILURE() << "the key is not told";
        return {};
    }
    std::string verdict(const Parts& parts) const {
        const std::string numbers = der_number(parts.signature.substr(0, 32)) + der_number(parts.signature.substr(32));
        const std::string der = std::string("\x30") + static_cast<char>(numbers.size()) + numbers;
        return run({.argv = {"openssl", "dgst", "-sha256", "-verify", key_of(parts), "-signature",
                             write("signature", der), write("text", parts.signed_text)}})
            ->out;
    }
    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gyre-tokens-" + random_token(4));
};

TEST_F(OpensslCommand, verifies_tokens_and_finds_what_was_changed) {
    for (int i = 0; i < 8; ++i) {  // signatures are random: some have leading zeros or high bits
        auto parts = parts_of(tokens().front().value);
        EXPECT_EQ(parts.head.at("alg").as_string(), "ES256");
        ASSERT_EQ(parts.signature.size(), 64U);
        EXPECT_EQ(verdict(parts), "Verified OK\n");
        parts.signed_text.back() = parts.signed_text.back() == 'A' ? 'B' : 'A';
        EXPECT_NE(verdict(parts), "Verified OK\n");
    }
}

}  // namespace
}  // namespace gyre::identity

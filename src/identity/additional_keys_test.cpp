#include "identity/additional_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/memory/stores.h"
#include "identity/test_keys.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AdditionalKeys : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(stores_.project_store().add({.id = shop_, .slug = "git/shop"}).ok()); }
    Result<AdditionalKey> add(const std::string& hostname, char seed, Timestamp at = {}) {
        return add_additional_key(*vault_, shop_, hostname, ed25519_pkcs8(seed), at);
    }
    std::vector<std::string> hosts() {
        std::vector<std::string> all;
        const auto keys = additional_keys(*vault_, shop_).value();
        for (const auto& key : keys) all.push_back(key.hostname);
        std::ranges::sort(all);
        return all;
    }
    const ProjectId shop_{"p1"};
    memory::MemoryStores stores_;
    std::unique_ptr<Vault> vault_ =
        Vault::open(stores_.secret_store(), [] { return KeyRing::parse(std::string(64, 'a')); }).value();
};

TEST_F(AdditionalKeys, are_kept_sealed_with_the_host_that_each_is_for) {
    const auto added = add("Git.Example.org", 1, from_millis(5000));
    ASSERT_TRUE(added.ok()) << added.error().message;
    const auto keys = additional_keys(*vault_, shop_).value();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].hostname, "git.example.org");
    EXPECT_EQ(keys[0].key.text, read_private_ssh_key(ed25519_pkcs8(1))->text);
    EXPECT_EQ(keys[0].created_at, from_millis(5000));
    EXPECT_THAT(stores_.secret_store().of(SecretKind::ssh_key, "p1")->front().sealed, Not(HasSubstr("PRIVATE")));
    EXPECT_THAT(*vault_->of(SecretKind::project_variable, "p1"), IsEmpty()) << "no variable of a job";
}

TEST_F(AdditionalKeys, may_be_for_several_hosts_and_for_any) {
    for (const char* host : {"a.example.org", "b.example.org", "", "::1"}) ASSERT_TRUE(add(host, 1).ok()) << host;
    ASSERT_TRUE(add("a.example.org", 1).ok()) << "the same again";
    ASSERT_TRUE(add("a.example.org", 2).ok()) << "another for the same host";
    EXPECT_THAT(hosts(), ElementsAre("", "::1", "a.example.org", "a.example.org", "b.example.org"));
}

TEST_F(AdditionalKeys, are_removed_by_either_fingerprint_of_one_host_or_of_all) {
    for (const char* host : {"a.example.org", "b.example.org", ""}) ASSERT_TRUE(add(host, 1).ok());
    ASSERT_TRUE(add("a.example.org", 2).ok());
    const auto key = read_private_ssh_key(ed25519_pkcs8(1)).value();
    EXPECT_EQ(*remove_additional_keys(*vault_, shop_, "elsewhere", key.md5()), 0);
    EXPECT_EQ(*remove_additional_keys(*vault_, shop_, "A.example.org", key.sha256()), 1);
    EXPECT_EQ(*remove_additional_keys(*vault_, shop_, "", key.md5()), 2);
    EXPECT_EQ(*remove_additional_keys(*vault_, shop_, "", key.md5()), 0);
    EXPECT_THAT(hosts(), ElementsAre("a.example.org")) << "the other key";
}

TEST_F(AdditionalKeys, are_refused_for_what_is_no_host) {
    for (const std::string host : {"*", "a b", "a\nHost *", "-oProxyCommand=x", "!a", "a,b", "a/b", "%h", "\xc3\xa4"})
        EXPECT_EQ(add(host, 1).error().fault, Fault::invalid) << host;
    EXPECT_EQ(add(std::string(254, 'a'), 1).error().fault, Fault::too_large);
    EXPECT_EQ(add_additional_key(*vault_, shop_, "a", "nonsense", {}).error().fault, Fault::invalid);
    EXPECT_EQ(add_additional_key(*vault_, {"nobody"}, "a", ed25519_pkcs8(1), {}).error().fault, Fault::not_found);
    EXPECT_THAT(hosts(), IsEmpty());
}

TEST_F(AdditionalKeys, of_a_project_are_limited) {
    for (int i = 0; i < most_ssh_keys; ++i) ASSERT_TRUE(add("h" + std::to_string(i), 1).ok());
    EXPECT_EQ(add("one-more", 1).error().fault, Fault::too_large);
    EXPECT_TRUE(add("h0", 1).ok()) << "one that is there";
}

}  // namespace
}  // namespace gyre::identity

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
    Result<KeptKey> add(const std::string& hostname, char seed, Timestamp at = {}) {
        return add_additional_key(*vault_, shop_, hostname, ed25519_pkcs8(seed), at);
    }
    std::vector<std::string> hosts() { return sorted_hosts(kept_keys(*vault_, shop_).value()); }
    std::vector<std::string> hosts_by(const std::optional<std::string>& host, const std::string& fingerprint) {
        return sorted_hosts(kept_keys_by(*vault_, shop_, host, fingerprint).value());
    }
    static std::vector<std::string> sorted_hosts(const std::vector<KeptKey>& keys) {
        std::vector<std::string> all;
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

TEST_F(AdditionalKeys, are_found_by_either_fingerprint_of_one_host_of_any_or_of_all) {
    for (const char* host : {"a.example.org", "b.example.org", ""}) ASSERT_TRUE(add(host, 1).ok());
    ASSERT_TRUE(add("a.example.org", 2).ok());
    const auto key = read_private_ssh_key(ed25519_pkcs8(1)).value();
    EXPECT_THAT(hosts_by("elsewhere", key.md5()), IsEmpty());
    EXPECT_THAT(hosts_by("A.example.org", key.sha256()), ElementsAre("a.example.org"));
    EXPECT_THAT(hosts_by("", key.md5()), ElementsAre("")) << "the key for any host alone";
    EXPECT_THAT(hosts_by({}, key.md5()), ElementsAre("", "a.example.org", "b.example.org"));
    const auto every = kept_keys_by(*vault_, shop_, {}, key.sha256()).value();
    for (const auto& one : every) {
        EXPECT_TRUE(*remove_key(*vault_, shop_, one));
        EXPECT_FALSE(*remove_key(*vault_, shop_, one)) << "gone";
    }
    EXPECT_THAT(hosts(), ElementsAre("a.example.org")) << "the other key";
}

TEST_F(AdditionalKeys, that_are_added_again_keep_the_time_of_the_first) {
    ASSERT_TRUE(add("a.example.org", 1, from_millis(1000)).ok());
    EXPECT_EQ(add("A.example.org", 1, from_millis(2000))->created_at, from_millis(1000));
    EXPECT_EQ(add("b.example.org", 1, from_millis(3000))->created_at, from_millis(3000));
    EXPECT_EQ(additional_keys(*vault_, shop_)->front().created_at, from_millis(1000));
}

TEST_F(AdditionalKeys, that_cannot_be_read_any_more_are_seen_and_removed_among_the_others) {
    ASSERT_TRUE(add("a.example.org", 1).ok());
    const auto bad = add("b.example.org", 2).value();
    const auto all = stores_.secret_store().of(SecretKind::ssh_key, "p1").value();
    const auto& stored = all[all[0].place.name.starts_with(bad.md5) ? 0 : 1];
    for (const auto& key : {std::string("a key that is gone"), stored.key}) {
        auto damaged = stored;
        damaged.key = key;
        damaged.sealed.back() ^= 1;
        ASSERT_TRUE(stores_.secret_store().put(damaged, most_ssh_keys).ok());
        EXPECT_FALSE(additional_keys(*vault_, shop_).ok());
        EXPECT_THAT(hosts(), ElementsAre("a.example.org", "b.example.org"));
        const auto found = kept_keys_by(*vault_, shop_, {}, bad.md5).value();
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].hostname, "b.example.org");
        EXPECT_FALSE(found[0].key.ok());
        EXPECT_TRUE(*remove_key(*vault_, shop_, found[0]));
        EXPECT_TRUE(additional_keys(*vault_, shop_).ok());
    }
}

TEST_F(AdditionalKeys, are_refused_for_what_is_no_host) {
    for (const std::string host : {"*", "a b", "a\nHost *", "-oProxyCommand=x", "!a", "a,b", "a/b", "%h", "\xc3\xa4",
                                   "h:22", "::g", "1.2.3.4:22", "[::1]:22"})
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

#include "identity/checkout_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "adapters/memory/stores.h"
#include "identity/test_keys.h"
#include "model/secret.h"
#include "model/ssh_key.h"

namespace gyre::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CheckoutKeys : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(stores_.project_store().add({.id = shop_, .slug = "git/shop"}).ok()); }
    std::string add(char seed, CheckoutKeyType type = CheckoutKeyType::deploy_key, Rank rank = Rank::preferred) {
        const auto added = add_checkout_key(*vault_, shop_, type, ed25519_pkcs8(seed), rank, at_);
        EXPECT_TRUE(added.ok()) << added.error().message;
        return added ? added->md5 : "";
    }
    std::vector<std::string> all() {
        std::vector<std::string> prints;
        const auto keys = checkout_keys(*vault_, shop_).value();
        for (const auto& key : keys) {
            EXPECT_EQ(key.preferred, prints.empty());
            prints.push_back(key.md5);
        }
        return prints;
    }
    std::string preferred(std::optional<CheckoutKeyType> type = std::nullopt) {
        const auto key = preferred_key(*vault_, shop_, type).value();
        return key ? key->md5() : "none";
    }
    const ProjectId shop_{"p1"};
    Timestamp at_{Duration{1000}};
    memory::MemoryStores stores_;
    std::unique_ptr<Vault> vault_ =
        Vault::open(stores_.secret_store(), [] { return KeyRing::parse(std::string(64, 'a')); }).value();
};

TEST_F(CheckoutKeys, are_made_of_ed25519_and_each_is_another) {
    EXPECT_EQ(preferred(), "none");
    const auto one = add_checkout_key(*vault_, shop_, CheckoutKeyType::deploy_key, "", Rank::preferred, at_);
    ASSERT_TRUE(one.ok()) << one.error().message;
    EXPECT_THAT(one->key->text, HasSubstr("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    EXPECT_EQ(parse_ssh_key(one->key->public_line())->type, "ssh-ed25519");
    EXPECT_EQ(read_private_ssh_key(one->key->text)->md5(), one->md5);
    const auto two = add_checkout_key(*vault_, shop_, CheckoutKeyType::deploy_key, "", Rank::preferred, at_);
    EXPECT_THAT(all(), ElementsAre(two->md5, one->md5));
}

TEST_F(CheckoutKeys, the_last_is_preferred_until_another_is_made_so) {
    const auto a = add(1);
    const auto b = add(2, CheckoutKeyType::user_key);
    EXPECT_THAT(all(), ElementsAre(b, a)) << "at the same time by the clock";
    EXPECT_EQ(preferred(), b);
    EXPECT_EQ(preferred(CheckoutKeyType::deploy_key), a);
    const auto c = add(3, CheckoutKeyType::deploy_key, Rank::behind);
    EXPECT_THAT(all(), ElementsAre(b, a, c)) << "and never was before them";
    EXPECT_EQ(checkout_keys(*vault_, shop_).value().back().created_at, at_);
    EXPECT_EQ(preferred(), b);
    ASSERT_TRUE(prefer_checkout_key(*vault_, shop_, a, at_).ok());
    EXPECT_EQ(preferred(), a);
    const auto keys = checkout_keys(*vault_, shop_).value();
    EXPECT_EQ(keys.front().created_at, at_) << "which stays";
    EXPECT_EQ(keys.size(), 3U);
    EXPECT_TRUE(remove_checkout_key(*vault_, shop_, a).ok());
    EXPECT_EQ(preferred(), b);
}

TEST_F(CheckoutKeys, that_are_sealed_again_stay_in_their_order) {
    const auto a = add(1);
    const auto b = add(2);
    ASSERT_TRUE(prefer_checkout_key(*vault_, shop_, a, at_).ok());
    const auto newer = Vault::open(stores_.secret_store(),
                                   [] { return KeyRing::parse(std::string(64, 'b') + "\n" + std::string(64, 'a')); });
    ASSERT_TRUE(newer.ok());
    EXPECT_EQ((*newer)->seal_again().value(), 2);
    EXPECT_EQ(checkout_keys(**newer, shop_)->front().md5, a);
}

TEST_F(CheckoutKeys, are_found_by_either_fingerprint) {
    const auto md5 = add(1);
    const auto sha256 = read_private_ssh_key(ed25519_pkcs8(1))->sha256();
    EXPECT_EQ(checkout_key_by(*vault_, shop_, md5)->md5, md5);
    EXPECT_EQ(checkout_key_by(*vault_, shop_, sha256)->md5, md5);
    std::string written = "MD5:" + md5;
    std::ranges::transform(written, written.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(checkout_key_by(*vault_, shop_, written)->md5, md5) << "as ssh-keygen -E md5 prints it";
    EXPECT_EQ(checkout_key_by(*vault_, {"p2"}, md5).error().fault, Fault::not_found);
    for (const auto& none : {std::string("x"), md5 + " "})
        EXPECT_EQ(remove_checkout_key(*vault_, shop_, none).error().fault, Fault::not_found) << none;
    for (const auto& none : {std::string(), std::string(101, 'a')})
        EXPECT_EQ(remove_checkout_key(*vault_, shop_, none).error().fault, Fault::invalid) << none;
}

TEST_F(CheckoutKeys, are_refused_twice_or_in_a_form_that_cannot_serve) {
    add(1);
    const auto add_text = [&](const std::string& text) {
        return add_checkout_key(*vault_, shop_, CheckoutKeyType::user_key, text, Rank::preferred, at_).error();
    };
    EXPECT_EQ(add_text(ed25519_pkcs8(1)).fault, Fault::conflict);
    EXPECT_EQ(add_text("hunter2").fault, Fault::invalid);
    EXPECT_THAT(add_text("hunter2").message, Not(HasSubstr("hunter2")));
    EXPECT_EQ(add_text(std::string(largest_ssh_key + 1, 'x')).fault, Fault::too_large);
    for (char seed = 2; seed <= most_checkout_keys; ++seed) add(seed);
    EXPECT_EQ(add_text(ed25519_pkcs8(99)).fault, Fault::too_large);
    EXPECT_EQ(all().size(), static_cast<std::size_t>(most_checkout_keys));
}

TEST_F(CheckoutKeys, that_cannot_be_read_are_shown_and_removed_and_no_other_takes_their_place) {
    add(1);
    const auto broken = add(2);
    auto stored = stores_.secret_store().of(SecretKind::checkout_key, shop_.text).value();
    for (auto& one : stored) {
        if (!one.place.name.starts_with(broken)) continue;
        one.sealed.back() ^= 1;
        ASSERT_TRUE(stores_.secret_store().put(one, most_checkout_keys).ok());
    }
    EXPECT_THAT(preferred_key(*vault_, shop_).error().message, HasSubstr(broken));
    EXPECT_FALSE(checkout_keys(*vault_, shop_)->front().key.ok());
    EXPECT_FALSE(prefer_checkout_key(*vault_, shop_, broken, at_).ok());
    EXPECT_TRUE(remove_checkout_key(*vault_, shop_, broken).ok());
    EXPECT_TRUE(preferred_key(*vault_, shop_).ok());
}

}  // namespace
}  // namespace gyre::identity

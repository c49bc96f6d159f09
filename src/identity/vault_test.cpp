#include "identity/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string old_key(64, 'a');
const std::string new_key(64, 'b');
const SecretPlace token{SecretKind::project_variable, "p1", "TOKEN"};

class VaultTest : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(stores_.project_store().add({.id = {"p1"}, .slug = "git/shop"}).ok()); }
    std::unique_ptr<Vault> open() {
        return Vault::open(stores_.secret_store(), [this] { return KeyRing::parse(file_); }).value();
    }
    std::string value(Vault& vault) {
        const auto all = vault.of(SecretKind::project_variable, "p1");
        EXPECT_TRUE(all.ok()) << all.error().message;
        return all.ok() && !all->empty() ? all->front().value : "";
    }
    std::string stored() { return stores_.secret_store().of(SecretKind::project_variable, "p1")->front().sealed; }

    memory::MemoryStores stores_;
    std::string file_ = old_key;
};

TEST_F(VaultTest, keeps_values_that_the_store_does_not_see) {
    const auto vault = open();
    ASSERT_TRUE(vault->put(token, "hunter2", Timestamp{}).ok());
    EXPECT_EQ(value(*vault), "hunter2");
    EXPECT_THAT(stored(), Not(HasSubstr("hunter2")));
    EXPECT_EQ(value(*open()), "hunter2") << "another server with the same keys";
    EXPECT_TRUE(*vault->remove(token));
    EXPECT_FALSE(*vault->remove(token));
}

TEST_F(VaultTest, refuses_what_no_job_could_have) {
    const auto vault = open();
    EXPECT_EQ(vault->put({SecretKind::project_variable, "p1", "A-B"}, "x", {}).error().fault, Fault::invalid);
    EXPECT_EQ(vault->put({SecretKind::project_variable, "p1", "A\nB"}, "x", {}).error().fault, Fault::invalid);
    EXPECT_EQ(vault->put(token, std::string(largest_variable + 1, 'x'), {}).error().fault, Fault::too_large);
    EXPECT_EQ(vault->put({SecretKind::project_variable, "nobody", "A"}, "x", {}).error().fault, Fault::not_found);
    for (int i = 0; i < most_project_variables; ++i)
        ASSERT_TRUE(vault->put({SecretKind::project_variable, "p1", "A" + std::to_string(i)}, "x", {}).ok());
    EXPECT_EQ(vault->put(token, "x", {}).error().fault, Fault::too_large);
}

TEST_F(VaultTest, a_secret_moved_to_another_place_does_not_open) {
    const auto vault = open();
    ASSERT_TRUE(vault->put(token, "hunter2", {}).ok());
    auto moved = stores_.secret_store().of(SecretKind::project_variable, "p1")->front();
    moved.place.name = "OTHER";
    ASSERT_TRUE(stores_.secret_store().put(moved, 10).ok());
    const auto opened = vault->of(SecretKind::project_variable, "p1");
    EXPECT_EQ(opened.error().fault, Fault::corrupt);
    EXPECT_THAT(opened.error().message, HasSubstr("OTHER"));
}

TEST_F(VaultTest, keys_that_do_not_fit_are_told_at_the_start) {
    ASSERT_TRUE(open()->put(token, "hunter2", {}).ok());
    file_ = new_key;
    const auto refused = Vault::open(stores_.secret_store(), [this] { return KeyRing::parse(file_); });
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("secrets_key_file"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("bbbb")));
}

TEST_F(VaultTest, a_server_with_other_keys_seals_nothing_beside_what_it_cannot_open) {
    const auto mine = open();
    file_ = new_key;
    const auto other = open();
    file_ = old_key;
    ASSERT_TRUE(mine->put(token, "hunter2", {}).ok());
    file_ = new_key;
    EXPECT_EQ(other->put(token, "hunter3", {}).error().fault, Fault::unavailable);
    EXPECT_EQ(other->of(SecretKind::project_variable, "p1").error().fault, Fault::unavailable);
    file_ = new_key + "\n" + old_key;
    EXPECT_EQ(value(*other), "hunter2") << "the file is read again for a key that is missing";
}

TEST_F(VaultTest, a_new_key_seals_everything_again_and_then_the_old_one_is_not_needed) {
    const auto vault = open();
    for (int i = 0; i < 250; ++i)
        ASSERT_TRUE(vault->put({SecretKind::project_variable, "p1", "A" + std::to_string(i)}, "hunter2", {}).ok());
    file_ = new_key + "\n" + old_key;
    EXPECT_EQ(*vault->seal_again(), 250);
    EXPECT_EQ(*vault->seal_again(), 0);
    file_ = new_key;
    EXPECT_EQ(value(*open()), "hunter2");
}

TEST_F(VaultTest, a_key_file_that_went_bad_changes_nothing) {
    const auto vault = open();
    ASSERT_TRUE(vault->put(token, "hunter2", {}).ok());
    file_ = "nonsense";
    EXPECT_EQ(vault->seal_again().error().fault, Fault::invalid);
    EXPECT_EQ(value(*vault), "hunter2");
    EXPECT_TRUE(vault->put(token, "hunter3", {}).ok());
}

}  // namespace
}  // namespace gyre::identity

#include "apps/gyre/secret_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "adapters/memory/stores.h"
#include "adapters/sqlite/stores.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

using testing::HasSubstr;

class SecretKeys : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(stores_.project_store().add({.id = {"p1"}, .slug = "git/shop"}).ok()); }
    DataDirectory directory(const std::string& name) { return DataDirectory::open(folder_.path() / name).value(); }
    auto open(const DataDirectory& data) { return open_vault(settings_, data, stores_.secret_store()); }
    void seal(identity::Vault& vault) {
        ASSERT_TRUE(vault.put({SecretKind::project_variable, "p1", "TOKEN"}, "hunter2", {}).ok());
    }
    static std::string text_of(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    contract::TempFolder folder_;
    memory::MemoryStores stores_;
    ServerSettings settings_;
};

TEST_F(SecretKeys, are_made_once_for_their_owner_alone) {
    const auto data = directory("a");
    seal(**open(data));
    struct stat facts {};
    ASSERT_EQ(::stat(data.file("secrets.key").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    EXPECT_EQ((*open(data))->of(SecretKind::project_variable, "p1")->front().value, "hunter2");
}

TEST_F(SecretKeys, of_another_directory_do_not_fit_and_none_are_made_beside_them) {
    seal(**open(directory("a")));
    const auto other = directory("b");
    EXPECT_THAT(open(other).error().message, HasSubstr("secrets.key"));
    EXPECT_FALSE(std::filesystem::exists(other.file("secrets.key")));
    std::filesystem::copy(folder_.path() / "a/secrets.key", other.file("secrets.key"));
    EXPECT_TRUE(open(other).ok());
}

// Before anything is sealed: what one seals the other could not open.
TEST_F(SecretKeys, of_two_servers_on_one_database_must_be_the_same) {
    const auto records = sqlite::open_sqlite(folder_.path() / "gyre.db").value();
    ASSERT_TRUE(records->installation().begin("one").ok());
    const auto start = [&](const DataDirectory& data) {
        return open_vault(settings_, data, records->secret_store(), &records->installation());
    };
    const auto north = directory("north");
    const auto south = directory("south");
    ASSERT_TRUE(start(north).ok());
    EXPECT_THAT(start(south).error().message, HasSubstr("or of the other servers"));
    EXPECT_FALSE(std::filesystem::exists(south.file("secrets.key"))) << "one more key would help nobody";
    ASSERT_TRUE(add_secrets_key(south.file("secrets.key")).ok());
    EXPECT_THAT(start(south).error().message, HasSubstr("which another server of this database has"));
    std::filesystem::copy(north.file("secrets.key"), south.file("secrets.key"),
                          std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(start(south).ok());
    EXPECT_TRUE(start(north).ok());
}

TEST_F(SecretKeys, of_servers_may_change_one_after_another) {
    const auto records = sqlite::open_sqlite(folder_.path() / "gyre.db").value();
    ASSERT_TRUE(records->installation().begin("one").ok());
    ASSERT_TRUE(records->project_store().add({.id = {"p1"}, .slug = "git/shop"}).ok());
    const auto data = directory("a");
    const auto start = [&] { return open_vault(settings_, data, records->secret_store(), &records->installation()); };
    ASSERT_TRUE(start().ok());
    ASSERT_TRUE(add_secrets_key(data.file("secrets.key")).ok());
    ASSERT_TRUE(start().ok());
    const auto newest = text_of(data.file("secrets.key")).substr(0, 65);
    std::ofstream(data.file("secrets.key")) << newest;
    EXPECT_TRUE(start().ok()) << "the older key may go";
    // A server that runs seals with a key that was added since, and the older one goes: its secrets tell.
    ASSERT_TRUE(add_secrets_key(data.file("secrets.key")).ok());
    const auto vault = identity::Vault::open(records->secret_store(), [&] {
                           return identity::KeyRing::parse(text_of(data.file("secrets.key")));
                       }).value();
    seal(*vault);
    const auto newer = text_of(data.file("secrets.key")).substr(0, 65);
    std::ofstream(data.file("secrets.key")) << newer;
    EXPECT_TRUE(start().ok());
}

// What each seals from now on the other could not open.
TEST_F(SecretKeys, of_two_servers_must_be_the_same_though_an_older_one_opens_what_is_sealed) {
    const auto records = sqlite::open_sqlite(folder_.path() / "gyre.db").value();
    ASSERT_TRUE(records->installation().begin("one").ok());
    ASSERT_TRUE(records->project_store().add({.id = {"p1"}, .slug = "git/shop"}).ok());
    const auto start = [&](const DataDirectory& data) {
        return open_vault(settings_, data, records->secret_store(), &records->installation());
    };
    const auto north = directory("north");
    const auto south = directory("south");
    seal(**start(north));
    std::filesystem::copy(north.file("secrets.key"), south.file("secrets.key"));
    ASSERT_TRUE(add_secrets_key(north.file("secrets.key")).ok());
    ASSERT_TRUE(add_secrets_key(south.file("secrets.key")).ok());
    ASSERT_TRUE(start(north).ok());
    EXPECT_THAT(start(south).error().message, HasSubstr("which another server of this database has"));
    EXPECT_TRUE(start(north).ok()) << "the agreed key stays";
}

TEST_F(SecretKeys, that_others_may_read_are_refused) {
    settings_.secrets_key_file = folder_.path() / "keys";
    EXPECT_FALSE(open(directory("a")).ok()) << "a file that is named must be there";
    ASSERT_TRUE(add_secrets_key(settings_.secrets_key_file).ok());
    EXPECT_TRUE(open(directory("a")).ok());
    ::chmod(settings_.secrets_key_file.c_str(), 0644);
    EXPECT_THAT(open(directory("a")).error().message, HasSubstr("chmod 600"));
    EXPECT_FALSE(add_secrets_key(settings_.secrets_key_file).ok());
}

TEST_F(SecretKeys, stand_in_a_directory_that_can_be_hidden_from_jobs) {
    for (const std::string bad : {"/keys", "/etc/keys", "/etc/../etc/keys", "/etc/gyre/../keys"}) {
        settings_.secrets_key_file = bad;
        EXPECT_EQ(hidden_directory_of(bad), "") << bad;
        EXPECT_THAT(open(directory("a")).error().message, HasSubstr("a directory of its own")) << bad;
    }
    EXPECT_EQ(hidden_directory_of("/etc/gyre/keys"), "/etc/gyre");
    EXPECT_EQ(hidden_directory_of(""), "");
}

TEST_F(SecretKeys, a_new_one_stands_in_front_and_seals) {
    const auto data = directory("a");
    const auto vault = std::move(*open(data));
    seal(*vault);
    const auto before = text_of(data.file("secrets.key"));
    ASSERT_TRUE(add_secrets_key(data.file("secrets.key")).ok());
    const auto after = text_of(data.file("secrets.key"));
    EXPECT_EQ(after.size(), before.size() + 65);
    EXPECT_EQ(after.substr(65), before);
    EXPECT_EQ(*vault->seal_again(), 1);
    std::ofstream(data.file("secrets.key")) << after.substr(0, 65);
    EXPECT_EQ((*open(data))->of(SecretKind::project_variable, "p1")->front().value, "hunter2");
}

TEST_F(SecretKeys, a_file_that_holds_something_else_stays_as_it_is) {
    const std::string path = folder_.path() / "notes";
    std::ofstream(path) << "hunter2\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto refused = add_secrets_key(path);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("hunter2")));
    EXPECT_EQ(text_of(path), "hunter2\n");
}

TEST_F(SecretKeys, keep_their_owner_when_root_adds_one) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: who else may give files away?";
    const std::string path = folder_.path() / "keys";
    ASSERT_TRUE(add_secrets_key(path).ok());
    ASSERT_EQ(::chown(path.c_str(), 4711, 4712), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
    ASSERT_TRUE(add_secrets_key(path).ok());
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, 4711U);
    EXPECT_EQ(facts.st_gid, 4712U);
    EXPECT_EQ(facts.st_mode & 0777, 0400U);
}

TEST_F(SecretKeys, behind_a_symbolic_link_are_not_replaced_by_a_file_of_their_own) {
    const std::string path = folder_.path() / "keys";
    ASSERT_TRUE(add_secrets_key(path).ok());
    const auto before = text_of(path);
    const std::string link = folder_.path() / "link";
    std::filesystem::create_symlink(path, link);
    const auto refused = add_secrets_key(link);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("symbolic link"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(text_of(path), before);
}

TEST_F(SecretKeys, that_are_added_at_once_are_all_there) {
    const std::string path = folder_.path() / "keys";
    ASSERT_TRUE(add_secrets_key(path).ok());
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(add_secrets_key(path).ok()); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(text_of(path).size(), 9U * 65);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1) << "nothing is left behind";
}

TEST_F(SecretKeys, of_a_file_that_is_made_twice_at_once_are_not_lost) {
    const std::string path = folder_.path() / "keys";
    std::atomic<int> added = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { added += add_secrets_key(path).ok() ? 1 : 0; });
    for (auto& thread : threads) thread.join();
    EXPECT_GT(added, 0);
    EXPECT_EQ(text_of(path).size(), static_cast<std::size_t>(added) * 65);
}

}  // namespace
}  // namespace gyre::apps

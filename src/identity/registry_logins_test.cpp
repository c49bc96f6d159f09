#include "identity/registry_logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RegistryLogins : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(stores_.project_store().add({.id = {"p1"}, .slug = "gh/acme/shop"}).ok()); }
    Result<StoredLogin> put(const std::string& registry, const std::string& username, const std::string& password,
                            const std::string& organization = "gh/acme") {
        return put_registry_login(*vault_, organization, registry, {username, password}, at_);
    }
    std::vector<std::string> all() {
        std::vector<std::string> found;
        const auto stored = registry_logins(*vault_, "gh/acme").value();
        for (const auto& one : stored)
            found.push_back(one.registry + " " + (one.login ? one.login->username + " " + one.login->password : "?"));
        return found;
    }
    Timestamp at_{Duration{1000}};
    memory::MemoryStores stores_;
    std::unique_ptr<Vault> vault_ =
        Vault::open(stores_.secret_store(), [] { return KeyRing::parse(std::string(64, 'a')); }).value();
};

TEST_F(RegistryLogins, are_one_for_each_registry_by_whatever_name_it_is_given) {
    ASSERT_TRUE(put("quay.io", "bob", "hunter2").ok());
    EXPECT_EQ(put("Index.Docker.io", "hub", "hunter3")->registry, "docker.io");
    EXPECT_THAT(all(), ElementsAre("docker.io hub hunter3", "quay.io bob hunter2"));
    at_ += Duration{5};
    EXPECT_EQ(put("docker.io", "other", "hunter4")->created_at, at_ - Duration{5});
    EXPECT_THAT(all(), ElementsAre("docker.io other hunter4", "quay.io bob hunter2"));
    const auto changed = registry_logins(*vault_, "gh/acme")->front();
    EXPECT_EQ(changed.updated_at - changed.created_at, Duration{5});
    EXPECT_EQ(remove_registry_login(*vault_, "gh/acme", "INDEX.docker.io").value(), "docker.io");
    EXPECT_EQ(remove_registry_login(*vault_, "gh/acme", "docker.io").error().fault, Fault::not_found);
    EXPECT_EQ(remove_registry_login(*vault_, "gh/other", "quay.io").error().fault, Fault::not_found);
    EXPECT_EQ(remove_registry_login(*vault_, "gh/acme", "quay").error().fault, Fault::invalid);
    EXPECT_THAT(all(), ElementsAre("quay.io bob hunter2"));
}

TEST_F(RegistryLogins, hold_what_registries_take) {
    for (const std::string& password :
         {std::string("p$PASS"), std::string("{\n \"key\": \"-----BEGIN\"\n}"), std::string("\n\n\n\n"),
          std::string(":::::"), std::string("schl\u00fcssel"), std::string(largest_registry_password, 'x')}) {
        ASSERT_TRUE(put("ghcr.io", "$oauth token", password).ok()) << password;
        const auto login = registry_logins(*vault_, "gh/acme")->front().login;
        EXPECT_EQ(login->username, "$oauth token");
        EXPECT_EQ(login->password, password);
    }
}

TEST_F(RegistryLogins, are_refused_where_they_could_not_serve_and_the_reason_tells_no_password) {
    struct Case {
        const char* what;
        std::string registry;
        std::string username;
        std::string password;
        Fault fault;
    };
    const std::vector<Case> cases{
        {"an address", "https://ghcr.io", "bob", "hunter2", Fault::invalid},
        {"an account of Docker Hub", "acme", "bob", "hunter2", Fault::invalid},
        {"a long host", std::string(300, 'a'), "bob", "hunter2", Fault::too_large},
        {"no user", "ghcr.io", "", "hunter2", Fault::invalid},
        {"a user that ends the line", "ghcr.io", "bob\nx", "hunter2", Fault::invalid},
        {"a user with a colon", "ghcr.io", "bob:x", "hunter2", Fault::invalid},
        {"a user with a NUL", "ghcr.io", std::string("bob\0", 4), "hunter2", Fault::invalid},
        {"a long user", "ghcr.io", std::string(257, 'b'), "hunter2", Fault::too_large},
        {"no password", "ghcr.io", "bob", "", Fault::invalid},
        {"a password that cannot be masked", "ghcr.io", "bob", "hun", Fault::invalid},
        {"a password that is no text", "ghcr.io", "bob", "hunter2\xff", Fault::invalid},
        {"a password with a NUL", "ghcr.io", "bob", std::string("hunter2\0x", 9), Fault::invalid},
        {"a long password", "ghcr.io", "bob", "hunter2" + std::string(largest_registry_password, 'x'),
         Fault::too_large},
    };
    for (const auto& one : cases) {
        const auto refused = put(one.registry, one.username, one.password);
        ASSERT_FALSE(refused) << one.what;
        EXPECT_EQ(refused.error().fault, one.fault) << one.what;
        EXPECT_THAT(refused.error().message, Not(HasSubstr("hun"))) << one.what;
    }
    EXPECT_EQ(put("ghcr.io", "bob", "hunter2", "gh/nobody").error().fault, Fault::not_found);
    EXPECT_TRUE(all().empty());
}

TEST_F(RegistryLogins, are_few) {
    for (int i = 0; i < most_registry_logins; ++i)
        ASSERT_TRUE(put("r" + std::to_string(i) + ".example.org", "bob", "hunter2").ok());
    EXPECT_EQ(put("one-more.example.org", "bob", "hunter2").error().fault, Fault::too_large);
    EXPECT_TRUE(put("r0.example.org", "bob", "hunter3").ok());
}

TEST_F(RegistryLogins, are_sealed_and_sealed_again) {
    ASSERT_TRUE(put("ghcr.io", "bob", "hunter2").ok());
    const auto stored = stores_.secret_store().of(SecretKind::registry_login, "gh/acme")->front();
    EXPECT_THAT(stored.sealed, Not(HasSubstr("hunter2")));
    EXPECT_THAT(stored.sealed, Not(HasSubstr("bob")));
    const auto newer = Vault::open(stores_.secret_store(),
                                   [] { return KeyRing::parse(std::string(64, 'b') + "\n" + std::string(64, 'a')); });
    ASSERT_TRUE(newer.ok());
    EXPECT_EQ((*newer)->seal_again().value(), 1);
    EXPECT_EQ(registry_logins(**newer, "gh/acme")->front().login->password, "hunter2");
}

TEST_F(RegistryLogins, that_cannot_be_opened_are_shown_and_removed) {
    ASSERT_TRUE(put("ghcr.io", "bob", "hunter2").ok());
    auto broken = stores_.secret_store().of(SecretKind::registry_login, "gh/acme")->front();
    broken.sealed.back() ^= 1;
    ASSERT_TRUE(stores_.secret_store().put(broken, most_registry_logins).ok());
    EXPECT_THAT(all(), ElementsAre("ghcr.io ?"));
    EXPECT_TRUE(remove_registry_login(*vault_, "gh/acme", "ghcr.io").ok());
    EXPECT_TRUE(all().empty());
}

}  // namespace
}  // namespace gyre::identity

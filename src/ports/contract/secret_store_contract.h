#pragma once

// The promises of ports/secret_store.h.

#include "ports/context_store.h"
#include "ports/contract/examples.h"
#include "ports/secret_store.h"

namespace gyre::contract {

template <typename World>
class SecretStoreContract : public StoresContract<World> {
protected:
    SecretStore& secrets() { return this->world_.stores.secret_store(); }
    ContextStore& contexts() { return this->world_.stores.context_store(); }
    static StoredSecret secret(const std::string& owner, const std::string& name, int second = 0) {
        return {{SecretKind::project_variable, owner, name}, "key-1", "sealed-" + name, at(second), at(second)};
    }
    StoredSecret put(StoredSecret secret) {
        EXPECT_TRUE(secrets().put(secret, 100).ok());
        return secret;
    }
    std::vector<StoredSecret> of(const std::string& owner) {
        return *secrets().of(SecretKind::project_variable, owner);
    }
};
TYPED_TEST_SUITE_P(SecretStoreContract);

TYPED_TEST_P(SecretStoreContract, AreKeptByOwnerInTheOrderOfTheirNames) {
    const auto shop = this->make_project("git/shop").id.text;
    const auto other = this->make_project("git/other").id.text;
    const auto b = this->put(this->secret(shop, "B", 1));
    const auto a = this->put(this->secret(shop, "A", 2));
    const auto lower = this->put(this->secret(shop, "a", 3));
    this->put(this->secret(other, "B", 4));
    EXPECT_EQ(this->of(shop), (std::vector{a, b, lower}));
    EXPECT_TRUE(this->secrets().of(SecretKind::context_variable, shop)->empty());
    EXPECT_TRUE(*this->secrets().remove(a.place));
    EXPECT_FALSE(*this->secrets().remove(a.place));
    EXPECT_EQ(this->of(shop), (std::vector{b, lower}));
    EXPECT_EQ(this->of(other).size(), 1U);
}

TYPED_TEST_P(SecretStoreContract, ANewTextReplacesTheOldAndItsAgeStays) {
    const auto shop = this->make_project().id.text;
    this->put(this->secret(shop, "A", 1));
    auto changed = this->secret(shop, "A", 7);
    changed.sealed = "another";
    changed.key = "key-2";
    this->put(changed);
    changed.created_at = at(1);
    EXPECT_EQ(this->of(shop), (std::vector{changed}));
}

TYPED_TEST_P(SecretStoreContract, NobodyHasMoreThanTheLimit) {
    const auto shop = this->make_project().id.text;
    EXPECT_TRUE(this->secrets().put(this->secret(shop, "A"), 2).ok());
    EXPECT_TRUE(this->secrets().put(this->secret(shop, "B"), 2).ok());
    expect_fault(this->secrets().put(this->secret(shop, "C"), 2), Fault::too_large);
    EXPECT_TRUE(this->secrets().put(this->secret(shop, "A", 9), 2).ok()) << "those that are there may change";
}

TYPED_TEST_P(SecretStoreContract, AnOwnerMustBeThere) {
    expect_fault(this->secrets().put(this->secret("nobody", "A"), 10), Fault::not_found);
    const auto shop = this->make_project().id.text;
    auto of_context = this->secret(shop, "A");
    of_context.place.kind = SecretKind::context_variable;
    expect_fault(this->secrets().put(of_context, 10), Fault::not_found);
    const Context context{{"c1"}, "git", "deploy", at(0)};
    ASSERT_TRUE(this->contexts().add(context).ok());
    of_context.place.owner = "c1";
    EXPECT_TRUE(this->secrets().put(of_context, 10).ok());
    EXPECT_EQ(*this->secrets().of(SecretKind::context_variable, "c1"), (std::vector{of_context}));
}

TYPED_TEST_P(SecretStoreContract, KeysOfAProjectAreApartFromItsVariables) {
    const auto shop = this->make_project().id.text;
    const auto variable = this->put(this->secret(shop, "A"));
    for (const auto kind : {SecretKind::ssh_key, SecretKind::checkout_key}) {
        auto key = this->secret(shop, "aa:bb git.example.org");
        key.place.kind = kind;
        EXPECT_TRUE(this->secrets().put(key, 1).ok());
        EXPECT_EQ(*this->secrets().of(kind, shop), (std::vector{key}));
        EXPECT_EQ(this->of(shop), (std::vector{variable}));
        key.place.owner = "nobody";
        expect_fault(this->secrets().put(key, 1), Fault::not_found);
    }
}

TYPED_TEST_P(SecretStoreContract, LoginsBelongToAnOrganizationThatSomeProjectIsOf) {
    const auto login = [&](const std::string& organization, const std::string& registry) {
        auto secret = this->secret(organization, registry);
        secret.place.kind = SecretKind::registry_login;
        return secret;
    };
    const auto shop = this->make_project("gh/acme/shop").id.text;
    this->make_project("git/tool");
    for (const std::string none :
         {"", "gh", "gh/acm", "gh/acme/", "gh/acme/shop", "gh/acme0", "acme", "gi_", "git%", "GIT"})
        expect_fault(this->secrets().put(login(none, "ghcr.io"), 10), Fault::not_found);
    expect_fault(this->secrets().put(login(shop, "ghcr.io"), 10), Fault::not_found);
    const auto of_acme = this->put(login("gh/acme", "ghcr.io"));
    const auto of_git = this->put(login("git", "ghcr.io"));
    EXPECT_EQ(*this->secrets().of(SecretKind::registry_login, "gh/acme"), (std::vector{of_acme}));
    EXPECT_EQ(*this->secrets().of(SecretKind::registry_login, "git"), (std::vector{of_git}));
    EXPECT_TRUE(this->of("gh/acme").empty());
    EXPECT_TRUE(this->secrets().put(login("gh/acme", "quay.io"), 2).ok());
    expect_fault(this->secrets().put(login("gh/acme", "docker.io"), 2), Fault::too_large);
    EXPECT_TRUE(this->secrets().put(login("gh/acme", "ghcr.io"), 2).ok()) << "in its own place";
    EXPECT_TRUE(*this->secrets().remove(of_git.place));
    EXPECT_TRUE(this->secrets().of(SecretKind::registry_login, "git")->empty());
    EXPECT_EQ(this->secrets().of(SecretKind::registry_login, "gh/acme")->size(), 2U);
}

TYPED_TEST_P(SecretStoreContract, AreSealedAgainUnlessTheyChangedMeanwhile) {
    const auto shop = this->make_project().id.text;
    const auto a = this->put(this->secret(shop, "A", 1));
    const auto b = this->put(this->secret(shop, "B", 1));
    EXPECT_EQ(*this->secrets().keys(), std::vector<std::string>{"key-1"});
    EXPECT_EQ(this->secrets().not_sealed_with("key-2", 1)->size(), 1U);
    EXPECT_EQ(this->secrets().not_sealed_with("key-2", 5)->size(), 2U);
    EXPECT_TRUE(this->secrets().not_sealed_with("key-1", 5)->empty());
    EXPECT_TRUE(*this->secrets().seal_again(a, "key-2", "new A"));
    EXPECT_FALSE(*this->secrets().seal_again(a, "key-2", "late")) << "it is another text by now";
    EXPECT_TRUE(*this->secrets().remove(b.place));
    EXPECT_FALSE(*this->secrets().seal_again(b, "key-2", "late"));
    auto sealed = a;
    sealed.key = "key-2";
    sealed.sealed = "new A";
    EXPECT_EQ(this->of(shop), (std::vector{sealed}));
    EXPECT_EQ(*this->secrets().keys(), std::vector<std::string>{"key-2"});
}

TYPED_TEST_P(SecretStoreContract, ForksAreGivenThemOnlyWhereSomebodySaidSo) {
    const auto shop = this->make_project("git/shop").id;
    const auto other = this->make_project("git/other").id;
    EXPECT_FALSE(*this->secrets().given_to_forks(shop));
    EXPECT_TRUE(this->secrets().give_to_forks(shop, true).ok());
    EXPECT_TRUE(this->secrets().give_to_forks(shop, true).ok());
    EXPECT_TRUE(*this->secrets().given_to_forks(shop));
    EXPECT_FALSE(*this->secrets().given_to_forks(other));
    EXPECT_TRUE(this->secrets().give_to_forks(shop, false).ok());
    EXPECT_FALSE(*this->secrets().given_to_forks(shop));
    expect_fault(this->secrets().give_to_forks({"nobody"}, true), Fault::not_found);
}

REGISTER_TYPED_TEST_SUITE_P(SecretStoreContract, AreKeptByOwnerInTheOrderOfTheirNames,
                            ANewTextReplacesTheOldAndItsAgeStays, NobodyHasMoreThanTheLimit, AnOwnerMustBeThere,
                            KeysOfAProjectAreApartFromItsVariables, LoginsBelongToAnOrganizationThatSomeProjectIsOf,
                            AreSealedAgainUnlessTheyChangedMeanwhile, ForksAreGivenThemOnlyWhereSomebodySaidSo);

}  // namespace gyre::contract

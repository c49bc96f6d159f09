#pragma once

// The promises of ports/context_store.h.

#include "ports/context_store.h"
#include "ports/contract/examples.h"
#include "ports/secret_store.h"

namespace gyre::contract {

template <typename World>
class ContextStoreContract : public StoresContract<World> {
protected:
    ContextStore& contexts() { return this->world_.stores.context_store(); }
    SecretStore& secrets() { return this->world_.stores.secret_store(); }
    Context add(const std::string& organization, const std::string& name) {
        Context context{{organization + "-" + name}, organization, name, at(1)};
        EXPECT_TRUE(contexts().add(context).ok());
        return context;
    }
};
TYPED_TEST_SUITE_P(ContextStoreContract);

TYPED_TEST_P(ContextStoreContract, AreKeptByOrganizationInTheOrderOfTheirNames) {
    const auto deploy = this->add("gh/acme", "deploy");
    const auto build = this->add("gh/acme", "build");
    const auto other = this->add("git", "deploy");
    EXPECT_EQ(*this->contexts().of("gh/acme"), (std::vector{build, deploy}));
    EXPECT_EQ(*this->contexts().by_id(other.id), std::optional(other));
    EXPECT_EQ(*this->contexts().by_name("git", "deploy"), std::optional(other));
    EXPECT_EQ(*this->contexts().by_name("git", "build"), std::nullopt);
    EXPECT_EQ(*this->contexts().by_id({"none"}), std::nullopt);
    EXPECT_TRUE(this->contexts().of("gh/ac")->empty());
}

TYPED_TEST_P(ContextStoreContract, ANameIsTakenOnceInAnOrganization) {
    this->add("git", "deploy");
    expect_fault(this->contexts().add({{"another"}, "git", "deploy", at(2)}), Fault::conflict);
    EXPECT_EQ(this->contexts().of("git")->size(), 1U);
}

TYPED_TEST_P(ContextStoreContract, AnOrganizationHasAtMostFiveHundred) {
    for (int i = 0; i < most_contexts; ++i) this->add("git", "c" + std::to_string(i));
    expect_fault(this->contexts().add({{"more"}, "git", "more", at(2)}), Fault::too_large);
    this->add("gh/acme", "more");
}

TYPED_TEST_P(ContextStoreContract, GoWithTheirVariablesAndRestrictions) {
    const auto shop = this->make_project("git/shop").id;
    const auto gone = this->add("git", "gone");
    const auto kept = this->add("git", "kept");
    for (const auto& context : {gone, kept}) {
        const SecretPlace place{SecretKind::context_variable, context.id.text, "A"};
        EXPECT_TRUE(this->secrets().put({place, "key", "sealed", at(1), at(1)}, 10).ok());
        EXPECT_TRUE(this->contexts().allow_only(context.id, {"r-" + context.name, shop}).ok());
    }
    EXPECT_TRUE(*this->contexts().remove(gone.id));
    EXPECT_FALSE(*this->contexts().remove(gone.id));
    EXPECT_TRUE(this->secrets().of(SecretKind::context_variable, gone.id.text)->empty());
    EXPECT_TRUE(this->contexts().restrictions(gone.id)->empty());
    EXPECT_EQ(this->secrets().of(SecretKind::context_variable, kept.id.text)->size(), 1U);
    EXPECT_EQ(*this->contexts().restrictions(kept.id), (std::vector<ContextRestriction>{{"r-kept", shop}}));
    EXPECT_EQ(*this->contexts().by_name("git", "gone"), std::nullopt);
}

TYPED_TEST_P(ContextStoreContract, RestrictionsNameEachProjectOnce) {
    const auto shop = this->make_project("git/shop").id;
    const auto app = this->make_project("git/app").id;
    const auto deploy = this->add("git", "deploy");
    EXPECT_TRUE(this->contexts().allow_only(deploy.id, {"r1", shop}).ok());
    EXPECT_TRUE(this->contexts().allow_only(deploy.id, {"r2", app}).ok());
    expect_fault(this->contexts().allow_only(deploy.id, {"r3", shop}), Fault::conflict);
    expect_fault(this->contexts().allow_only(deploy.id, {"r4", {"nobody"}}), Fault::not_found);
    expect_fault(this->contexts().allow_only({"nothing"}, {"r5", shop}), Fault::not_found);
    EXPECT_EQ(*this->contexts().restrictions(deploy.id), (std::vector<ContextRestriction>{{"r2", app}, {"r1", shop}}));
    EXPECT_FALSE(*this->contexts().lift({"nothing"}, "r1"));
    EXPECT_TRUE(*this->contexts().lift(deploy.id, "r1"));
    EXPECT_FALSE(*this->contexts().lift(deploy.id, "r1"));
    EXPECT_EQ(*this->contexts().restrictions(deploy.id), (std::vector<ContextRestriction>{{"r2", app}}));
}

REGISTER_TYPED_TEST_SUITE_P(ContextStoreContract, AreKeptByOrganizationInTheOrderOfTheirNames,
                            ANameIsTakenOnceInAnOrganization, AnOrganizationHasAtMostFiveHundred,
                            GoWithTheirVariablesAndRestrictions, RestrictionsNameEachProjectOnce);

}  // namespace gyre::contract

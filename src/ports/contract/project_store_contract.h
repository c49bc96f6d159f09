#pragma once

// The promises of ports/project_store.h.

#include "ports/contract/examples.h"
#include "ports/project_store.h"

namespace gyre::contract {

template <typename World>
class ProjectStoreContract : public StoresContract<World> {
protected:
    ProjectStore& projects() { return this->world_.stores.project_store(); }
};
TYPED_TEST_SUITE_P(ProjectStoreContract);

TYPED_TEST_P(ProjectStoreContract, AProjectIsFoundBySlugAndId) {
    const Project project{.id = {"p"},
                          .slug = "git/shop",
                          .remote = "https://example.org/shop.git",
                          .default_branch = "trunk",
                          .poll = false,
                          .created_at = at(5),
                          .auto_cancel = true};
    EXPECT_TRUE(this->projects().add(project).ok());
    EXPECT_EQ(to_json_text(*this->projects().by_slug("git/shop")), to_json_text(project));
    EXPECT_EQ(to_json_text(*this->projects().by_id({"p"})), to_json_text(project));
    expect_fault(this->projects().by_slug("git/SHOP"), Fault::not_found);
    expect_fault(this->projects().by_slug("git/shop'--"), Fault::not_found);
    expect_fault(this->projects().by_id({""}), Fault::not_found);
}

TYPED_TEST_P(ProjectStoreContract, ASlugIsTakenOnce) {
    auto project = this->make_project("git/shop");
    project.id = {"another"};
    expect_fault(this->projects().add(project), Fault::conflict);
    project.slug = "git/till";
    EXPECT_TRUE(this->projects().add(project).ok());
    expect_fault(this->projects().change({"another"}, {.slug = "git/shop"}), Fault::conflict);
    EXPECT_TRUE(this->projects().change({"another"}, {.slug = "git/till"}).ok()) << "it has that slug already";
    EXPECT_EQ(this->projects().by_id({"another"})->slug, "git/till");
}

TYPED_TEST_P(ProjectStoreContract, AChangeIsOfWhatItNamesAndOfNothingElse) {
    auto project = this->make_project();
    EXPECT_TRUE(this->projects().change(project.id, {.default_branch = "trunk", .poll = false}).ok());
    const auto changed = this->projects().change(project.id, {.auto_cancel = true});
    ASSERT_TRUE(changed.ok()) << changed.error().message;
    project.default_branch = "trunk";
    project.poll = false;
    project.auto_cancel = true;
    EXPECT_EQ(to_json_text(*changed), to_json_text(project));
    EXPECT_EQ(to_json_text(*this->projects().by_id(project.id)), to_json_text(project));
    EXPECT_EQ(to_json_text(*this->projects().change(project.id, {})), to_json_text(project));
    EXPECT_EQ(this->projects().change(project.id, {.slug = "git/stall", .remote = "/srv/stall"})->slug, "git/stall");
    EXPECT_EQ(this->projects().by_slug("git/stall")->remote, "/srv/stall");
    expect_fault(this->projects().change({"unknown"}, {.poll = true}), Fault::not_found);
}

TYPED_TEST_P(ProjectStoreContract, AllAreListedBySlug) {
    EXPECT_TRUE(this->projects().all()->empty());
    this->make_project("git/b");
    this->make_project("git/a");
    const auto all = *this->projects().all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].slug, "git/a");
    EXPECT_EQ(all[1].slug, "git/b");
}

REGISTER_TYPED_TEST_SUITE_P(ProjectStoreContract, AProjectIsFoundBySlugAndId, ASlugIsTakenOnce,
                            AChangeIsOfWhatItNamesAndOfNothingElse, AllAreListedBySlug);

template <typename World>
class TokenStoreContract : public StoresContract<World> {
protected:
    TokenStore& tokens() { return this->world_.stores.token_store(); }
};
TYPED_TEST_SUITE_P(TokenStoreContract);

TYPED_TEST_P(TokenStoreContract, ATokenIsFoundByItsHashOnly) {
    EXPECT_TRUE(*this->tokens().empty());
    EXPECT_TRUE(this->tokens().add(std::string(64, 'a'), {"laptop", "ann", at(3)}).ok());
    EXPECT_FALSE(*this->tokens().empty());
    const auto found = *this->tokens().find(std::string(64, 'a'));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->label, "laptop");
    EXPECT_EQ(found->login, "ann");
    EXPECT_EQ(found->created_at, at(3));
    for (const auto& other : {std::string(64, 'b'), std::string(64, 'A'), std::string(63, 'a'), std::string("%")}) {
        EXPECT_FALSE(this->tokens().find(other)->has_value()) << other;
    }
}

TYPED_TEST_P(TokenStoreContract, ATokenIsAddedOnce) {
    EXPECT_TRUE(this->tokens().add(std::string(64, 'a'), {"laptop", "ann", at(3)}).ok());
    expect_fault(this->tokens().add(std::string(64, 'a'), {"phone", "bob", at(4)}), Fault::conflict);
    EXPECT_EQ((*this->tokens().find(std::string(64, 'a')))->login, "ann");
}

TYPED_TEST_P(TokenStoreContract, AProjectHasOneHookTokenThatIsNoTokenForAnythingElse) {
    const auto shop = this->make_project("git/shop").id;
    const auto till = this->make_project("git/till").id;
    EXPECT_EQ(*this->tokens().hook_token(shop), "");
    EXPECT_TRUE(this->tokens().set_hook_token(shop, std::string(64, 'a'), at(3)).ok());
    EXPECT_TRUE(this->tokens().set_hook_token(shop, std::string(64, 'b'), at(4)).ok());
    EXPECT_EQ(*this->tokens().hook_token(shop), std::string(64, 'b'));
    EXPECT_EQ(*this->tokens().hook_token(till), "");
    EXPECT_FALSE(this->tokens().find(std::string(64, 'b'))->has_value());
    EXPECT_TRUE(*this->tokens().empty()) << "a hook's token lets nobody in";
    EXPECT_TRUE(this->tokens().end_hook_token(shop).ok());
    EXPECT_TRUE(this->tokens().end_hook_token(shop).ok());
    EXPECT_EQ(*this->tokens().hook_token(shop), "");
}

REGISTER_TYPED_TEST_SUITE_P(TokenStoreContract, ATokenIsFoundByItsHashOnly, ATokenIsAddedOnce,
                            AProjectHasOneHookTokenThatIsNoTokenForAnythingElse);

}  // namespace gyre::contract

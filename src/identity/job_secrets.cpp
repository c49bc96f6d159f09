#include "identity/job_secrets.h"

#include <algorithm>

#include "base/utf8.h"
#include "model/queue_rules.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

constexpr std::size_t most_contexts_of_job = 100;
constexpr std::size_t longest_context_name = 100;  // of those that can be made

Result<void> add_all(Vault& vault, SecretKind kind, const std::string& owner, Environment& environment) {
    GYRE_TRY_ASSIGN(auto secrets, vault.of(kind, owner));
    for (auto& secret : secrets) environment.push_back({std::move(secret.name), std::move(secret.value)});
    return {};
}

// One word of a command that people may copy into a shell: names come from configs. "--" has what follows it read as no
// options, such as the URL of a server.
std::string shell_word(const std::string& text) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@+";
    const std::string before = text.starts_with('-') ? "-- " : "";
    if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return before + text;
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return before + quoted + "'";
}

Error no_context(const std::string& organization, const std::string& name) {
    if (name.size() > longest_context_name)
        return denied("there is no context '" + std::string(cut_utf8(name, longest_context_name)) +
                      "...': the name of a context may have 100 bytes");
    return denied("there is no context '" + name + "' in the organization " + organization +
                  ": make it ('gyre context create " + shell_word(organization) + " " + shell_word(name) +
                  "') and rerun the job");
}

// Nothing: a context that needs not be there.
Result<std::optional<Context>> admitted(ContextStore& contexts, const Project& project, const std::string& name) {
    const std::string organization = organization_of_slug(project.slug);
    GYRE_TRY_ASSIGN(auto context, contexts.by_name(organization, name));
    if (!context && name == global_context) return context;
    if (!context) return no_context(organization, name);
    GYRE_TRY_ASSIGN(const auto restrictions, contexts.restrictions(context->id));
    const bool open = restrictions.empty() ||
                      std::ranges::find(restrictions, project.id, &ContextRestriction::project) != restrictions.end();
    if (!open)
        return denied("the context '" + name + "' is restricted, and " + project.slug +
                      " is not among its projects: let it in ('gyre context allow " + shell_word(organization) + " " +
                      shell_word(name) + " " + shell_word(project.slug) + "') and rerun the job");
    return context;
}

Result<void> check_size(const Environment& environment) {
    std::size_t bytes = 0;
    for (const auto& variable : environment) bytes += variable.name.size() + variable.value.size();
    if (bytes <= most_secret_bytes_of_job) return {};
    return too_large("its project variables and contexts have " + std::to_string(bytes / 1024) +
                     " kB together, more than 256: name fewer contexts, or shorten their values");
}

// Whether the job may be given what is the project's own.
Result<bool> is_trusted(const SecretPorts& ports, const Project& project, const std::string& fork) {
    if (fork.empty()) return true;
    return ports.secrets.given_to_forks(project.id);
}

}  // namespace

Result<Environment> secrets_of_job(const SecretPorts& ports, const Project& project, const std::string& fork,
                                   const std::vector<std::string>& contexts) {
    Environment environment;
    GYRE_TRY_ASSIGN(const bool trusted, is_trusted(ports, project, fork));
    if (!trusted) return environment;
    if (contexts.size() > most_contexts_of_job) return denied("the job names more than 100 contexts");
    GYRE_TRY(add_all(ports.vault, SecretKind::project_variable, project.id.text, environment));
    for (const auto& name : contexts) {
        GYRE_TRY_ASSIGN(const auto context, admitted(ports.contexts, project, name));
        if (context) GYRE_TRY(add_all(ports.vault, SecretKind::context_variable, context->id.text, environment));
    }
    GYRE_TRY(check_size(environment));
    return environment;
}

Result<std::vector<AdditionalKey>> ssh_keys_of_job(const SecretPorts& ports, const Project& project,
                                                   const std::string& fork) {
    GYRE_TRY_ASSIGN(const bool trusted, is_trusted(ports, project, fork));
    if (!trusted) return std::vector<AdditionalKey>{};
    return additional_keys(ports.vault, project.id);
}

Result<std::optional<CheckoutKeyOfJob>> checkout_key_of_job(const SecretPorts& ports, const Project& project,
                                                            const std::string& fork) {
    GYRE_TRY_ASSIGN(const bool trusted, is_trusted(ports, project, fork));
    GYRE_TRY_ASSIGN(auto key, preferred_key(ports.vault, project.id,
                                            trusted ? std::nullopt : std::optional(CheckoutKeyType::deploy_key)));
    if (!key) return std::optional<CheckoutKeyOfJob>();
    return std::optional(CheckoutKeyOfJob{std::move(*key), trusted});
}

Result<std::vector<StoredLogin>> registry_logins_of_job(const SecretPorts& ports, const Project& project,
                                                        const std::string& fork,
                                                        const std::vector<std::string>& registries) {
    std::vector<StoredLogin> wanted;
    if (registries.empty()) return wanted;
    GYRE_TRY_ASSIGN(const bool trusted, is_trusted(ports, project, fork));
    if (!trusted) return wanted;
    GYRE_TRY_ASSIGN(auto all, registry_logins(ports.vault, organization_of_slug(project.slug)));
    for (auto& one : all) {
        if (std::ranges::find(registries, one.registry) == registries.end()) continue;
        if (!one.login) return one.login.error().during("the login to the registry " + one.registry);
        wanted.push_back(std::move(one));
    }
    return wanted;
}

}  // namespace gyre::identity

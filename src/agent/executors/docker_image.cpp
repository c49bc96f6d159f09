#include "agent/executors/docker_image.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agent/executors/container_parts.h"
#include "base/ascii.h"
#include "base/digest.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

constexpr std::string_view docker_hub_address = "https://index.docker.io/v1/";

bool is_word(char c) { return is_letter_or_digit(c) || c == '_'; }

const EnvVar* last_of(const Environment& variables, std::string_view name) {
    const auto found =
        std::find_if(variables.rbegin(), variables.rend(), [&](const EnvVar& one) { return one.name == name; });
    return found == variables.rend() ? nullptr : &*found;
}

// The name behind a `$`, and how many characters it and its braces take.
std::pair<std::string_view, std::size_t> variable_at(std::string_view text) {
    const bool braced = text.starts_with('{');
    const std::size_t start = braced ? 1 : 0;
    std::size_t end = start;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view name = text.substr(start, end - start);
    if (name.empty() || is_digit(name[0])) return {{}, 0};
    if (!braced) return {name, end};
    if (end == text.size() || text[end] != '}') return {{}, 0};
    return {name, end + 1};
}

class Progress {
public:
    explicit Progress(const std::function<void(std::string_view)>& say) : say_(say) {}
    void take(const PullEvent& event) {
        if (event.layer.empty() || event.layer.size() > 64) return;
        const std::string layer(event.layer);
        if (event.status == "Pulling fs layer" && started_.size() < 1'000) started_.insert(layer);
        const bool done = event.status == "Pull complete" || event.status == "Download complete";
        if (!done || !started_.contains(layer) || !finished_.insert(layer).second) return;
        say_("  " + std::to_string(finished_.size()) + " of " + std::to_string(started_.size()) + " layers");
    }

private:
    const std::function<void(std::string_view)>& say_;
    std::set<std::string> started_;
    std::set<std::string> finished_;
};

std::string_view advice_on(LoginSource login) {
    switch (login) {
        case LoginSource::nobody:
            return "; if it is private, give `auth` with username and password, or let an administrator store them for "
                   "all projects of the organization (gyre registries add)";
        case LoginSource::config:
            return ", and the username and password under `auth`";
        case LoginSource::organization:
            return ", and the username and password that the organization has for this registry (gyre registries list)";
    }
    return "";
}

Result<ImageFacts> pull(EngineClient& engine, EngineImages& images, const ImageReference& image, const PullLogin& login,
                        const std::function<void(std::string_view)>& say) {
    say("Pulling " + image.text());
    Progress progress(say);
    const std::string auth = login.source == LoginSource::nobody
                                 ? std::string()
                                 : registry_auth(image.registry, login.username, login.password);
    const auto before = images.before_pull(engine);
    auto pulled = engine.pull(image.name, image.version, auth, [&](const PullEvent& event) { progress.take(event); });
    if (!pulled) return explain_pull(image.text(), pulled.error(), login.source);
    GYRE_TRY_ASSIGN(auto found, engine.image(image.text()));
    if (!found) return unavailable("image " + image.text() + " was pulled, but the engine does not have it");
    images.note_pulled(engine, before, *found);
    return std::move(*found);
}

}  // namespace

// The engines differ in status, so the words decide.
Error explain_pull(const std::string& image, const Error& error, LoginSource login) {
    const std::string_view said = error.message;
    if (said.find("toomanyrequests") != std::string_view::npos) {
        return unavailable("image " + image + " cannot be pulled now, the registry limits our rate: " + error.message);
    }
    if (says_any(said, {"no basic auth credentials", "unauthorized", "denied: ", "access denied",
                        "authentication required", "incorrect username or password", "forbidden"})) {
        return invalid("image " + image + " does not exist or may not be pulled: check the name" +
                       std::string(advice_on(login)) + " (" + error.message + ")");
    }
    if (error.fault == Fault::invalid ||
        says_any(said, {"invalid reference format", "no matching manifest", "no image found in manifest list",
                        "unsupported media type"})) {
        return invalid("image " + image + " cannot be used here: " + error.message);
    }
    if (error.fault == Fault::not_found ||
        says_any(said, {"manifest unknown", "not found", "name unknown", "does not exist", "no such image"})) {
        return invalid("image " + image + " does not exist: check its name and tag (" + error.message + ")");
    }
    return unavailable("image " + image + " could not be pulled: " + error.message);
}

Result<std::string> expand_variables(std::string_view text, const Environment& variables) {
    std::string expanded;
    while (!text.empty()) {
        const auto dollar = std::min(text.find('$'), text.size());
        expanded.append(text.substr(0, dollar));
        text.remove_prefix(dollar);
        if (text.empty()) break;
        const auto [name, length] = variable_at(text.substr(1));
        if (name.empty()) {
            expanded.push_back('$');
            text.remove_prefix(1);
            continue;
        }
        const EnvVar* variable = last_of(variables, name);
        if (variable == nullptr) {
            return invalid("$" + std::string(name) + " is not set: add it to the project's variables or a context");
        }
        expanded.append(variable->value);
        text.remove_prefix(1 + length);
    }
    return expanded;
}

std::string registry_auth(const std::string& registry, const std::string& username, const std::string& password) {
    const json::object login{
        {"username", username},
        {"password", password},
        {"serveraddress", registry == docker_hub ? docker_hub_address : std::string_view(registry)}};
    std::string text = to_base64(json::serialize(login));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

Result<PullLogin> login_for(const ContainerSpec& container, const ImageReference& image, const Environment& variables,
                            const std::vector<wire::RegistryLogin>& logins) {
    if (!container.auth) {
        const auto found = std::ranges::find(logins, image.registry, &wire::RegistryLogin::registry);
        if (found == logins.end()) return PullLogin{};
        return PullLogin{LoginSource::organization, found->username, found->password};
    }
    const auto expand = [&](const std::string& text) -> Result<std::string> {
        auto expanded = expand_variables(text, variables);
        if (expanded) return expanded;
        return expanded.error().during("auth of image " + container.image);
    };
    PullLogin login{.source = LoginSource::config};
    GYRE_TRY_ASSIGN(login.username, expand(container.auth->username));
    GYRE_TRY_ASSIGN(login.password, expand(container.auth->password));
    return login;
}

Result<ImageFacts> ensure_image(EngineClient& engine, EngineImages& images, const ContainerSpec& container,
                                const Environment& variables, const std::function<void(std::string_view)>& say,
                                const std::vector<wire::RegistryLogin>& logins) {
    GYRE_TRY_ASSIGN(const ImageReference image, parse_image_reference(container.image));
    auto looked_up = engine.image(image.text());
    if (!looked_up) return explain_pull(image.text(), looked_up.error(), LoginSource::nobody);
    std::optional<ImageFacts>& present = *looked_up;
    const auto used = present ? images.use(engine, present->id) : Result<bool>(false);
    if (!used) present.reset();
    if (present && !*used) {  // seen, and not held: another agent may have removed it in between
        GYRE_TRY_ASSIGN(present, engine.image(image.text()));
    }
    if (present && !image.moves()) {
        say("Using image " + image.text() + ", which is on this machine");
        return std::move(*present);
    }
    GYRE_TRY_ASSIGN(const PullLogin login, login_for(container, image, variables, logins));
    auto pulled = pull(engine, images, image, login, say);
    if (pulled) {
        say("Using image " + image.text() + (pulled->digest.empty() ? "" : " " + pulled->digest));
        return pulled;
    }
    if (!present || pulled.error().fault != Fault::unavailable) return pulled.error();
    say(pulled.error().message);
    say("Using the image " + image.text() + " that is on this machine; it may be out of date");
    return std::move(*present);
}

}  // namespace gyre::agent

#include "adapters/s3/credentials.h"

#include <stdlib.h>

#include <cstdlib>
#include <sstream>

#include "base/json.h"
#include "base/private_file.h"

namespace gyre::s3 {
namespace {

constexpr std::size_t longest_file = 64 << 10;
constexpr std::chrono::minutes renew_before{5};
constexpr const char* key_names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// A key goes into a header: it may not end the line.
bool is_printable(const std::string& text) {
    for (const char c : text) {
        if (c < ' ' || c > '~') return false;
    }
    return true;
}

Result<Keys> whole(Keys keys, const std::string& where) {
    if (keys.access.empty() || keys.secret.empty())
        return invalid(where + " names no aws_access_key_id and aws_secret_access_key");
    if (!is_printable(keys.access) || !is_printable(keys.secret) || !is_printable(keys.token))
        return invalid(where + " holds characters that no key has");
    return keys;
}

}  // namespace

Result<Keys> read_key_file(const std::string& path) {
    GYRE_TRY_ASSIGN(const std::string text, read_private_file(path, longest_file));
    Keys keys;
    std::istringstream lines(text);
    bool ours = true;  // before any section, and in [default]
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (line.starts_with('[')) ours = line == "[default]";
        const auto equals = line.find('=');
        if (!ours || equals == std::string::npos || line.starts_with('#')) continue;
        const std::string name = trimmed(line.substr(0, equals));
        std::string value = trimmed(line.substr(equals + 1));
        if (name == "aws_access_key_id")
            keys.access = std::move(value);
        else if (name == "aws_secret_access_key")
            keys.secret = std::move(value);
        else if (name == "aws_session_token")
            keys.token = std::move(value);
    }
    return whole(std::move(keys), path);
}

CredentialSettings settings_in_environment() {
    CredentialSettings settings;
    Keys keys{.access = variable(key_names[0]), .secret = variable(key_names[1]), .token = variable(key_names[2])};
    if (!keys.access.empty() && !keys.secret.empty()) settings.environment = std::move(keys);
    if (const auto other = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"); !other.empty()) settings.metadata = other;
    if (variable("AWS_EC2_METADATA_DISABLED") == "true") settings.metadata.clear();
    while (settings.metadata.ends_with('/')) settings.metadata.pop_back();
    return settings;
}

void forget_environment() {
    for (const char* name : key_names) ::unsetenv(name);
}

std::string Credentials::origin() const {
    if (!settings_.file.empty()) return "the file " + settings_.file;
    if (settings_.environment) return "the environment";
    return "the instance metadata service";
}

Result<Keys> Credentials::keys(Timestamp now) {
    auto held = held_.lock();
    if (held->keys && (!held->end || now < *held->end - renew_before)) return *held->keys;
    if (!settings_.file.empty()) {
        auto read = read_key_file(settings_.file);
        if (!read) return read.error().during("the keys of the object store");
        held->keys = *read;
        return read;
    }
    if (settings_.environment) return whole(*settings_.environment, "the environment");
    auto asked = ask_metadata();
    // Until they really end, the ones that we have are good.
    if (!asked && held->keys && held->end && now < *held->end) return *held->keys;
    if (!asked) return asked.error();
    *held = std::move(*asked);
    return *held->keys;
}

void Credentials::refuse(const Keys& keys) {
    auto held = held_.lock();
    if (held->keys && held->keys->access == keys.access) held->keys.reset();
}

Result<std::string> Credentials::ask(const std::string& method, const std::string& path,
                                     std::vector<std::string> headers) {
    auto answer = transport_.send({.method = method,
                                   .url = settings_.metadata + path,
                                   .headers = std::move(headers),
                                   .body = std::string_view(),
                                   .answer_limit = 64 << 10,
                                   .patience = std::chrono::milliseconds{2'000},
                                   .direct = true});
    const std::string advice =
        "there are no keys for the object store: name a file of them in the setting objects_credentials, set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role (the instance metadata service ";
    if (!answer) return unavailable(advice + "does not answer)");
    if (!answer->ok()) return unavailable(advice + "answers " + std::to_string(answer->status) + ")");
    return std::move(answer->body);
}

Result<Credentials::Held> Credentials::ask_metadata() {
    if (settings_.metadata.empty())
        return invalid(
            "there are no keys for the object store: name a file of them in the setting objects_credentials, or set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    GYRE_TRY_ASSIGN(const std::string token,
                    ask("PUT", "/latest/api/token", {"x-aws-ec2-metadata-token-ttl-seconds: 300"}));
    if (!is_printable(token)) return unavailable("the instance metadata service answers nonsense");
    const std::string with = "x-aws-ec2-metadata-token: " + token;
    GYRE_TRY_ASSIGN(std::string role, ask("GET", roles, {with}));
    role = trimmed(role.substr(0, role.find('\n')));
    if (role.empty()) return unavailable("this machine has no role whose keys could be used for the object store");
    GYRE_TRY_ASSIGN(const std::string text, ask("GET", roles + uri_encode(role, false), {with}));
    const auto parsed = parse_json(text, {.bytes = 64 << 10, .depth = 4});
    const auto* object = parsed ? parsed->if_object() : nullptr;
    const auto member = [&](const char* name) {
        const auto* found = object ? object->if_contains(name) : nullptr;
        return found && found->is_string() ? std::string(found->get_string()) : std::string();
    };
    Held held;
    GYRE_TRY_ASSIGN(
        held.keys,
        whole({.access = member("AccessKeyId"), .secret = member("SecretAccessKey"), .token = member("Token")},
              "the answer of the instance metadata service"));
    if (const auto end = from_iso(member("Expiration"))) held.end = *end;
    return held;
}

}  // namespace gyre::s3

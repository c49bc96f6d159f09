#include "model/remote.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace gyre {
namespace {

constexpr std::size_t longest_remote = 2000;

bool is_name(std::string_view text) {
    return !text.empty() && (is_letter_or_digit(text.front()) || text.front() == '_') &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-' || c == '+'; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hex_digit(text[at + 2]);
        out += low < 0 ? text[at] : static_cast<char>(high * 16 + low);
        if (low >= 0) at += 2;
    }
    return out;
}

// A URL's parts as they are written; `scheme` is empty when it is no URL.
struct Url {
    std::string_view scheme, user, password, host, rest;
    bool has_password = false;
};

Url split(std::string_view remote) {
    Url url;
    const auto scheme = remote.find("://");
    if (scheme == std::string_view::npos || remote.front() == '/') return url;
    url.scheme = remote.substr(0, scheme);
    const auto authority = remote.substr(scheme + 3, remote.find_first_of("/?#", scheme + 3) - (scheme + 3));
    url.rest = remote.substr(scheme + 3 + authority.size());
    const auto at = authority.rfind('@');
    url.host = at == std::string_view::npos ? authority : authority.substr(at + 1);
    if (at == std::string_view::npos) return url;
    const auto userinfo = authority.substr(0, at);
    const auto colon = userinfo.find(':');
    url.user = userinfo.substr(0, colon);
    url.has_password = colon != std::string_view::npos;
    if (url.has_password) url.password = userinfo.substr(colon + 1);
    return url;
}

bool is_http(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

// Of "host", "host:" or "host:port", with an IPv6 address in brackets.
std::string problem_of_host(std::string_view host) {
    if (host.empty() || host.front() == '-' || host.front() == ':') return "it names no host";
    const auto closed = host.front() == '[' ? host.find(']') : std::string_view::npos;
    if (host.front() == '[' && closed == std::string_view::npos) return "the '[' before its address is not closed";
    const auto name_ends = closed == std::string_view::npos ? std::min(host.size(), host.find(':')) : closed + 1;
    const auto port = host.substr(name_ends);
    const bool fine = port.empty() || (port.front() == ':' && port.find_first_not_of("0123456789", 1) == port.npos);
    if (!fine) return "what stands behind its host is no port";
    return closed == std::string_view::npos && host.find_first_of("[]") != host.npos ? "its host is no name" : "";
}

std::string problem_of_url(const Url& url) {
    if (url.scheme == "file") return url.rest.starts_with('/') ? "" : "write file:///PATH";
    if (!is_http(url.scheme) && url.scheme != "ssh" && url.scheme != "git")
        return "its scheme must be https, http, ssh, git or file";
    if (const auto problem = problem_of_host(url.host); !problem.empty()) return problem;
    if (!is_http(url.scheme) && (url.rest.size() < 2 || url.rest.front() != '/'))
        return "it names no repository: write " + std::string(url.scheme) + "://HOST/PATH";
    if (url.user.starts_with('-')) return "its user may not begin with '-'";
    if (!is_http(url.scheme) && url.has_password)
        return "a password can stand in an https URL only; give the server's user a key for ssh";
    if (has_control(percent_decoded(url.user)) || has_control(percent_decoded(url.password)))
        return "its user and password may not contain control characters";
    return "";
}

std::string problem_of_scp(std::string_view remote) {
    const auto colon = remote.find(':');
    if (colon == std::string_view::npos) return "write an absolute path, a URL, or user@host:path";
    const auto place = remote.substr(0, colon);
    const auto at = place.find('@');
    const bool fine = is_name(at == std::string_view::npos ? place : place.substr(at + 1)) &&
                      (at == std::string_view::npos || is_name(place.substr(0, at)));
    const auto path = remote.substr(colon + 1);
    return fine && !path.empty() && path.front() != ':' && path.front() != '-' ? "" : "that form is not allowed";
}

std::string problem_of(const std::string& remote) {
    if (remote.empty() || remote.size() > longest_remote) return "it must have 1 to 2000 bytes";
    if (has_control(remote)) return "it may not contain control characters";
    if (remote.front() == '/') return "";
    const Url url = split(remote);
    if (url.scheme != "file" && remote.find(' ') != std::string::npos) return "it may not contain spaces";
    return url.scheme.empty() ? problem_of_scp(remote) : problem_of_url(url);
}

// "https://host:port" of an http(s) URL that has no user; empty for other remotes.
std::string origin_of(const std::string& url) {
    const Url parts = url.empty() ? Url{} : split(url);
    return is_http(parts.scheme) ? std::string(parts.scheme) + "://" + std::string(parts.host) : "";
}

}  // namespace

Result<void> check_remote(const std::string& remote) {
    const std::string problem = problem_of(remote);
    if (problem.empty()) return {};
    return invalid("the remote cannot be used: " + problem);
}

BareRemote without_credentials(const std::string& remote) {
    const Url url = remote.empty() ? Url{} : split(remote);
    if (url.user.empty() && !url.has_password) return {remote, "", ""};
    const auto text = [](std::string_view part) { return std::string(part); };
    if (is_http(url.scheme)) {
        return {text(url.scheme) + "://" + text(url.host) + text(url.rest), percent_decoded(url.user),
                percent_decoded(url.password)};
    }
    return {text(url.scheme) + "://" + text(url.user) + "@" + text(url.host) + text(url.rest), "", ""};
}

GitAccess access_to(const std::string& remote) {
    BareRemote bare = without_credentials(remote);
    GitAccess access{.url = std::move(bare.url)};
    if (bare.user.empty() && bare.password.empty()) return access;
    const std::string helper = "credential." + origin_of(access.url) + ".helper=";
    access.config = {"-c", helper,  // forgets the helpers of this user's own configuration
                     "-c",
                     helper + R"(!f() { test "$1" != get || printf 'username=%s\npassword=%s\n' )"
                              R"("$GYRE_GIT_USER" "$GYRE_GIT_PASSWORD"; }; f)"};
    access.environment = {"GYRE_GIT_USER=" + bare.user, "GYRE_GIT_PASSWORD=" + bare.password};
    return access;
}

}  // namespace gyre

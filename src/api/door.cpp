#include "api/door.h"

#include "api/signature.h"
#include "base/digest.h"

namespace gyre::api {
namespace {

using httpd::message_answer;
using httpd::Request;
using httpd::Response;

constexpr std::string_view cookie_name = "gyre_session";
constexpr std::chrono::hours session_time{24 * 30};
constexpr std::size_t longest_token = 512;

Response not_logged_in() { return message_answer(401, "You must log in first."); }

Response slow_down() {
    return message_answer(429, "Too many wrong tokens from this address: try again in a minute.")
        .with("retry-after", "60");
}

std::string basic_user(std::string_view encoded) {
    const auto decoded = decode_base64(encoded);
    return decoded ? decoded->substr(0, decoded->find(':')) : std::string();
}

std::string token_in_headers(const Request& request) {
    constexpr std::string_view bearer = "Bearer ";
    constexpr std::string_view basic = "Basic ";
    if (const auto token = request.header("circle-token"); !token.empty()) return std::string(token);
    const auto authorization = request.header("authorization");
    if (authorization.starts_with(bearer)) return std::string(authorization.substr(bearer.size()));
    if (authorization.starts_with(basic)) return basic_user(authorization.substr(basic.size()));
    return "";
}

std::string token_in(const Request& request) {
    const std::string token = token_in_headers(request);
    return token.empty() ? request.query_value("circle-token").value_or("") : token;
}

std::string_view cookie_in(const Request& request) {
    std::string_view cookies = request.header("cookie");
    while (!cookies.empty()) {
        const auto end = std::min(cookies.find(';'), cookies.size());
        auto cookie = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        while (cookie.starts_with(' ')) cookie.remove_prefix(1);
        if (cookie.starts_with(cookie_name) && cookie.substr(cookie_name.size()).starts_with('=')) {
            return cookie.substr(cookie_name.size() + 1);
        }
    }
    return {};
}

bool is_same_origin(const Request& request) {
    const auto site = request.header("sec-fetch-site");
    if (!site.empty()) return site == "same-origin";
    std::string_view origin = request.header("origin");
    const auto scheme = origin.find("://");
    return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("host");
}

bool changes_something(const Request& request) { return request.method != "GET" && request.method != "HEAD"; }

std::string cookie_text(const std::string& value, std::chrono::seconds age, bool secure) {
    return std::string(cookie_name) + "=" + value +
           "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age.count()) + (secure ? "; Secure" : "");
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const int digit = base64_digit(c);
        if (digit < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xff);
    }
    return out;
}

Result<std::optional<std::string>> Door::login_of(const std::string& token_hash) {
    GYRE_TRY_ASSIGN(const auto token, tokens_.find(token_hash));
    return token ? std::optional(token->login) : std::nullopt;
}

template <typename Lookup>
std::optional<Response> Door::check(Request& request, const std::string& token_hash, Lookup lookup) {
    const auto now = clock_.steady();
    const std::string address = request.local ? "" : request.peer;
    if (!request.local && !failures_.admits(address, token_hash, now)) return slow_down();
    const Result<std::optional<std::string>> login = lookup();
    if (!login) return httpd::error_answer(login.error());
    if (!*login) {
        failures_.failed(address, now);
        return not_logged_in();
    }
    failures_.succeeded(token_hash);
    request.caller = **login;
    return std::nullopt;
}

std::optional<Response> Door::check(Request& request, const std::string& token_hash) {
    return check(request, token_hash, [&] { return login_of(token_hash); });
}

// A project that does not exist has no hook: whoever guesses learns nothing of names.
Result<std::optional<std::string>> Door::hook_of(const Result<Project>& project, const std::string& token_hash) {
    if (!project && project.error().fault == Fault::not_found) return std::optional<std::string>();
    if (!project) return project.error();
    GYRE_TRY_ASSIGN(const std::string known, tokens_.hook_token(project->id));
    const bool right = !known.empty() && equal_in_constant_time(known, token_hash);
    return right ? std::optional<std::string>("hook") : std::nullopt;
}

std::optional<Response> Door::admit_push(Request& request, const Result<Project>& project) {
    const std::string token = token_in_headers(request);
    if (!token.starts_with(hook_token_prefix) || token.size() > longest_token) return admit(request);
    const std::string hash = sha256_hex(token);
    return check(request, hash, [&] { return hook_of(project, hash); });
}

std::optional<Response> Door::admit(Request& request) {
    const std::string token = token_in(request);
    if (token.size() > longest_token) return not_logged_in();
    if (!token.empty()) return check(request, sha256_hex(token));
    const auto session = read_session(key_, cookie_in(request), clock_.now());
    if (!session) return not_logged_in();
    if (changes_something(request) && !is_same_origin(request)) {
        return message_answer(403, "This request did not come from a page of this site.");
    }
    const auto login = login_of(*session);
    if (!login) return httpd::error_answer(login.error());
    if (!*login) return not_logged_in();
    request.caller = **login;
    return std::nullopt;
}

Response Door::open_session(Request& request, bool secure) {
    if (!request.header("origin").empty() && !is_same_origin(request)) {
        return message_answer(403, "This request did not come from a page of this site.");
    }
    const auto body = parse_json(request.body);
    const auto* object = body ? body->if_object() : nullptr;
    const auto* token = object ? object->if_contains("token") : nullptr;
    if (!token || !token->is_string() || token->get_string().size() > longest_token) {
        return message_answer(400, R"(Send {"token": "..."}.)");
    }
    const std::string hash = sha256_hex(std::string_view(token->get_string()));
    if (auto refusal = check(request, hash)) return std::move(*refusal);
    const auto value = make_session(key_, hash, clock_.now() + session_time);
    return httpd::json_answer(json::object{{"login", request.caller}}, 201)
        .with("set-cookie", cookie_text(value, session_time, secure));
}

Response Door::close_session(bool secure) const {
    return message_answer(200, "Signed out.").with("set-cookie", cookie_text("", std::chrono::seconds{0}, secure));
}

}  // namespace gyre::api

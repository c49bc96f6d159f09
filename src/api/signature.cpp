#include "api/signature.h"

#include <charconv>

#include "base/digest.h"

namespace gyre::api {
namespace {

std::string seconds_of(Timestamp at) { return std::to_string(to_millis(at) / 1000); }

bool is_over(std::string_view seconds, Timestamp now) {
    std::int64_t expires = 0;
    const auto [end, failed] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), expires);
    return failed != std::errc{} || end != seconds.data() + seconds.size() || expires <= to_millis(now) / 1000;
}

// What is signed says what it is for, so that one kind never passes for the other.
std::string path_signature(std::string_view key, const std::string& path, const std::string& expires) {
    return to_hex(hmac_sha256(key, "path\n" + path + "\n" + expires));
}
std::string session_signature(std::string_view key, const std::string& content) {
    return to_hex(hmac_sha256(key, "session\n" + content));
}

}  // namespace

std::string sign_path(std::string_view key, const std::string& path, Timestamp expires) {
    const auto seconds = seconds_of(expires);
    return path + "?expires=" + seconds + "&signature=" + path_signature(key, path, seconds);
}

bool is_path_open(std::string_view key, const std::string& path, const std::string& expires,
                  const std::string& signature, Timestamp now) {
    return equal_in_constant_time(path_signature(key, path, expires), signature) && !is_over(expires, now);
}

std::string make_session(std::string_view key, const std::string& token_hash, Timestamp expires) {
    const std::string content = token_hash + "." + seconds_of(expires);
    return content + "." + session_signature(key, content);
}

std::optional<std::string> read_session(std::string_view key, std::string_view cookie, Timestamp now) {
    const auto second = cookie.rfind('.');
    if (second == std::string_view::npos || second == 0) return std::nullopt;
    const std::string content(cookie.substr(0, second));
    const auto first = content.find('.');
    if (first == std::string::npos) return std::nullopt;
    if (!equal_in_constant_time(session_signature(key, content), cookie.substr(second + 1))) return std::nullopt;
    if (is_over(std::string_view(content).substr(first + 1), now)) return std::nullopt;
    return content.substr(0, first);
}

}  // namespace gyre::api

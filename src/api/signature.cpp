#include "api/signature.h"

#include <charconv>

#include "base/digest.h"

namespace gyre::api {
namespace {

constexpr std::size_t block = 64;

std::string sha256(std::string_view first, std::string_view second) {
    Sha256 digest;
    digest.update(first);
    digest.update(second);
    return digest.finish();
}

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

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::string inner(block, '\0');
    const std::string short_key = key.size() > block ? sha256(key, {}) : std::string(key);
    inner.replace(0, short_key.size(), short_key);
    std::string outer = inner;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return sha256(outer, sha256(inner, text));
}

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

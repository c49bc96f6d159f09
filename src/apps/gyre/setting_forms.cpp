#include "apps/gyre/setting_forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace gyre::apps {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_url = 2000;
constexpr std::size_t longest_path = 4000;

bool is_word(char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; }

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_port(std::string_view text, std::uint16_t& port) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failed == std::errc{} && end == text.data() + text.size();
}

bool is_address(const std::string& text) {
    in6_addr address{};
    return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// "host" or "host:port", with an IPv6 address in brackets.
bool is_authority(std::string_view text) {
    std::uint16_t port = 0;
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return false;
    const auto colon = text.find(':', bracket);
    if (colon != std::string_view::npos && (!is_port(text.substr(colon + 1), port) || port == 0)) return false;
    const auto host = text.substr(0, colon);
    if (bracket > 0) return host.ends_with(']') && is_address(std::string(host.substr(1, host.size() - 2)));
    return !host.empty() && std::all_of(host.begin(), host.end(), is_word);
}

}  // namespace

std::string ListenAddress::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen(const std::string& text) {
    const auto colon = text.rfind(':');
    ListenAddress place{.host = text.substr(0, colon == std::string::npos ? 0 : colon)};
    const bool brackets = place.host.starts_with('[') && place.host.ends_with(']');
    if (brackets) place.host = place.host.substr(1, place.host.size() - 2);
    const bool v6 = place.host.find(':') != std::string::npos;
    if (colon == std::string::npos || !is_port(text.substr(colon + 1), place.port) || !is_address(place.host) ||
        v6 != brackets) {
        return invalid("must be ADDRESS:PORT, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080, not '" + text + "'");
    }
    return place;
}

Result<PortRange> parse_port_range(const std::string& text) {
    if (text == "off") return PortRange{};
    const auto dash = text.find('-');
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    const bool good = dash != std::string::npos && is_port(std::string_view(text).substr(0, dash), first) &&
                      is_port(std::string_view(text).substr(dash + 1), last) && first > 0 && first <= last;
    if (!good) return invalid("must be FIRST-LAST, such as 64535-65535, or off, not '" + text + "'");
    return PortRange{first, last};
}

Result<void> check_address(const std::string& text) {
    if (text.empty() || is_address(text)) return {};
    return invalid("must be an address, such as 0.0.0.0 or ::1, not '" + text + "'");
}

Result<std::string> parse_base_url(const std::string& text) {
    if (text.empty()) return text;
    std::string url = text;
    while (url.ends_with('/')) url.pop_back();
    std::string_view rest = url;
    const bool known = rest.starts_with("http://") || rest.starts_with("https://");
    rest.remove_prefix(known ? rest.find("://") + 3 : rest.size());
    const bool plain = url.size() <= longest_url && std::all_of(url.begin(), url.end(), is_visible) &&
                       url.find_first_of("?#@\\\"<>") == std::string::npos;
    if (!known || !plain || !is_authority(rest.substr(0, rest.find('/')))) {
        return invalid("must be a URL such as https://ci.example.com, without query and password, not '" + text + "'");
    }
    return url;
}

Result<void> check_name(const std::string& text) {
    if (text.size() <= longest_name && std::all_of(text.begin(), text.end(), is_word)) return {};
    return invalid("must be a name of at most 100 letters, digits, '.', '-' and '_', not '" +
                   text.substr(0, longest_name) + "'");
}

Result<void> check_path(const std::string& text, bool absolute) {
    if (text.empty()) return {};
    if (text.size() > longest_path || std::any_of(text.begin(), text.end(), is_control))
        return invalid("must be a path, without control characters");
    if (absolute && text.front() != '/') return invalid("must be an absolute path, not '" + text + "'");
    return {};
}

Result<void> check_engine(const std::string& text) {
    if (text == "none") return {};
    if (text.find("://") != std::string::npos)
        return invalid("must be the absolute path of a unix socket, such as /var/run/docker.sock, not '" + text + "'");
    return check_path(text, true);
}

Result<void> check_gpus(const std::string& text) {
    const bool number = !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos;
    if (number || text == "auto" || text == "elsewhere") return {};
    return invalid("must be auto, elsewhere or a whole number from 0 to 999, not '" + text + "'");
}

}  // namespace gyre::apps

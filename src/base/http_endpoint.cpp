#include <algorithm>

#include "base/ascii.h"
#include "base/http_client.h"

namespace gyre::http {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::string Endpoint::text() const {
    if (is_unix()) return "unix:" + unix_path;
    const bool is_v6 = host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? '[' + host + ']' : host) + ':' + port;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    const std::string whole(text);
    const auto refuse = [&] { return invalid("'" + whole + "' is no address: write unix:/path or http://host:port"); };
    if (take_prefix(text, "unix://") || take_prefix(text, "unix:") || text.starts_with('/')) {
        if (!text.starts_with('/')) return refuse();
        return Endpoint{.unix_path = std::string(text), .host = {}, .port = {}};
    }
    if (!take_prefix(text, "http://") && !take_prefix(text, "tcp://")) return refuse();
    if (text.ends_with('/')) text.remove_suffix(1);
    Endpoint endpoint{.unix_path = {}, .host = {}, .port = "80"};
    std::size_t end_of_host = text.rfind(':');
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) return refuse();
        endpoint.host = text.substr(1, bracket - 1);
        text.remove_prefix(bracket + 1);
        if (!text.empty() && text.front() != ':') return refuse();
        end_of_host = text.empty() ? std::string_view::npos : 0;
    } else {
        endpoint.host = text.substr(0, end_of_host);
    }
    if (end_of_host != std::string_view::npos) endpoint.port = text.substr(end_of_host + 1);
    if (endpoint.host.empty() || endpoint.host.find_first_of("/?#@ ") != std::string::npos || !is_port(endpoint.port)) {
        return refuse();
    }
    return endpoint;
}

std::string url_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    static constexpr std::string_view plain = "-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter_or_digit(c) || plain.find(c) != std::string_view::npos) {
            encoded.push_back(c);
        } else {
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

}  // namespace gyre::http

#include "adapters/s3/sigv4.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"

namespace gyre::s3 {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

Pairs sorted(Pairs pairs) {
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

// Without blanks at the ends, and one for several in between.
std::string folded(std::string_view value) {
    std::string text;
    for (const char c : value) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    if (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

std::string names_of(const Pairs& headers) {
    std::string names;
    for (const auto& [name, value] : sorted(headers)) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string day_of(Timestamp at) { return amz_date(at).substr(0, 8); }

std::string scope_text(const Scope& scope, Timestamp at) {
    return day_of(at) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

std::string signature(const Wanted& wanted, const Scope& scope, const Keys& keys, Timestamp at) {
    std::string key = hmac_sha256("AWS4" + keys.secret, day_of(at));
    for (const std::string_view part :
         {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")})
        key = hmac_sha256(key, part);
    return to_hex(hmac_sha256(key, string_to_sign(wanted, scope, at)));
}

}  // namespace

std::string uri_encode(std::string_view text, bool keep_slashes) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slashes)) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

std::string query_text(const Pairs& query) {
    Pairs encoded;
    for (const auto& [name, value] : query) encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
    std::string text;
    for (const auto& [name, value] : sorted(std::move(encoded))) text += (text.empty() ? "" : "&") + name + "=" + value;
    return text;
}

std::string canonical_request(const Wanted& wanted) {
    std::string headers;
    for (const auto& [name, value] : sorted(wanted.headers)) headers += name + ":" + folded(value) + "\n";
    return wanted.method + "\n" + uri_encode(wanted.path, true) + "\n" + query_text(wanted.query) + "\n" + headers +
           "\n" + names_of(wanted.headers) + "\n" + wanted.payload_hash;
}

std::string string_to_sign(const Wanted& wanted, const Scope& scope, Timestamp at) {
    return std::string(algorithm) + "\n" + amz_date(at) + "\n" + scope_text(scope, at) + "\n" +
           sha256_hex(canonical_request(wanted));
}

std::string authorization(const Wanted& wanted, const Scope& scope, const Keys& keys, Timestamp at) {
    return std::string(algorithm) + " Credential=" + keys.access + "/" + scope_text(scope, at) +
           ", SignedHeaders=" + names_of(wanted.headers) + ", Signature=" + signature(wanted, scope, keys, at);
}

std::string presigned_query(Wanted wanted, const Scope& scope, const Keys& keys, Timestamp at, int seconds) {
    wanted.query.emplace_back("X-Amz-Algorithm", algorithm);
    wanted.query.emplace_back("X-Amz-Credential", keys.access + "/" + scope_text(scope, at));
    wanted.query.emplace_back("X-Amz-Date", amz_date(at));
    wanted.query.emplace_back("X-Amz-Expires", std::to_string(std::clamp(seconds, 1, 7 * 24 * 3600)));
    wanted.query.emplace_back("X-Amz-SignedHeaders", names_of(wanted.headers));
    if (!keys.token.empty()) wanted.query.emplace_back("X-Amz-Security-Token", keys.token);
    return query_text(wanted.query) + "&X-Amz-Signature=" + signature(wanted, scope, keys, at);
}

std::string amz_date(Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

}  // namespace gyre::s3

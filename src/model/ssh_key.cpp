#include "model/ssh_key.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/digest.h"
#include "base/utf8.h"

namespace gyre {
namespace {

constexpr std::size_t longest_text = 16 << 10;
constexpr std::size_t longest_comment = 250;
constexpr std::size_t least_rsa_bits = 2048;
constexpr std::size_t most_rsa_bits = 16384;
constexpr std::string_view advice = "; give the one line of a .pub file, such as ~/.ssh/id_ed25519.pub";

Error refused(const std::string& what) { return invalid(what + std::string(advice)); }

int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

// Only the one form that encoding gives.
std::optional<std::string> decode(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text.substr(0, text.find('='))) {
        const int value = value_of(c);
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xff);
    }
    if (to_base64(bytes) != text) return std::nullopt;
    return bytes;
}

// The fields of a key's bytes, each a length of four bytes and so many bytes.
class Fields {
public:
    explicit Fields(std::string_view bytes) : rest_(bytes) {}

    std::optional<std::string_view> next() {
        if (rest_.size() < 4) return std::nullopt;
        std::uint32_t length = 0;
        for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(rest_[static_cast<size_t>(i)]);
        if (length > rest_.size() - 4) return std::nullopt;
        const auto field = rest_.substr(4, length);
        rest_.remove_prefix(4 + length);
        return field;
    }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// Of a positive number in its shortest form; 0 for what is none.
std::size_t bits_of(std::string_view number) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(number[i]); };
    if (number.empty() || byte(0) >= 0x80) return 0;
    if (byte(0) == 0) {
        if (number.size() < 2 || byte(1) < 0x80) return 0;
        number.remove_prefix(1);
    }
    std::size_t bits = (number.size() - 1) * 8;
    for (unsigned first = byte(0); first != 0; first >>= 1) ++bits;
    return bits;
}

Result<void> check_rsa(Fields& fields) {
    const auto exponent = fields.next();
    const auto modulus = fields.next();
    if (!exponent || !modulus) return refused("the key is cut short");
    const bool odd = !exponent->empty() && (static_cast<unsigned char>(exponent->back()) & 1) == 1;
    if (!odd || bits_of(*exponent) < 2 || bits_of(*exponent) > 64) return refused("this is no key of RSA");
    const auto bits = bits_of(*modulus);
    if (bits == 0) return refused("this is no key of RSA");
    if (bits < least_rsa_bits)
        return refused("RSA keys must have 2048 bits or more, this one has " + std::to_string(bits));
    if (bits > most_rsa_bits) return refused("RSA keys may have 16384 bits at most");
    return {};
}

Result<void> check_curve(Fields& fields, std::string_view curve, std::size_t size) {
    const auto name = fields.next();
    const auto point = fields.next();
    if (!name || !point) return refused("the key is cut short");
    if (*name != curve || point->size() != size || point->front() != 4)
        return refused("this is no key of " + std::string(curve));
    return {};
}

Result<void> check_ed25519(Fields& fields) {
    const auto point = fields.next();
    if (!point || point->size() != 32) return refused("this is no key of Ed25519");
    return {};
}

// What a security key signs for.
Result<void> check_application(Fields& fields) {
    const auto application = fields.next();
    if (!application || application->empty() || application->size() > 200)
        return refused("the key does not name its application");
    return {};
}

struct Kind {
    std::string_view type;
    Result<void> (*check)(Fields& fields);
};

constexpr std::array<Kind, 7> kinds{{
    {"ssh-ed25519", check_ed25519},
    {"ecdsa-sha2-nistp256", [](Fields& fields) { return check_curve(fields, "nistp256", 65); }},
    {"ecdsa-sha2-nistp384", [](Fields& fields) { return check_curve(fields, "nistp384", 97); }},
    {"ecdsa-sha2-nistp521", [](Fields& fields) { return check_curve(fields, "nistp521", 133); }},
    {"ssh-rsa", check_rsa},
    {"sk-ssh-ed25519@openssh.com",
     [](Fields& fields) -> Result<void> {
         GYRE_TRY(check_ed25519(fields));
         return check_application(fields);
     }},
    {"sk-ecdsa-sha2-nistp256@openssh.com",
     [](Fields& fields) -> Result<void> {
         GYRE_TRY(check_curve(fields, "nistp256", 65));
         return check_application(fields);
     }},
}};

Result<void> check_bytes(const Kind& kind, std::string_view bytes) {
    Fields fields(bytes);
    const auto type = fields.next();
    if (!type) return refused("the key is cut short");
    if (*type != kind.type) return refused("the key's bytes are not of the type that stands before them");
    GYRE_TRY(kind.check(fields));
    if (!fields.at_end()) return refused("something follows the key within its base64");
    return {};
}

std::string_view take_word(std::string_view& text) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(text.find_first_not_of(" \t", end), text.size()));
    return word;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos)
        text.remove_prefix(1);
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    return text;
}

Error refused_type(std::string_view type) {
    if (type == "ssh-dss") return refused("keys of DSA are too weak to be accepted");
    if (type.find("-cert-v") != std::string_view::npos) return refused("this is a certificate, not a key");
    return refused(
        "the line does not begin with a type of key that is known (ssh-ed25519, ecdsa-sha2-nistp256, "
        "ssh-rsa, ...); options before it are not taken");
}

}  // namespace

std::string ssh_fingerprint(std::string_view bytes) {
    Sha256 digest;
    digest.update(bytes);
    std::string text = to_base64(digest.finish());
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

Result<SshKey> parse_ssh_key(std::string_view text) {
    if (text.size() > longest_text) return too_large("a public key has 16 kB at most" + std::string(advice));
    text = trimmed(text);
    if (text.empty()) return refused("there is no key");
    if (text.find("PRIVATE KEY") != std::string_view::npos)
        return refused("this is a private key, which nobody but you may have: consider it lost, and make another");
    if (text.find_first_of("\r\n") != std::string_view::npos) return refused("one key at a time, in one line");
    const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(text, is_control) || valid_utf8(text) != text)
        return refused("the line has bytes that are no text");
    SshKey key;
    key.type = take_word(text);
    const auto kind = std::ranges::find(kinds, key.type, &Kind::type);
    if (kind == kinds.end()) return refused_type(key.type);
    key.blob = take_word(text);
    const auto bytes = decode(key.blob);
    if (!bytes || bytes->empty()) return refused("what follows the type is not the base64 of a key");
    GYRE_TRY(check_bytes(*kind, *bytes));
    if (text.size() > longest_comment) return refused("the comment behind the key has more than 250 bytes");
    key.comment = text;
    std::ranges::replace(key.comment, '\t', ' ');
    key.fingerprint = ssh_fingerprint(*bytes);
    return key;
}

}  // namespace gyre

#include "identity/ssh_key_blob.h"

namespace gyre::identity {
namespace {

constexpr std::string_view magic("openssh-key-v1\0", 15);
constexpr std::string_view ed25519 = "ssh-ed25519";
constexpr std::size_t block = 8;  // the private part is padded to it where nothing encrypts

Error damaged() { return invalid("the SSH key is damaged: its parts do not fit together"); }

// The private part begins with a number twice, and then has the public one again; that of RSA in another order.
bool fits(std::string_view secret_part, std::string_view public_part) {
    BlobReader secret(secret_part);
    const auto once = secret.number();
    const auto again = secret.number();
    if (!once || once != again || public_part.empty()) return false;
    if (secret.skip(public_part)) return true;
    BlobReader shown(public_part);
    const auto kind = shown.text();
    const auto exponent = shown.text();
    const auto modulus = shown.text();
    return kind == "ssh-rsa" && modulus && secret.text() == kind && secret.text() == modulus &&
           secret.text() == exponent;
}

}  // namespace

void put_number(std::string& blob, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) blob += static_cast<char>(number >> shift & 0xFFU);
}

void put_text(std::string& blob, std::string_view text) {
    put_number(blob, static_cast<std::uint32_t>(text.size()));
    blob += text;
}

std::optional<std::uint32_t> BlobReader::number() {
    if (rest_.size() < 4) return std::nullopt;
    std::uint32_t number = 0;
    for (const char byte : rest_.substr(0, 4)) number = number << 8U | static_cast<unsigned char>(byte);
    rest_.remove_prefix(4);
    return number;
}

std::optional<std::string_view> BlobReader::text() {
    const auto length = number();
    if (!length || *length > rest_.size()) return std::nullopt;
    const auto text = rest_.substr(0, *length);
    rest_.remove_prefix(*length);
    return text;
}

bool BlobReader::skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
}

Result<std::string> public_part(std::string_view container) {
    BlobReader reader(container);
    if (!reader.skip(magic)) return damaged();
    const auto cipher = reader.text();
    const auto derivation = reader.text();
    if (!cipher || !derivation || !reader.text()) return damaged();
    if (*cipher != "none" || *derivation != "none")
        return invalid("the SSH key has a passphrase, which nobody could type in a job: take it off (ssh-keygen -p)");
    if (reader.number() != 1U) return invalid("there must be one SSH key in the text");
    const auto shown = reader.text();
    const auto secret = reader.text();
    if (!shown || !secret || !reader.at_end() || !fits(*secret, *shown)) return damaged();
    return std::string(*shown);
}

std::string ed25519_public(std::string_view point) {
    std::string blob;
    put_text(blob, ed25519);
    put_text(blob, point);
    return blob;
}

std::string ed25519_container(std::string_view seed, std::string_view point) {
    std::string secret;
    // The number tells a right passphrase from a wrong one; there is none.
    put_number(secret, 0);
    put_number(secret, 0);
    secret += ed25519_public(point);
    put_text(secret, std::string(seed) + std::string(point));
    put_text(secret, "");  // comment
    for (char pad = 1; secret.size() % block != 0; ++pad) secret += pad;
    std::string container(magic);
    for (const auto* text : {"none", "none", ""}) put_text(container, text);
    put_number(container, 1);
    put_text(container, ed25519_public(point));
    put_text(container, secret);
    return container;
}

}  // namespace gyre::identity

#include "identity/key_ring.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/digest.h"
#include "base/random.h"

namespace gyre::identity {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t name_size = 16;
constexpr std::string_view form = "1.";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Lower case only: each sealed value has one form.
std::optional<std::string> from_hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const auto high = digits.find(text[at]);
        const auto low = digits.find(text[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Cipher new_cipher() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

// OpenSSL has no memory left, or is set up without the cipher.
Error refused() { return unavailable("OpenSSL does not do AES-256-GCM here: see its configuration, and the memory"); }

std::string random_bytes(std::size_t count) { return *from_hex(random_token(count)); }

std::string name_of_key(const std::string& bytes) {
    return to_hex(hmac_sha256(bytes, "gyre: the name of a key")).substr(0, name_size);
}

std::string associated(std::string_view name, std::string_view about) {
    return std::string(form).append(name).append("\n").append(about);
}

Error damaged() { return corrupt("a stored secret is damaged, or stands in another's place: set it again"); }

}  // namespace

Result<KeyRing> KeyRing::parse(std::string_view text) {
    std::vector<Key> keys;
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        const auto bytes = line.size() == 2 * key_size ? from_hex(line) : std::nullopt;
        if (!bytes) return invalid("line " + std::to_string(number) + " is no key: a key has 64 of the digits 0-9a-f");
        if (keys.size() == most_keys) return invalid("there are more than 16 keys: remove the oldest, at the end");
        keys.push_back({*bytes, name_of_key(*bytes)});
    }
    if (keys.empty()) return invalid("there is no key in it");
    return KeyRing(std::move(keys));
}

const KeyRing::Key* KeyRing::find(std::string_view name) const {
    const auto found = std::ranges::find(keys_, name, &Key::name);
    return found == keys_.end() ? nullptr : &*found;
}

bool KeyRing::has(std::string_view name) const { return find(name) != nullptr; }

Result<std::string> KeyRing::seal(std::string_view value, std::string_view about) const {
    const Key& key = keys_.front();
    const std::string nonce = random_bytes(nonce_size);
    const std::string around = associated(key.name, about);
    std::string sealed(value.size(), '\0');
    std::string tag(tag_size, '\0');
    int length = 0;
    const Cipher cipher = new_cipher();
    const bool done =
        cipher &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.bytes), bytes_of(nonce)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(around), static_cast<int>(around.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), bytes_of(sealed), &length, bytes_of(value), static_cast<int>(value.size())) ==
            1 &&
        EVP_EncryptFinal_ex(cipher.get(), bytes_of(tag), &length) == 1 &&  // writes nothing in this mode
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) == 1;
    if (!done) return refused();
    return std::string(form) + key.name + "." + to_hex(nonce + sealed + tag);
}

Result<std::string> KeyRing::open(std::string_view sealed, std::string_view about) const {
    const std::size_t front = form.size() + name_size + 1;
    if (sealed.size() < front || !sealed.starts_with(form) || sealed[front - 1] != '.') return damaged();
    const auto name = sealed.substr(form.size(), name_size);
    const auto bytes = from_hex(sealed.substr(front));
    if (!bytes || bytes->size() < nonce_size + tag_size) return damaged();
    const Key* key = find(name);
    if (!key) return unavailable("a secret is sealed with the key " + std::string(name) + ", which is not here");
    const std::string around = associated(name, about);
    const auto content = std::string_view(*bytes).substr(nonce_size, bytes->size() - nonce_size - tag_size);
    std::string tag = bytes->substr(bytes->size() - tag_size);
    std::string value(content.size(), '\0');
    int length = 0;
    const Cipher cipher = new_cipher();
    const bool done =
        cipher &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key->bytes), bytes_of(*bytes)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(around), static_cast<int>(around.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), bytes_of(value), &length, bytes_of(content),
                          static_cast<int>(content.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1;
    if (!done) return refused();
    if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(tag), &length) != 1) return damaged();
    return value;
}

std::string new_key_line() { return random_token(key_size) + "\n"; }

}  // namespace gyre::identity

#include "identity/private_ssh_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/digest.h"
#include "identity/ssh_key_blob.h"
#include "model/secret.h"
#include "model/ssh_key.h"

namespace gyre::identity {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view openssh_begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view openssh_end = "-----END OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view passphrase_trouble =
    "the SSH key has a passphrase, which nobody could type in a job: take it off (ssh-keygen -p)";
constexpr std::size_t base64_line = 70;

using OpenedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

struct Curve {
    std::string_view openssl;
    std::string_view ssh;
};
constexpr std::array curves{Curve{"prime256v1", "nistp256"}, Curve{"secp384r1", "nistp384"},
                            Curve{"secp521r1", "nistp521"}};

Error no_key() {
    return invalid(
        "this is no private SSH key: give the whole file that ssh-keygen wrote (-----BEGIN ... PRIVATE KEY----- to its "
        "end)");
}

// Without what terminals and Windows add: lines end in one '\n', none is empty around the key.
Result<std::string> plain_lines(std::string_view given) {
    std::string text;
    for (const char c : given) {
        if (c == '\r') continue;
        if (c != '\n' && (c < 0x20 || c > 0x7e)) return no_key();
        text += c;
    }
    const auto begin = text.find_first_not_of(" \n");
    if (begin == std::string::npos) return no_key();
    return text.substr(begin, text.find_last_not_of(" \n") + 1 - begin) + "\n";
}

std::optional<std::string> from_base64(std::string_view text) {
    const std::unique_ptr<EVP_ENCODE_CTX, decltype(&EVP_ENCODE_CTX_free)> decoder(EVP_ENCODE_CTX_new(),
                                                                                  EVP_ENCODE_CTX_free);
    EVP_DecodeInit(decoder.get());
    std::string bytes(text.size(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    int length = 0;
    int last = 0;
    if (EVP_DecodeUpdate(decoder.get(), out, &length, reinterpret_cast<const unsigned char*>(text.data()),
                         static_cast<int>(text.size())) < 0 ||
        EVP_DecodeFinal(decoder.get(), out + length, &last) != 1)
        return std::nullopt;
    bytes.resize(static_cast<std::size_t>(length + last));
    return bytes;
}

std::string openssh_text(std::string_view container) {
    const std::string letters = to_base64(container);
    std::string text(openssh_begin);
    for (std::size_t at = 0; at < letters.size(); at += base64_line) text += letters.substr(at, base64_line) + "\n";
    return text.append(openssh_end);
}

// Not the kinds that need a token in somebody's hand.
bool is_usable(const PrivateSshKey& key) {
    return parse_ssh_key(key.public_line()).ok() && !key.public_line().starts_with("sk-");
}

Error unusable() {
    return invalid("SSH keys are of ed25519, ECDSA or RSA with 2048 bits or more here; make one with ssh-keygen");
}

Result<PrivateSshKey> read_openssh(const std::string& text) {
    if (!text.ends_with(openssh_end)) return no_key();
    const auto body = std::string_view(text).substr(openssh_begin.size());
    const auto container = from_base64(body.substr(0, body.size() - openssh_end.size()));
    if (!container) return no_key();
    GYRE_TRY_ASSIGN(auto blob, public_part(*container));
    return PrivateSshKey{text, std::move(blob)};
}

// An unsigned number as RFC 4251's mpint: big-endian, with a zero in front where the first bit is set.
bool put_part(std::string& blob, const EVP_PKEY* key, const char* name) {
    BIGNUM* found = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &found) != 1) return false;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(found, BN_free);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())) + 1, '\0');
    BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()) + 1);
    if ((static_cast<unsigned char>(bytes[1]) & 0x80U) == 0) bytes.erase(0, 1);
    put_text(blob, bytes);
    return true;
}

Result<PrivateSshKey> of_rsa(const std::string& text, const EVP_PKEY* key) {
    PrivateSshKey read{text, {}};
    put_text(read.public_blob, "ssh-rsa");
    const bool done = put_part(read.public_blob, key, OSSL_PKEY_PARAM_RSA_E) &&
                      put_part(read.public_blob, key, OSSL_PKEY_PARAM_RSA_N);
    return done ? Result<PrivateSshKey>(std::move(read)) : no_key();
}

Result<PrivateSshKey> of_curve(const std::string& text, const EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::array<unsigned char, 256> point{};
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), nullptr) != 1 ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1)
        return unusable();
    const auto curve = std::ranges::find(curves, std::string_view(group.data()), &Curve::openssl);
    if (curve == curves.end() || size == 0 || point[0] != 4) return unusable();  // 4: not compressed
    PrivateSshKey read{text, {}};
    put_text(read.public_blob, "ecdsa-sha2-" + std::string(curve->ssh));
    put_text(read.public_blob, curve->ssh);
    put_text(read.public_blob, {reinterpret_cast<const char*>(point.data()), size});
    return read;
}

Result<PrivateSshKey> of_ed25519(const EVP_PKEY* key) {
    std::array<unsigned char, 32> seed{};
    std::array<unsigned char, 32> point{};
    std::size_t seed_size = seed.size();
    std::size_t point_size = point.size();
    if (EVP_PKEY_get_raw_private_key(key, seed.data(), &seed_size) != 1 ||
        EVP_PKEY_get_raw_public_key(key, point.data(), &point_size) != 1)
        return no_key();
    const std::string_view secret(reinterpret_cast<const char*>(seed.data()), seed_size);
    const std::string_view shown(reinterpret_cast<const char*>(point.data()), point_size);
    return PrivateSshKey{openssh_text(ed25519_container(secret, shown)), ed25519_public(shown)};
}

int no_passphrase(char*, int, int, void*) { return 0; }  // nor a question at the server's terminal

Result<PrivateSshKey> read_pem(const std::string& text) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                           BIO_free);
    const OpenedKey key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    if (!key) return no_key();
    switch (EVP_PKEY_get_base_id(key.get())) {
        case EVP_PKEY_RSA:
            return of_rsa(text, key.get());
        case EVP_PKEY_EC:
            return of_curve(text, key.get());
        case EVP_PKEY_ED25519:
            return of_ed25519(key.get());
        default:
            return unusable();
    }
}

std::size_t times(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

std::string md5_of(std::string_view bytes) {
    std::array<unsigned char, 16> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1) return {};
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::string PrivateSshKey::public_line() const {
    return std::string(BlobReader(public_blob).text().value_or("")) + " " + to_base64(public_blob);
}

std::string PrivateSshKey::md5() const {
    const std::string digits = to_hex(md5_of(public_blob));
    std::string print;
    for (std::size_t at = 0; at < digits.size(); at += 2) print += (at == 0 ? "" : ":") + digits.substr(at, 2);
    return print;
}

std::string PrivateSshKey::sha256() const { return ssh_fingerprint(public_blob); }

Result<PrivateSshKey> read_private_ssh_key(std::string_view given) {
    if (given.size() > largest_ssh_key) return too_large("the text of an SSH key may have 16 kB");
    GYRE_TRY_ASSIGN(const auto text, plain_lines(given));
    if (text.starts_with("ssh-") || text.starts_with("ecdsa-"))
        return invalid("this is the public part of an SSH key: give the private one, the file without .pub");
    const auto last = text.rfind('\n', text.size() - 2);
    const bool ends = last != std::string::npos && std::string_view(text).substr(last + 1).starts_with(end_mark);
    if (!text.starts_with(begin_mark) || !ends) return no_key();
    if (times(text, begin_mark) != 1) return invalid("there must be one SSH key in the text");
    if (text.find("ENCRYPTED") != std::string::npos) return invalid(std::string(passphrase_trouble));
    GYRE_TRY_ASSIGN(auto key, text.starts_with(openssh_begin) ? read_openssh(text) : read_pem(text));
    if (!is_usable(key)) return unusable();
    return key;
}

Result<PrivateSshKey> make_private_ssh_key() {
    const OpenedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    if (!key) return unavailable("an SSH key cannot be made: the system gives no random bytes");
    return of_ed25519(key.get());
}

}  // namespace gyre::identity

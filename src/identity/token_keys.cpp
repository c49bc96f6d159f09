#include "identity/token_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"

namespace gyre::identity {
namespace {

constexpr std::int64_t quarter_ms = std::int64_t{91} * 24 * 3600 * 1000;
constexpr std::size_t coordinate_size = 32;
constexpr std::size_t point_size = 1 + 2 * coordinate_size;

template <auto release>
struct Release {
    template <typename T>
    void operator()(T* owned) const {
        release(owned);
    }
};
template <typename T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;
using Number = Owned<BIGNUM, BN_clear_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_free>;
using Scratch = Owned<BN_CTX, BN_CTX_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

struct Pair {
    Number secret;
    std::string point;  // 0x04, x, y
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Of a change of clocks before 1970 nothing is asked.
std::int64_t quarter_of(Timestamp at) { return to_millis(at) / quarter_ms; }

Error refused() { return unavailable("OpenSSL does not do ES256 here: see its configuration, and the memory"); }

std::string base64url(std::string_view bytes) {
    std::string text = to_base64(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    text.resize(std::min(text.find('='), text.size()));
    return text;
}

// 64 bytes for 32: what the remainder prefers is then nothing that could be measured (FIPS 186-5, A.2.1).
std::string derived_bytes(std::string_view secret, std::int64_t quarter) {
    const std::string about = "gyre: signs tokens of jobs\n" + std::to_string(quarter) + "\n";
    return hmac_sha256(secret, about + "1") + hmac_sha256(secret, about + "2");
}

// At least 1 and less than the order.
Number derived_secret(std::string_view secret, std::int64_t quarter, const EC_GROUP& group, BN_CTX& scratch) {
    const std::string bytes = derived_bytes(secret, quarter);
    Number number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
    const Number most(BN_dup(EC_GROUP_get0_order(&group)));
    const bool done = number && most && BN_sub_word(most.get(), 1) == 1 &&
                      BN_nnmod(number.get(), number.get(), most.get(), &scratch) == 1 &&
                      BN_add_word(number.get(), 1) == 1;
    return done ? std::move(number) : nullptr;
}

Result<Pair> derived_pair(std::string_view secret, std::int64_t quarter) {
    const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const Scratch scratch(BN_CTX_secure_new());
    if (!group || !scratch) return refused();
    Pair pair{derived_secret(secret, quarter, *group, *scratch), std::string(point_size, '\0')};
    const Point point(EC_POINT_new(group.get()));
    const bool done = pair.secret && point &&
                      EC_POINT_mul(group.get(), point.get(), pair.secret.get(), nullptr, nullptr, scratch.get()) == 1 &&
                      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes_of(pair.point),
                                         point_size, scratch.get()) == point_size;
    if (!done) return refused();
    return pair;
}

Key private_key(const Pair& pair) {
    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
    const bool said =
        build && OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, pair.point.data(), point_size) == 1 &&
        OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, pair.secret.get()) == 1;
    if (!said) return nullptr;
    const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(build.get()));
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    const bool made = parameters && maker && EVP_PKEY_fromdata_init(maker.get()) == 1 &&
                      EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1;
    return Key(made ? key : nullptr);
}

// OpenSSL answers a structure in DER; tokens have the two numbers one behind the other.
Result<std::string> raw_signature(const std::string& der) {
    const unsigned char* at = bytes_of(der);
    const Owned<ECDSA_SIG, ECDSA_SIG_free> read(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(2 * coordinate_size, '\0');
    const int size = static_cast<int>(coordinate_size);
    const bool done = read && BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), bytes_of(raw), size) == size &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), bytes_of(raw) + size, size) == size;
    if (!done) return refused();
    return raw;
}

Result<std::string> signature_of(const std::string& text, const Pair& pair) {
    const Key key = private_key(pair);
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> signer(EVP_MD_CTX_new());
    std::string der(128, '\0');
    std::size_t length = der.size();
    const bool done = key && signer &&
                      EVP_DigestSignInit(signer.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                      EVP_DigestSign(signer.get(), bytes_of(der), &length, bytes_of(text), text.size()) == 1;
    if (!done) return refused();
    der.resize(length);
    return raw_signature(der);
}

std::string name_of(const Pair& pair) { return sha256_hex(pair.point).substr(0, 16); }

json::object public_key(const Pair& pair) {
    const std::string_view point = pair.point;
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"alg", "ES256"},
            {"use", "sig"},
            {"kid", name_of(pair)},
            {"x", base64url(point.substr(1, coordinate_size))},
            {"y", base64url(point.substr(1 + coordinate_size))}};
}

}  // namespace

Result<std::string> signed_token(std::string_view secret, const json::object& claims, Timestamp now) {
    GYRE_TRY_ASSIGN(const auto pair, derived_pair(secret, quarter_of(now)));
    const json::object head{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", name_of(pair)}};
    const std::string text = base64url(json::serialize(head)) + "." + base64url(json::serialize(claims));
    GYRE_TRY_ASSIGN(const auto signature, signature_of(text, pair));
    return text + "." + base64url(signature);
}

Result<json::object> public_token_keys(std::string_view secret, Timestamp now) {
    json::array keys;
    for (const int away : {0, -1, 1}) {
        GYRE_TRY_ASSIGN(const auto pair, derived_pair(secret, quarter_of(now) + away));
        keys.push_back(public_key(pair));
    }
    return json::object{{"keys", std::move(keys)}};
}

}  // namespace gyre::identity

#include "agent/known_chunks.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <utility>

#include "base/random.h"

namespace gyre::agent {
namespace {

constexpr std::size_t names_at_once = 64;
constexpr std::size_t key_bytes = 16;  // as hexadecimal digits they make an AES key of 256 bits

struct FreeMac {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

EVP_MAC* gmac() {
    static const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "GMAC", nullptr));
    return mac.get();
}

}  // namespace

KnownChunks::KnownChunks(std::string cipher) : cipher_(std::move(cipher)), key_(random_token(key_bytes)) {}

// Always with the same nonce: that would give the key away to who sees marks, and nobody does.
Result<ContentMark> KnownChunks::mark_of(std::string_view content) const {
    std::string cipher = cipher_;
    std::array<unsigned char, 12> nonce{};
    const std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce.data(), nonce.size()), OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_MAC_CTX, FreeMac> context(gmac() ? EVP_MAC_CTX_new(gmac()) : nullptr);
    std::array<unsigned char, sizeof(ContentMark)> bytes{};
    std::size_t length = 0;
    const bool done =
        context &&
        EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key_.data()), key_.size(),
                     parameters.data()) == 1 &&
        EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(content.data()), content.size()) == 1 &&
        EVP_MAC_final(context.get(), bytes.data(), &length, bytes.size()) == 1 && length == bytes.size();
    if (!done)
        return invalid("OpenSSL on this machine computes no GMAC with " + cipher_ +
                       ", which caches and workspaces need: enable its default provider in openssl.cnf");
    ContentMark mark;
    std::memcpy(&mark, bytes.data(), bytes.size());
    return mark;
}

void KnownChunks::add(const ContentMark& mark, const Chunk& chunk) {
    const std::lock_guard lock(mutex_);
    if (chunks_.size() == most_known_chunks) return;
    if (places_.emplace(mark, chunks_.size()).second) chunks_.push_back(chunk);
}

std::optional<std::size_t> KnownChunks::find(const ContentMark& mark) const {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(mark);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Chunk> KnownChunks::from(std::size_t place, std::size_t most) const {
    const std::lock_guard lock(mutex_);
    const auto begin = chunks_.begin() + static_cast<std::ptrdiff_t>(place);
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(most, chunks_.size() - place))};
}

Result<std::optional<Chunk>> StoredChunks::find(const ContentMark& mark, GatewayClient& gateway, const Cutoff& cutoff) {
    const auto place = known_.find(mark);
    if (!place) return std::optional<Chunk>();
    const std::lock_guard lock(mutex_);
    if (!answers_.contains(*place)) GYRE_TRY(ask_from(*place, gateway, cutoff));
    return answers_.at(*place);
}

Result<void> StoredChunks::ask_from(std::size_t place, GatewayClient& gateway, const Cutoff& cutoff) {
    const auto chunks = known_.from(place, names_at_once);
    wire::BlobNames names;
    for (const auto& chunk : chunks) names.names.push_back(chunk.sha256);
    const auto answer = keep_trying(gateway, cutoff, [&] { return gateway.lacking_blobs(names); });
    if (!answer) return answer.error();
    const std::unordered_set<std::string_view> lacking(answer->names.begin(), answer->names.end());
    for (std::size_t i = 0; i < chunks.size(); ++i)
        answers_[place + i] = lacking.contains(chunks[i].sha256) ? std::nullopt : std::optional(chunks[i]);
    return {};
}

}  // namespace gyre::agent

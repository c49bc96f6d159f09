#pragma once

// The chunks whose content this attempt had in its hands: what it compressed for a cache or a layer, and what it
// verified and decompressed of one. Content that comes again is neither compressed nor sent again.
//
// Content is told apart by its mark: a GMAC under a key that is drawn for the attempt and never leaves it. That two
// contents of a job have the same mark has a chance below 2^-100, and nobody can look for such two without the key.
// Nothing comes from another attempt or stays for one: all that a job meets here, it has saved or restored itself.
// Thread-safe.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cutoff.h"
#include "agent/gateway_client.h"
#include "base/result.h"
#include "model/chunk_list.h"

namespace gyre::agent {

inline constexpr std::size_t most_known_chunks = 50'000;  // about 10 MB of memory; more are not remembered

struct ContentMark {
    std::uint64_t one = 0;
    std::uint64_t two = 0;
    auto operator<=>(const ContentMark&) const = default;
};

class KnownChunks {
public:
    // `cipher`: by OpenSSL's name.
    explicit KnownChunks(std::string cipher = "AES-256-GCM");

    // Errors: invalid where this machine's OpenSSL has no GMAC by that cipher.
    Result<ContentMark> mark_of(std::string_view content) const;
    void add(const ContentMark& mark, const Chunk& chunk);
    // Where it stands among all in the order in which they became known, which about is that of their streams.
    std::optional<std::size_t> find(const ContentMark& mark) const;
    std::vector<Chunk> from(std::size_t place, std::size_t most) const;

private:
    const std::string cipher_;
    const std::string key_;

    mutable std::mutex mutex_;  // guards what follows
    std::map<ContentMark, std::size_t> places_;
    std::vector<Chunk> chunks_;
};

// Which of them the server has, for one cache or layer: asked for many at once. It keeps for a day what it was asked
// for. Thread-safe.
class StoredChunks {
public:
    explicit StoredChunks(const KnownChunks& known) : known_(known) {}

    // The chunk with that content, where there is one. Errors: those of the call.
    Result<std::optional<Chunk>> find(const ContentMark& mark, GatewayClient& gateway, const Cutoff& cutoff);

private:
    Result<void> ask_from(std::size_t place, GatewayClient& gateway, const Cutoff& cutoff);

    const KnownChunks& known_;

    std::mutex mutex_;                                     // guards what follows, also while the server is asked
    std::map<std::size_t, std::optional<Chunk>> answers_;  // by place
};

}  // namespace gyre::agent

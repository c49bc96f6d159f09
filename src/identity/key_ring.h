#pragma once

// The keys that secrets are sealed with: AES-256-GCM, a fresh nonce for each value, and what the value is for as
// associated data, so that a sealed value opens nowhere but in its place. Immutable; thread-safe.
//
// A key file is text: one key a line, 64 hexadecimal digits; the first one seals, all of them open. Empty lines and
// lines that begin with '#' say nothing. A key is named by the beginning of a digest of it.
// A sealed value is text: "1.<name of the key>.<hexadecimal: nonce of 12 bytes, ciphertext, tag of 16 bytes>".

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::identity {

class KeyRing {
public:
    static constexpr std::size_t most_keys = 16;
    static constexpr std::size_t largest_file = 16 << 10;

    // Of a key file's text. `invalid`: with the line's number, and nothing of what stands there.
    static Result<KeyRing> parse(std::string_view text);

    const std::string& newest() const { return keys_.front().name; }  // which seals
    bool has(std::string_view name) const;

    // `unavailable`: the cryptographic library does not do it.
    Result<std::string> seal(std::string_view value, std::string_view about) const;
    // `unavailable`: as seal(), or sealed with a key that is not here; `corrupt`: anything else that seal() did not
    // make of this `about`.
    Result<std::string> open(std::string_view sealed, std::string_view about) const;

private:
    struct Key {
        std::string bytes;
        std::string name;
    };
    explicit KeyRing(std::vector<Key> keys) : keys_(std::move(keys)) {}
    const Key* find(std::string_view name) const;

    std::vector<Key> keys_;  // at least one
};

// A new line for a key file.
std::string new_key_line();

}  // namespace gyre::identity

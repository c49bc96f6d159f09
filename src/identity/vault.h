#pragma once

// The values of secrets, by their place: sealed on their way into the store, opened for jobs and for whoever asks for
// the masked form. No error holds a value. Thread-safe.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "identity/key_ring.h"
#include "ports/secret_store.h"

namespace gyre::identity {

struct Secret {
    std::string name;
    std::string value;
    Timestamp created_at{};
    Timestamp updated_at{};
};

class Vault {
public:
    using KeySource = std::function<Result<KeyRing>()>;  // reads the key file; asked again when a key is missing

    // Reads the keys, and compares them with those that are in use: `invalid` when one of these is missing.
    static Result<std::unique_ptr<Vault>> open(SecretStore& store, KeySource keys);

    // `invalid`, `too_large`, `not_found` (no such owner). `unavailable`: something was sealed with a key that is not
    // here, so that whoever sealed it could not open ours.
    Result<void> put(const SecretPlace& place, std::string_view value, Timestamp at) {
        return put(place, value, at, at);
    }
    // For those whose order is that of their changes: a new one may come as if it were changed at another time.
    Result<void> put(const SecretPlace& place, std::string_view value, Timestamp created_at, Timestamp updated_at);
    Result<bool> remove(const SecretPlace& place) { return store_.remove(place); }  // was there
    Result<std::vector<Secret>> of(SecretKind kind, const std::string& owner);      // by name
    // For whom one that cannot be opened is no reason to see none: they are opened one by one.
    Result<std::vector<StoredSecret>> sealed(SecretKind kind, const std::string& owner) {
        return store_.of(kind, owner);
    }
    Result<std::string> opened(const StoredSecret& secret);

    // Reads the key file again, and seals with its first key what another sealed. Answers how many. What is set
    // meanwhile by a server that has not read the file yet needs one more call; `conflict` when that happens all the
    // time.
    Result<int> seal_again();

private:
    Vault(SecretStore& store, KeySource source, KeyRing keys)
        : store_(store), source_(std::move(source)), keys_(std::move(keys)) {}

    Result<KeyRing> read_again();
    Result<KeyRing> keys_for(const std::vector<std::string>& names);

    SecretStore& store_;
    KeySource source_;
    Guarded<KeyRing> keys_;
};

}  // namespace gyre::identity

#pragma once

// The requests of S3 that we need, signed, and repeated with growing, random pauses while the trouble is one that
// passes: no connection, 5xx, 429, SlowDown, an upload that ends in "200" with an error in it. Every call is bounded in
// time, and the number of calls at once may be. Thread-safe; calls block.
//
// All requests may be repeated: objects are written whole under names that say what is in them.
//
// Errors name the store and tell what to do: not_found (the object), denied (keys, permissions), invalid (no such
// bucket, region, certificate, a request that it does not know), conflict (an upload in parts that is known no more),
// unavailable (all tries failed; the clock; too many calls), too_large.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/s3/credentials.h"
#include "adapters/s3/errors.h"
#include "adapters/s3/location.h"
#include "adapters/s3/transport.h"
#include "base/clock.h"
#include "base/result.h"

namespace gyre::s3 {

// How objects are encrypted where they lie. Set on every object that is written.
struct Encryption {
    std::string kind;  // "AES256" or "aws:kms"; empty: as the bucket does by default
    std::string key;   // of KMS; empty: Amazon's own
};

struct Tries {
    int most = 8;
    std::chrono::milliseconds whole{25'000};  // for one call with all of its tries
    std::chrono::milliseconds first_pause{100};
    std::chrono::milliseconds longest_pause{3'000};
};

struct ClientSettings {
    Location location;
    Encryption encryption;
    TransportSettings transport;
    Tries tries;
    int calls_at_once = 0;  // more are turned away as `unavailable`; 0: any number
};

struct Range {
    std::string bytes;
    std::int64_t size = 0;  // of the whole object
};

struct Listed {
    struct Object {
        std::string key;  // beneath the prefix
        std::int64_t size = 0;
        std::chrono::seconds idle{0};  // since it was written, by the store's own clock; 0 where it does not tell
    };
    std::vector<Object> objects;
    std::string next;  // where the rest begins; empty: that was all
};

struct Facts {
    std::int64_t size = 0;
    std::chrono::seconds idle{0};  // as of Listed
};

struct UnfinishedUpload {
    std::string key;
    std::string id;
    std::chrono::seconds age{0};  // by the store's own clock; 0 where it does not tell
};

struct UnfinishedUploads {
    std::vector<UnfinishedUpload> uploads;
    std::string next_key;  // the rest is of keys behind it; empty: that was all
};

struct Body {
    std::variant<std::string_view, FilePart> bytes;
    std::string sha256;  // in hex: the server refuses what arrives as anything else
};

class Client {
public:
    // The clock and the credentials must outlive it.
    Client(ClientSettings settings, Credentials& credentials, const Clock& clock);

    // Keys are beneath the location's prefix.
    Result<std::int64_t> size(const std::string& key);
    Result<std::optional<Facts>> look(const std::string& key);  // nothing: it is not there
    // Up to `most` bytes from `from`; at the object's end and behind it an empty range.
    Result<Range> read(const std::string& key, std::int64_t from, std::int64_t most);
    Result<void> write(const std::string& key, const Body& body);
    // Unless there is one of that name: false. `unsupported` where the server cannot promise that: nothing was written.
    enum class New { written, there_already, unsupported };
    Result<New> write_new(const std::string& key, const Body& body);
    Result<void> remove(const std::string& key);  // fine when it is not there
    Result<Listed> list(const std::string& under, const std::string& from, int most = 1000);

    // Objects in parts, each of at least 5 MiB but the last; numbers from 1 to 10,000.
    Result<std::string> begin_upload(const std::string& key);
    Result<std::string> write_part(const std::string& key, const std::string& upload, int number, const Body& body);
    // `tags` as write_part answered them.
    Result<void> end_upload(const std::string& key, const std::string& upload, const std::vector<std::string>& tags);
    Result<void> forget_upload(const std::string& key, const std::string& upload);
    // Of keys behind `after`, whole as an earlier answer says it. Others of the last key of a page may be left out, for
    // some servers know no marker of one upload; once those that were told have ended, they are told.
    Result<UnfinishedUploads> unfinished_uploads(const std::string& after = {}, int most = 1000);

    const Location& location() const { return settings_.location; }
    // The same store, with other tries: for a look that must be quick.
    Client with(Tries tries) const;
    // Words for the beginning of an error: "s3://bucket/prefix at host".
    std::string name() const;

private:
    struct Call;
    Result<HttpAnswer> head(const std::string& key);
    Result<HttpAnswer> run(const Call& call);
    Result<HttpAnswer> try_once(const Call& call, const Keys& keys, std::chrono::milliseconds patience);

    ClientSettings settings_;
    Credentials* credentials_;
    const Clock* clock_;
    std::shared_ptr<Transport> transport_;
    std::shared_ptr<std::atomic<int>> calls_;
};

}  // namespace gyre::s3

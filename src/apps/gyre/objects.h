#pragma once

// Where the blobs of an installation are: files beneath the directory of objects, or S3. Thread-safe.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "apps/gyre/settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "ports/blob_store.h"

namespace gyre::apps {

// The forms of the settings objects and objects_encryption; empty is fine.
Result<std::string> objects_place_form(const std::string& value);
Result<std::string> encryption_form(const std::string& value);

class Objects {
public:
    virtual ~Objects() = default;
    // `data`: where uploads to S3 wait; `home`: the directory of objects. Asks S3 for nothing yet.
    static Result<std::unique_ptr<Objects>> open(const ServerSettings& settings, const std::string& data,
                                                 const std::string& home);

    virtual BlobStore& blobs() = 0;
    // A directory on the disk that blobs need.
    virtual std::string folder() const = 0;
    // After a write failed for the disk's sake: an error until the disk has passed a trial.
    virtual Result<void> settle() = 0;
    // Whose they are (adapters/fs/owner_mark.h). `put_owner` makes them this installation's unless they are somebody's,
    // and answers whose they are; `replace_owner` whatever they are. Elsewhere it waits for 5 s at most.
    virtual Result<std::string> owner() = 0;  // empty: nobody's yet
    virtual Result<std::string> put_owner(const std::string& installation) = 0;
    virtual Result<void> replace_owner(const std::string& installation) = 0;
    // How full the place of the blobs is; nothing where nobody can tell.
    virtual std::optional<std::int64_t> free_bytes() = 0;
    // Ends uploads that nobody goes on with; how many. `go_on` is asked now and then.
    virtual Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>& go_on) = 0;
    // Whether a blob lies there. What cannot be listed is an error, and not empty.
    virtual Result<bool> holds_any() = 0;
    // For people: the directory, or the bucket.
    virtual std::string name() const = 0;
    // Whether what is elsewhere takes, gives and removes objects; in words for an administrator. Files: empty.
    virtual Result<std::string> try_out() = 0;
    // The same for everybody, who is not told where it is. Tries no more often than every 30 s, or 5 s after a failure.
    Result<std::string> look(std::chrono::steady_clock::time_point now);

private:
    std::mutex looking_;
    std::chrono::steady_clock::time_point next_{};
    Result<std::string> seen_ = std::string();
};

// Calls that may wait for S3 at once; so many workers more are needed, or nobody else is answered while it is away.
constexpr int calls_to_objects = 12;

// Takes the keys of S3 out of the environment, so that agents do not get them; they stay known here. Before threads
// begin.
void keep_keys_from_children();

}  // namespace gyre::apps

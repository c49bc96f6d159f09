#pragma once

// Blobs that nobody names any more, in a bucket that several servers use and that knows no locks. S3 cannot remove an
// object only if nobody touched it since; two kinds of small objects stand in for that, for which reads and lists must
// tell what was written before (S3's do, and so do those of the servers that we know):
//
//   touched/<name>             when the blob was touched last, if that is later than it was written
//   removing/<name>/<anyone>   somebody removes it now, or died doing so
//
// Whoever removes says so first, and only then looks whether the blob is still idle. Whoever touches does that first,
// and only then looks whether somebody removes it. One of them sees the other: who touches waits until who removes is
// done, and looks again whether the blob is there. A word of removal is dead after `removal_at_most`; who removes ends
// long before. All times are by the store's clock.
//
// Thread-safe. Errors: as of Client; `unavailable`: somebody removes it, ask again.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/s3/client.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "ports/blob_store.h"

namespace gyre::s3 {

struct IdleLimits {
    // A blob that was written or touched less long ago is not touched anew; no remove() may ask for less idleness.
    std::chrono::seconds touch_again_after = std::chrono::hours(8);
    // For so long it is remembered here that a blob was touched: it is only asked whether it is there.
    std::chrono::seconds touch_remembered = std::chrono::hours(1);
    std::size_t touches_remembered = 20'000;
    std::chrono::seconds removal_at_most = std::chrono::minutes(2);
    std::chrono::milliseconds wait_for_removal{5'000};
    std::chrono::seconds upload_at_most = std::chrono::hours(8 * 24);  // in parts, since it began
};

std::string key_of_blob(const std::string& sha256);

class IdleBlobs {
public:
    IdleBlobs(Client client, IdleLimits limits);

    Result<std::optional<std::int64_t>> touch(const std::string& sha256);  // its size; nothing: it is not there
    // Before one that is not there is written: a removal that does not know yet that it is done would take it.
    Result<void> await_removals(const std::string& sha256);
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle);
    // Whatever its age. Nobody who stores it goes on while `may_go` looks.
    Result<bool> remove_if(const std::string& sha256, const std::function<Result<bool>()>& may_go);
    // Told as idle since they were written.
    Result<void> each(const std::function<Result<void>(const IdleBlob&)>& visit);
    // Ends uploads in parts that nobody goes on with; how many. Only those of blobs. `go_on` is asked now and then.
    Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>& go_on);

private:
    bool was_touched_here(const std::string& sha256);
    void remember_touch(const std::string& sha256);
    Result<void> renew_touch(const std::string& sha256);
    Result<bool> removal_goes_on(const std::string& sha256);
    Result<bool> is_idle(const std::string& sha256, std::chrono::seconds idle);

    Client client_;
    IdleLimits limits_;
    SystemClock clock_;
    Guarded<std::unordered_map<std::string, Timestamp>> touched_;
};

}  // namespace gyre::s3

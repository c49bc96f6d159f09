#pragma once

// Files on their way to the server, which keeps each as an artifact: a few at a time, for each waits for the server's
// disk. At most 64 MB of them wait on this machine's disk, or a single one that is larger. One caller, who is told of
// each, in the order in which they were added. Errors: those of the calls; `unavailable` once the job stops.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/blobs.h"
#include "agent/cutoff.h"
#include "agent/job.h"
#include "base/result.h"

namespace gyre::agent {

class ArtifactSender {
public:
    // Called by add() and finish(). `refused`: why the server does not keep it; nothing: it does.
    using Tell = std::function<void(const Artifact& artifact, const std::optional<Error>& refused)>;

    ArtifactSender(Job& job, Tell tell);
    ~ArtifactSender();  // gives up what is on its way
    ArtifactSender(const ArtifactSender&) = delete;
    ArtifactSender& operator=(const ArtifactSender&) = delete;

    // Waits while enough are on their way; of two with the same path the later one stays. Then or later, the first
    // error of any.
    Result<void> add(std::string path, BlobFile blob);
    // Once all have been stored.
    Result<void> finish();

private:
    struct Item {
        Artifact artifact;
        BlobFile blob;
        bool ended = false;  // stored, or refused
        std::optional<Error> refused;
    };
    using Lock = std::unique_lock<std::mutex>;

    bool has_room_for(const std::string& path, std::int64_t size) const;
    bool is_first_ended() const { return !items_.empty() && items_.front().ended; }
    void tell_of_ended(Lock& lock);
    void work();
    Item* take();
    Result<std::optional<Error>> store(GatewayClient& gateway, Item& item);  // why it was refused, if it was
    void end(Item& item, Result<std::optional<Error>> stored);

    Job& job_;
    Tell tell_;
    Cutoff cutoff_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<Item> items_;      // what nobody was told of; its first `taken_` are some thread's
    std::size_t taken_ = 0;       // or ended
    std::int64_t bytes_ = 0;      // of all items
    std::size_t idle_ = 0;        // threads that wait for an item
    bool over_ = false;           // no more will come
    std::optional<Error> error_;  // the first

    std::vector<std::thread> threads_;
};

}  // namespace gyre::agent

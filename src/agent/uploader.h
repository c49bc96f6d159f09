#pragma once

// Carries spooled output to the server, on a thread of its own: the first bytes at once, later ones in larger pieces,
// up to 4 MB. A piece is sent until the server has acknowledged it; what the server says it has decides where to go on.
// Thread-safe.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/gateway_client.h"
#include "agent/spool.h"

namespace gyre::agent {

class Uploader {
public:
    explicit Uploader(GatewayClient gateway);
    ~Uploader();  // stops sending; what is not acknowledged is lost

    void add(std::shared_ptr<Spool> spool);
    void notify(bool finished);  // some spool has more; `finished`: and will not get more
    // Returns when every spool is finished and acknowledged, or the attempt is fenced off. All spools must be finished.
    void drain();
    // A sentence when the server refused some output for good; else empty.
    std::string trouble();

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Stream {
        std::shared_ptr<Spool> spool;
        std::int64_t acknowledged = 0;
        Instant not_before{};  // small pieces wait until then, so that they grow
        bool given_up = false;
        std::int64_t waiting() const { return given_up ? 0 : spool->length() - acknowledged; }
        bool is_done() const { return given_up || (spool->is_finished() && acknowledged == spool->length()); }
    };
    void run();
    // The stream to send from now; else nothing, and `wake` is when to look again.
    Stream* choose(Instant now, Instant& wake);
    void send(Stream& stream, std::unique_lock<std::mutex>& lock);

    GatewayClient gateway_;
    BackOff back_off_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable drained_;
    std::vector<std::unique_ptr<Stream>> streams_;
    std::string trouble_;
    bool news_ = false;
    bool dozing_ = false;  // until the next piece is due: more bytes make no difference
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace gyre::agent

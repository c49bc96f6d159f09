#pragma once

// What the connections of one server share. Internal to httpd (includes Asio).

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "httpd/server.h"

namespace gyre::httpd {

class Connection;

// What those that came through one listener share: nobody else takes their workers or their places.
struct Entrance {
    Entrance(const Router& routes, bool is_local, const ServerLimits& limits)
        : router(routes),
          local(is_local),
          workers(static_cast<std::size_t>(limits.worker_threads)),
          outside(limits.outside) {}

    const Router& router;
    const bool local;  // a unix socket
    boost::asio::thread_pool workers;
    Lanes outside;
    int connections = 0;  // guarded by Hub::mutex
};

struct Hub {
    explicit Hub(const ServerLimits& given) : limits(given), loop(given.io_threads) {}

    ServerLimits limits;
    boost::asio::io_context loop;
    std::atomic<bool> stopping = false;

    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;

    bool has_room(const Entrance& entrance) {
        const std::lock_guard lock(mutex);
        return entrance.connections < limits.connections;
    }
};

}  // namespace gyre::httpd

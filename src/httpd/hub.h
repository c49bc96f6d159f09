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

struct Hub {
    explicit Hub(const ServerLimits& given)
        : limits(given), loop(given.io_threads), workers(static_cast<std::size_t>(given.worker_threads)) {}

    ServerLimits limits;
    boost::asio::io_context loop;
    boost::asio::thread_pool workers;
    std::atomic<bool> stopping = false;

    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;

    std::size_t count() {
        const std::lock_guard lock(mutex);
        return connections.size();
    }
};

}  // namespace gyre::httpd

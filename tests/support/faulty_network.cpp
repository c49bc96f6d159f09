#include "support/faulty_network.h"

#include <sys/socket.h>

namespace gyre::test {

FaultyNetwork::FaultyNetwork(std::string server, unsigned seed) : tap_(std::move(server)), random_(seed) {
    thread_ = std::thread([this] { let_in(); });
}

FaultyNetwork::~FaultyNetwork() {
    tap_.stop();
    thread_.join();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (const auto& one : connections_) {
            ::shutdown(one.caller.get(), SHUT_RDWR);
            ::shutdown(one.server.get(), SHUT_RDWR);
        }
    }
    changed_.notify_all();
    for (auto& one : connections_) {
        one.there.join();
        one.back.join();
    }
}

void FaultyNetwork::set(Faults faults) {
    const std::lock_guard lock(mutex_);
    faults_ = faults;
}

void FaultyNetwork::hold(Way way) {
    const std::lock_guard lock(mutex_);
    held_.insert(way);
}

void FaultyNetwork::release() {
    {
        const std::lock_guard lock(mutex_);
        held_.clear();
    }
    changed_.notify_all();
}

int FaultyNetwork::cuts() {
    const std::lock_guard lock(mutex_);
    return cuts_;
}

int FaultyNetwork::held_pieces() {
    const std::lock_guard lock(mutex_);
    return held_pieces_;
}

void FaultyNetwork::let_in() {
    while (Fd caller = tap_.let_in()) {
        Fd server = tap_.connect();
        if (!server) continue;
        forget_ended();
        const std::lock_guard lock(mutex_);
        auto& made = connections_.emplace_back();
        made.caller = std::move(caller);
        made.server = std::move(server);
        made.there = std::thread([this, &made] { carry(made, Way::to_server); });
        made.back = std::thread([this, &made] { carry(made, Way::to_callers); });
    }
}

void FaultyNetwork::forget_ended() {
    std::list<Connection> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto one = connections_.begin(); one != connections_.end();) {
            const auto next = std::next(one);
            if (one->ends == 2) ended.splice(ended.end(), connections_, one);
            one = next;
        }
    }
    for (auto& one : ended) {
        one.there.join();
        one.back.join();
    }
}

void FaultyNetwork::carry(Connection& connection, Way way) {
    const Fd& from = way == Way::to_server ? connection.caller : connection.server;
    const Fd& to = way == Way::to_server ? connection.server : connection.caller;
    while (true) {
        const std::string piece = receive(from);
        const Fate fate = wait_for_its_turn(connection, way, piece.size());
        if (!fate.goes_on) break;
        if (fate.cut) {
            send_all(to, std::string_view(piece).substr(0, fate.before_cut));
            ::shutdown(from.get(), SHUT_RDWR);
            ::shutdown(to.get(), SHUT_RDWR);
            break;
        }
        if (piece.empty() || !send_all(to, piece)) break;
    }
    ::shutdown(to.get(), SHUT_WR);
    const std::lock_guard lock(mutex_);
    ++connection.ends;
}

// The end of a stream (size 0) is held like bytes, and never cut.
FaultyNetwork::Fate FaultyNetwork::wait_for_its_turn(Connection& connection, Way way, std::size_t size) {
    std::unique_lock lock(mutex_);
    const auto draw = [this](double share) { return std::bernoulli_distribution(share)(random_); };
    Fate fate;
    const bool begins_message = connection.to_server_last != (way == Way::to_server);
    connection.to_server_last = way == Way::to_server;
    if (size > 0 && begins_message && draw(faults_.cut)) {
        ++cuts_;
        fate.cut = true;
        fate.before_cut = std::uniform_int_distribution<std::size_t>(0, size)(random_);
    }
    if (begins_message && draw(faults_.late)) {
        const std::int64_t most = faults_.lateness.count();
        const std::chrono::milliseconds lateness(
            std::uniform_int_distribution<std::int64_t>(faults_.exactly ? most : 0, most)(random_));
        changed_.wait_for(lock, lateness, [this] { return ending_; });
    }
    if (held_.contains(way) && size > 0) ++held_pieces_;
    changed_.wait(lock, [&] { return ending_ || !held_.contains(way); });
    fate.goes_on = !ending_;
    return fate;
}

}  // namespace gyre::test

#pragma once

// A bad network between a server and its callers: connections that break before, within or after a message, bytes that
// come late (so that what is said on different connections comes out of order), and one way or the other that carries
// nothing for a while. Within a connection the order stays, and nothing is doubled, as TCP promises. What is held is
// not lost: it arrives when it is released, however late.

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "support/tap.h"

namespace gyre::test {

enum class Way { to_server, to_callers };

struct Faults {
    double cut = 0;   // share of messages at which the connection breaks
    double late = 0;  // share of messages that come late
    std::chrono::milliseconds lateness{0};
    bool exactly = false;  // so late, and not any time up to that
};

class FaultyNetwork {
public:
    // `server`: as for Tap. It begins without faults.
    FaultyNetwork(std::string server, unsigned seed = 1);
    ~FaultyNetwork();
    FaultyNetwork(const FaultyNetwork&) = delete;
    FaultyNetwork& operator=(const FaultyNetwork&) = delete;

    const std::string& address() const { return tap_.address(); }
    void set(Faults faults);
    void hold(Way way);
    void release();
    int cuts();         // connections broken so far
    int held_pieces();  // that waited for release(), so far

private:
    struct Connection {
        Fd caller;
        Fd server;
        bool to_server_last = false;
        int ends = 0;  // of its two threads
        std::thread there;
        std::thread back;
    };
    struct Fate {
        bool cut = false;
        std::size_t before_cut = 0;  // bytes that arrive
        bool goes_on = true;         // the network still is
    };
    void let_in();
    void forget_ended();
    void carry(Connection& connection, Way way);
    Fate wait_for_its_turn(Connection& connection, Way way, std::size_t size);

    Tap tap_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::mt19937 random_;
    Faults faults_;
    std::set<Way> held_;
    int cuts_ = 0;
    int held_pieces_ = 0;
    bool ending_ = false;
    std::list<Connection> connections_;
    std::thread thread_;
};

}  // namespace gyre::test

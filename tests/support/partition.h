#pragma once

// A broken network between agents and the server: stands between them on the server's unix socket, passes bytes on both
// ways, and on demand holds all that one agent sends and is sent. What was held is not lost: it arrives when the
// network heals, however late, also after the agent has died.

#include <sys/types.h>

#include <list>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace gyre::test {

class Partition {
public:
    // Takes the socket's place; agents that connected before are not heard here.
    explicit Partition(std::string socket);
    ~Partition();
    Partition(const Partition&) = delete;
    Partition& operator=(const Partition&) = delete;

    bool knows(pid_t agent);  // it has a connection through here
    void cut(pid_t agent);
    void heal();
    // The HTTP statuses with which the server answered what had been held, so far.
    std::vector<int> late_answers();

private:
    struct Connection {
        pid_t agent_process = 0;
        Fd agent;
        Fd server;
        std::string to_server;
        std::string to_agent;
        bool agent_ended = false;
        bool server_ended = false;
        bool was_held = false;
        bool tried_again = false;
    };
    void run();
    void let_in();
    void connect(Connection& connection);
    void receive(Connection& connection);
    void pass_on(Connection& connection);
    bool is_over(const Connection& connection) const;
    bool is_cut(const Connection& connection) const { return cut_.contains(connection.agent_process); }

    std::string socket_;
    std::string servers_;  // where the server's socket is now
    Fd listener_;
    Fd wake_;
    std::mutex mutex_;
    std::list<Connection> connections_;
    std::set<pid_t> cut_;
    std::string late_;  // bytes from the server on connections that were held
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace gyre::test

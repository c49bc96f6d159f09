#pragma once

// One connection of a guest, on a thread of its own: key exchange, public key, channels. Nothing but sessions is
// offered: no passwords, no forwarding of ports, agents or displays.

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "agent/ssh/channel.h"
#include "agent/ssh/guests.h"
#include "agent/ssh/way_in.h"
#include "base/fd.h"

namespace gyre::agent {

struct SshSessionFree {
    void operator()(ssh_session session) const { ssh_free(session); }
};
using OwnedSshSession = std::unique_ptr<ssh_session_struct, SshSessionFree>;

struct Login {
    std::string login;
    std::string fingerprint;  // of the guest's key
    std::string from;         // "192.0.2.1:50022"
};

class SshConnection {
public:
    using Instant = std::chrono::steady_clock::time_point;
    struct World {  // outlives the connection
        const WayIn& way;
        Guests& guests;
        std::chrono::milliseconds login_patience;
        std::function<void(const Login&)> came;  // called on the connection's thread
        std::function<void(const Login&)> left;
    };

    SshConnection(OwnedSshSession session, std::string from, const World& world);
    ~SshConnection();  // ends it

    // All thread-safe.
    void end();         // soon
    void look_again();  // the guests have changed
    bool is_inside() const { return inside_; }
    bool is_over() const { return over_; }

private:
    static SshConnection& of(void* data) { return *static_cast<SshConnection*>(data); }
    void run();
    void converse();
    bool goes_on() const;
    void wait();
    void set_callbacks();
    int look_at_key(ssh_key key, char state);
    ssh_channel open_channel();

    OwnedSshSession session_;
    const World& world_;
    Login login_;
    std::string key_;  // with which the guest came in, base64
    ssh_server_callbacks_struct callbacks_{};
    std::list<SshChannel> channels_;
    int keys_shown_ = 0;
    Instant since_ = std::chrono::steady_clock::now();
    Fd wake_;
    std::atomic<bool> ending_{false};
    std::atomic<bool> inside_{false};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

}  // namespace gyre::agent

#pragma once

// The SSH server of one attempt: one port, a thread that takes connections, and a thread for each of them. Bounded:
// most_strangers connections that have shown no key yet (a further one ends the oldest of them, so that nobody keeps
// guests out by holding connections), most_inside with guests. Thread-safe.

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "agent/ssh/connection.h"
#include "agent/ssh/guests.h"
#include "agent/ssh/host_key.h"
#include "agent/ssh/port.h"
#include "agent/ssh/way_in.h"
#include "base/fd.h"
#include "base/guarded.h"
#include "base/result.h"

namespace gyre::agent {

struct SshServerSettings {
    std::string address;  // as take_ssh_port() has it
    int first_port = 0;
    int last_port = 0;
    std::string host_key;  // path
    std::chrono::milliseconds login_patience{20'000};
    std::size_t most_strangers = 16;
    std::size_t most_inside = 48;
};

class SshServer {
public:
    using Instant = std::chrono::steady_clock::time_point;
    struct Callbacks {  // called on connections' threads
        std::function<void(const Login&)> came = [](const Login&) {};
        std::function<void(const Login&)> left = [](const Login&) {};
    };
    struct Presence {
        int inside = 0;                // connections of guests
        std::optional<Instant> empty;  // since when nobody is in; nothing when nobody ever was
    };

    static Result<std::unique_ptr<SshServer>> open(const SshServerSettings& settings, WayIn way, Callbacks callbacks);
    ~SshServer();  // ends all connections; what guests run is hung up

    int port() const { return port_.number; }
    const std::string& fingerprint() const { return host_key_.fingerprint; }  // of the host's key
    // Connections of guests that are none any more end.
    void let_in(const std::vector<wire::SshGuest>& guests);
    Presence presence() { return *presence_.lock(); }

private:
    SshServer(SshServerSettings settings, WayIn way, Callbacks callbacks, SshPort port, HostKey key);
    Result<void> prepare();
    void run();
    void take_one();
    void make_room();
    void welcome(Fd socket, std::string from);
    void note(const Login& login, bool came);

    using Connections = std::list<std::unique_ptr<SshConnection>>;  // oldest first

    SshServerSettings settings_;
    WayIn way_;
    Callbacks callbacks_;
    SshPort port_;
    HostKey host_key_;
    ssh_bind bind_;
    Guests guests_;
    Guarded<Presence> presence_;
    SshConnection::World world_;
    Guarded<Connections> connections_;
    Fd closing_;
    std::thread thread_;
};

}  // namespace gyre::agent

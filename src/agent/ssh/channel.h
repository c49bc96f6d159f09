#pragma once

// One channel of a guest's connection: what the guest asks for becomes a process of the job, bytes go both ways with
// the flow control of both ends, and the process's end is told as exit code or signal. Belongs to its connection's
// thread. libssh calls back from within any of its calls: callbacks note what was asked, pump() acts.

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <poll.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/ssh/way_in.h"

namespace gyre::agent {

class SshChannel {
public:
    using Instant = std::chrono::steady_clock::time_point;

    // Opens a channel of the session; nothing in `handle()` when that cannot be.
    SshChannel(ssh_session session, const WayIn& way);
    ~SshChannel();
    SshChannel(const SshChannel&) = delete;
    SshChannel& operator=(const SshChannel&) = delete;

    ssh_channel handle() const { return channel_; }
    void pump();
    bool is_over() const { return over_; }
    // What poll() is to wait for, and until when at most.
    void add_waits(std::vector<pollfd>& waits, Instant& until);

private:
    struct Stream {  // from the process to the guest
        std::string bytes;
        bool ended = false;
    };

    static SshChannel& of(void* data) { return *static_cast<SshChannel*>(data); }
    void set_callbacks();
    int wish_terminal(const char* kind, int columns, int rows);
    int wish_variable(const char* name, const char* value);
    int ask(std::string command, bool files);

    void start();
    void take_input();
    bool write_input();
    void give(Stream& stream, int from, bool errors);
    bool may_give() const;
    bool fill(Stream& stream, int from, bool errors);
    void look_for_end();
    void say_end();
    void finish(const std::string& sentence, int code);
    void close();

    ssh_session session_;
    const WayIn& way_;
    ssh_channel channel_;
    ssh_channel_callbacks_struct callbacks_{};
    GuestWish wish_;
    bool asked_ = false;
    bool left_ = false;  // the guest closed the channel
    bool over_ = false;
    std::optional<std::pair<int, int>> new_size_;
    std::vector<int> signals_;
    std::optional<GuestProcess> process_;
    std::string input_;  // from the guest, not yet taken by the process
    Stream output_;
    Stream errors_;
    std::optional<ProcessEnd> end_;
    Instant ended_at_{};
};

}  // namespace gyre::agent

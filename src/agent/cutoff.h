#pragma once

// An end that several threads' calls to the server share: the job stops, or what they work for is given up.
// Thread-safe.

#include "agent/gateway_client.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class Cutoff {
public:
    explicit Cutoff(const JobControl& control);

    void cut();
    int event() const { return event_.get(); }  // readable from then on
    bool has_come() const;

private:
    Fd cut_;    // eventfd
    Fd event_;  // epoll of it and of the job's stop
};

// Like keep_trying(), until the end has come; then the error is `unavailable`.
template <typename Call>
auto keep_trying(GatewayClient& gateway, const Cutoff& cutoff, Call call) -> decltype(call()) {
    BackOff back_off;
    while (true) {
        if (gateway.control().is_stopping()) return unavailable("the job is stopping: " + gateway.control().why());
        if (cutoff.has_come()) return unavailable("it was given up");
        auto result = call();
        if (result || result.error().fault != Fault::unavailable) return result;
        if (!sleep_unless(cutoff.event(), back_off.next(gateway.was_refused()))) return result;
    }
}

}  // namespace gyre::agent

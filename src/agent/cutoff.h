#pragma once

// An end that several threads' calls to the server share: the job stops, or what they work for is given up.
// Thread-safe.

#include "agent/gateway_client.h"
#include "base/fd.h"

namespace gyre::agent {

class Cutoff {
public:
    explicit Cutoff(const JobControl& control);

    void cut();
    int event() const { return event_.get(); }  // readable from then on

private:
    Fd cut_;    // eventfd
    Fd event_;  // epoll of it and of the job's stop
};

// Like keep_trying(), until the end has come; then the error is `unavailable`.
template <typename Call>
auto keep_trying(GatewayClient& gateway, const Cutoff& cutoff, Call call) -> decltype(call()) {
    BackOff back_off;
    while (true) {
        auto result = call();
        if (result || result.error().fault != Fault::unavailable) return result;
        if (!sleep_unless(cutoff.event(), back_off.next(gateway.was_refused()))) return result;
    }
}

}  // namespace gyre::agent

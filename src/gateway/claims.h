#pragma once

// The meeting point of placed attempts and agents that ask for work: the oldest offer goes to the agent that has waited
// longest. In memory only. Thread-safe.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "model/event.h"

namespace gyre::gateway {

class Claims {
public:
    // An agent in the line. A second ticket of the same process supersedes the first: its connection was lost.
    struct Ticket {
        std::string client;
        std::int64_t process = 0;
        std::function<void()> wake;
        bool called = false;      // was woken for an offer, and has not looked yet
        bool superseded = false;  // read through is_superseded()
    };
    using TicketHandle = std::shared_ptr<Ticket>;

    void offer(const AttemptRef& attempt);  // nothing when it is on offer already
    // The same for what was taken and could not be handed out: behind all others, and nobody is called for it. Whoever
    // looks next, at the latest when an agent asks anew, tries again.
    void put_back(const AttemptRef& attempt);
    void withdraw(const AttemptRef& attempt);
    int offered() const;

    TicketHandle join(std::string client, std::int64_t process, std::function<void()> wake);
    void leave(const TicketHandle& ticket);
    bool is_superseded(const TicketHandle& ticket) const;
    // The oldest offer; nothing when there is none, or the ticket is superseded.
    std::optional<AttemptRef> take(const TicketHandle& ticket);

private:
    bool add(const AttemptRef& attempt);  // with the lock held, as what follows
    void call_next();

    mutable std::mutex mutex_;
    std::list<AttemptRef> offers_;
    std::list<TicketHandle> line_;
};

}  // namespace gyre::gateway

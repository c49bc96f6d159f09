#pragma once

// Placed attempts on offer to this machine's agents: dispatch offers, the gateway hands the oldest to the next agent
// that asks for work. In memory only: after a restart dispatch offers again what nobody claimed. An attempt that is
// offered twice is handed out once; claiming is a compare-and-set in any case. Thread-safe.

#include "model/event.h"

namespace gyre {

class Offers {
public:
    virtual ~Offers() = default;
    virtual void offer(const AttemptRef& attempt) = 0;
    virtual void withdraw(const AttemptRef& attempt) = 0;
    virtual int waiting() const = 0;  // offered and not yet taken
};

}  // namespace gyre

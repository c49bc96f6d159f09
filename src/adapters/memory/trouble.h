#pragma once

// Makes the stores of this folder misbehave on demand. Operations are named "<port>.<method>": "workflow_store.commit",
// "outbox.done", "blob_store.append", ...; "*" stands for any of them. Thread-safe.
//
//     stores.trouble().on("workflow_store.commit", 2, Mishap::lost_answer);   // the second commit from now

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

namespace gyre::memory {

enum class Mishap {
    fails,        // answers `unavailable`; nothing happened
    conflict,     // answers `conflict`; nothing happened
    lost_answer,  // it happened, but the answer is `unavailable`
    torn,         // appends only: half of the bytes were stored, and the answer is `unavailable`
};

class Trouble {
public:
    // The nth call of the operation from now (1: the next one) goes wrong, once.
    void on(std::string operation, int nth, Mishap mishap);
    // From now on every call of the operation goes wrong, until calm().
    void always(std::string operation, Mishap mishap);
    void calm();

    // Asked at every operation for which nothing is planned; by whoever draws mishaps at random. May throw.
    void choose(std::function<std::optional<Mishap>(std::string_view operation)> chooser);

    // Called at the start of every operation from the caller's thread, without any lock held: to slow it down, or to
    // let something happen at just that moment.
    void before(std::function<void(std::string_view operation)> hook);

    int calls(const std::string& operation) const;  // so far

    // For the stores: runs `act` under what is planned for this call. `torn` does half of it.
    template <typename Act, typename Torn>
    auto around(std::string_view operation, Act act, Torn torn) -> decltype(act()) {
        const auto mishap = enter(operation);
        if (!mishap) return act();
        if (*mishap == Mishap::conflict) return conflict(std::string(operation) + ": somebody was faster (as planned)");
        if (*mishap == Mishap::torn) torn();
        if (*mishap == Mishap::lost_answer) {
            auto result = act();
            if (!result) return result;
        }
        return unavailable(std::string(operation) + ": out of order (as planned)");
    }
    template <typename Act>
    auto around(std::string_view operation, Act act) -> decltype(act()) {
        return around(operation, act, [] {});
    }

private:
    struct Plan {
        std::string operation;
        int left = 1;  // calls until it strikes; 0: at every call
        Mishap mishap = Mishap::fails;
    };
    struct State {
        std::vector<Plan> plans;
        std::map<std::string, int, std::less<>> calls;
        std::function<void(std::string_view)> hook;
        std::function<std::optional<Mishap>(std::string_view)> chooser;
    };
    std::optional<Mishap> enter(std::string_view operation);

    mutable Guarded<State> state_;
};

}  // namespace gyre::memory

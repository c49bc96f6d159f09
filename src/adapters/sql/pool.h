#pragma once

// A few connections to one database, lent to whoever has a transaction to make. Thread-safe; it must outlive its
// leases.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

namespace gyre::sql {

template <typename Database>
class Pool {
public:
    using Instant = std::chrono::steady_clock::time_point;
    // Whether a connection that comes back can be lent again.
    using Usable = bool (*)(const Database&);

    // `busy`: what whoever waited in vain is told.
    Pool(
        int most, std::string busy, Usable usable = [](const Database&) { return true; })
        : most_(most), busy_(std::move(busy)), usable_(usable) {}

    // A connection that goes back to the others at the end.
    class Lease {
    public:
        Lease(Pool& home, std::unique_ptr<Database> database) : home_(&home), database_(std::move(database)) {}
        Lease(Lease&&) = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (database_) home_->give_back(std::move(database_));
        }
        Database& database() const { return *database_; }

    private:
        Pool* home_;
        std::unique_ptr<Database> database_;
    };

    // One that is idle, or a new one: `open` answers Result<std::unique_ptr<Database>>. `unavailable`, when all are
    // lent until `until`; else as `open`.
    template <typename Open>
    Result<Lease> borrow(Open open, Instant until = Instant::max()) {
        {
            auto state = state_.lock();
            const auto free = [&] { return !state->idle.empty() || state->opened < most_; };
            if (!returned_.wait_until(state.raw_lock(), until, free)) return unavailable(busy_);
            if (!state->idle.empty()) {
                auto database = std::move(state->idle.back());
                state->idle.pop_back();
                return Lease(*this, std::move(database));
            }
            ++state->opened;
        }
        auto opened = open();
        if (opened) return Lease(*this, std::move(opened).value());
        --state_.lock()->opened;
        returned_.notify_one();
        return opened.error();
    }

private:
    struct State {
        std::vector<std::unique_ptr<Database>> idle;
        int opened = 0;
    };

    void give_back(std::unique_ptr<Database> database) {
        const bool usable = usable_(*database);
        {
            auto state = state_.lock();
            if (usable) {
                state->idle.push_back(std::move(database));
            } else {
                --state->opened;
            }
        }
        returned_.notify_one();
    }

    const int most_;
    const std::string busy_;
    const Usable usable_;
    Guarded<State> state_;
    std::condition_variable returned_;
};

}  // namespace gyre::sql

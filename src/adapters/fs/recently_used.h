#pragma once

// The things used last, by name: made on first use, forgotten when others were used since and nobody holds them. While
// somebody holds one, everybody who asks for its name gets the same one, so a lock inside it guards what it names.
// Thread-safe.

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/guarded.h"

namespace gyre::fs {

template <typename T>
class RecentlyUsed {
public:
    explicit RecentlyUsed(std::size_t capacity) : capacity_(capacity) {}

    std::shared_ptr<T> get(const std::string& name) {
        auto state = state_.lock();
        const auto found = state->places.find(name);
        if (found != state->places.end()) {
            state->order.splice(state->order.begin(), state->order, found->second);
            return found->second->thing;
        }
        forget_idle(*state);
        state->order.push_front({name, std::make_shared<T>()});
        state->places[name] = state->order.begin();
        return state->order.front().thing;
    }

private:
    struct Entry {
        std::string name;
        std::shared_ptr<T> thing;
    };
    struct State {
        std::list<Entry> order;  // the last used first
        std::unordered_map<std::string, typename std::list<Entry>::iterator> places;
    };

    // Room for one more; if all are held, there are more than `capacity_` for a while.
    void forget_idle(State& state) {
        auto entry = state.order.end();
        while (state.order.size() >= capacity_ && entry != state.order.begin()) {
            --entry;
            if (entry->thing.use_count() > 1) continue;
            state.places.erase(entry->name);
            entry = state.order.erase(entry);
        }
    }

    std::size_t capacity_;
    Guarded<State> state_;
};

}  // namespace gyre::fs

#pragma once

// Everything that is left to chance in a simulation comes from here: the same seed gives the same throws, with every
// compiler.

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace gyre::simulation {

class Dice final : public Entropy {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {  // splitmix64
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        return mixed ^ (mixed >> 31);
    }
    int between(int least, int most) {  // both may come
        return least + static_cast<int>(next() % static_cast<std::uint64_t>(most - least + 1));
    }
    bool permille(int so_many) { return between(1, 1000) <= so_many; }
    bool percent(int so_many) { return between(1, 100) <= so_many; }
    Duration span(Duration least, Duration most) {
        return Duration{between(static_cast<int>(least.count()), static_cast<int>(most.count()))};
    }
    template <typename T>
    const T& one_of(const std::vector<T>& things) {
        return things[static_cast<std::size_t>(between(0, static_cast<int>(things.size()) - 1))];
    }
    std::string uuid() override;

private:
    std::uint64_t state_;
};

}  // namespace gyre::simulation

#include "simulation/dice.h"

#include <fmt/format.h>

namespace gyre::simulation {

std::string Dice::uuid() {
    const auto high = (next() & 0xffffffffffff0fffULL) | 0x4000ULL;
    const auto low = (next() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
                       low >> 48, low & 0xffffffffffffULL);
}

}  // namespace gyre::simulation

#pragma once

// What happened, as lines: printed for people, and folded into a number by which two runs are compared.

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "simulation/timeline.h"

namespace gyre::simulation {

enum class Tracing { off, fold, print };

class Trace {
public:
    Trace(const Timeline& time, Tracing tracing) : time_(time), tracing_(tracing) {}

    template <typename... Args>
    void say(fmt::format_string<Args...> format, Args&&... args) {
        if (tracing_ != Tracing::off) add(fmt::format(format, std::forward<Args>(args)...));
    }
    std::uint64_t fold() const { return fold_; }

private:
    void add(std::string_view line);

    const Timeline& time_;
    Tracing tracing_;
    std::uint64_t fold_ = 14695981039346656037ULL;
};

}  // namespace gyre::simulation

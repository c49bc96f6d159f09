#pragma once

// At most so many bytes, and so many lines, of what passes. Pure.

#include <cstdint>
#include <string_view>

namespace gyre::output {

class Excerpt {
public:
    // 0: any number.
    Excerpt(std::int64_t bytes, std::int64_t lines);

    // What of the next piece belongs to it.
    std::string_view take(std::string_view piece);
    bool is_full() const { return bytes_ == 0 || lines_ == 0; }

private:
    std::int64_t bytes_;
    std::int64_t lines_;
};

}  // namespace gyre::output

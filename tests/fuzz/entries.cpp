#include "fuzz/entries.h"

#include <array>

namespace gyre::fuzz {

std::span<const Entry> entries() {
    static constexpr std::array<Entry, 10> all{{{"compile", compile_config, 1500},
                                                {"interpolation", split_and_evaluate, 20'000},
                                                {"cache_key", cache_key, 20'000},
                                                {"junit", junit, 5'000},
                                                {"test_results", test_results, 5'000},
                                                {"frame", frame, 5'000},
                                                {"ssh_key", ssh_key, 2'000},
                                                {"usage", usage, 10'000},
                                                {"image_name", image_name, 20'000},
                                                {"devices", devices, 10'000}}};
    return all;
}

}  // namespace gyre::fuzz

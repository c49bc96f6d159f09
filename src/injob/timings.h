#pragma once

// How long tests took before: results.json (wire/earlier_tests.h), or a file of that form that a user keeps himself.
// Files are what other runs left: nothing in them is believed but names and finite times.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

inline constexpr std::size_t largest_results = 64 << 20;

enum class TimingsType { filename, classname, testname };
inline constexpr std::array all_timings_types{TimingsType::filename, TimingsType::classname, TimingsType::testname};
std::string name_of(TimingsType type);

struct KnownTest {
    std::string file;
    std::string classname;
    std::string name;
    std::int64_t time = 0;  // microseconds

    const std::string& get(TimingsType type) const;
};

// Members that are missing or null are empty; what is no test is passed over. `invalid`: no document of this form.
Result<std::vector<KnownTest>> read_results(std::string_view text);

// "./a", "<directory>/a" and "a" are one file.
std::string_view plain_path(std::string_view path, std::string_view directory);

// The sums of the times by each attribute. `directory`: the one that names of files are relative to.
class Timings {
public:
    Timings(const std::vector<KnownTest>& tests, std::string directory);

    std::optional<std::int64_t> of(TimingsType type, std::string_view name) const;  // microseconds
    std::size_t matches(TimingsType type, const std::vector<std::string>& names) const;
    // The one that matches most of the names, the first of equals; nothing when none does.
    std::optional<TimingsType> best_for(const std::vector<std::string>& names) const;

private:
    std::string directory_;
    std::array<std::unordered_map<std::string, std::int64_t>, all_timings_types.size()> sums_;
};

}  // namespace gyre::injob

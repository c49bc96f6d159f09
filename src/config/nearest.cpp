#include "config/nearest.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"

namespace gyre::config {
namespace {

constexpr std::size_t longest = 48;

std::string folded(std::string_view name) {
    std::string text = lowered(name);
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

// Optimal string alignment distance; both texts are at most `longest` long.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::array<std::uint8_t, longest + 1>, 3> rows{};  // small: this is called for each candidate
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<std::uint8_t>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i - 1) % 3];
        const auto& above_that = rows[(i + 1) % 3];
        row[0] = static_cast<std::uint8_t>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            int least = std::min({above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) least = std::min(least, above_that[j - 2] + 1);
            row[j] = static_cast<std::uint8_t>(least);
        }
    }
    return rows[a.size() % 3][b.size()];
}

// Whether `part` is the start of a name, "bool" of "boolean", or one or more of its words: "timeout" of
// "no_output_timeout". Shorter ones are parts of too much.
bool is_part(std::string_view part, std::string_view name) {
    constexpr std::size_t shortest_start = 3;
    constexpr std::size_t shortest = 5;
    if (part.size() >= shortest_start && name.starts_with(part)) return true;
    const std::size_t at = name.find(part);
    if (part.size() < shortest || at == std::string_view::npos) return false;
    const std::size_t end = at + part.size();
    return (at == 0 || name[at - 1] == '_') && (end == name.size() || name[end] == '_');
}

// The only candidate that has the name as a part; nothing when there are several.
std::string only_one_with(const std::string& part, const std::vector<std::string>& candidates) {
    std::string found;
    for (std::size_t i = 0; i < std::min(candidates.size(), most_candidates); ++i) {
        if (candidates[i].size() > longest || !is_part(part, folded(candidates[i]))) continue;
        if (!found.empty()) return {};
        found = candidates[i];
    }
    return found;
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    if (name.empty() || name.size() > longest) return {};
    const std::string wanted = folded(name);
    std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
    std::string found;
    for (std::size_t i = 0; i < std::min(candidates.size(), most_candidates); ++i) {
        const std::size_t size = candidates[i].size();
        if (size > longest || std::max(size, wanted.size()) - std::min(size, wanted.size()) >= best) continue;
        const std::size_t edits = distance(wanted, folded(candidates[i]));
        if (edits < best && edits < wanted.size()) {
            best = edits;
            found = candidates[i];
        }
    }
    return found.empty() ? only_one_with(wanted, candidates) : found;
}

}  // namespace gyre::config

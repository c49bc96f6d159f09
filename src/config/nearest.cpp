#include "config/nearest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/ascii.h"

namespace gyre::config {
namespace {

constexpr std::size_t longest = 48;

// A name of at most `longest` bytes, with case and '-' against '_' taken away.
class Folded {
public:
    explicit Folded(std::string_view name) : size_(name.size()) {
        for (std::size_t i = 0; i < size_; ++i) {
            bytes_[i] = name[i] == '-' ? '_' : lowered(name[i]);
            letters_ |= 1U << (static_cast<unsigned char>(bytes_[i]) % 32U);
        }
    }
    std::string_view text() const { return {bytes_.data(), size_}; }
    // No fewer edits make one name of the other: each brings one new letter at most, and takes one away.
    std::size_t least_edits(const Folded& other) const {
        const int fewer = std::popcount(letters_ & ~other.letters_);
        return static_cast<std::size_t>(std::max(fewer, std::popcount(other.letters_ & ~letters_)));
    }
    bool has_letters_of(const Folded& part) const { return (part.letters_ & ~letters_) == 0; }

private:
    std::array<char, longest> bytes_;  // NOLINT(cppcoreguidelines-pro-type-member-init): `size_` of them are read
    std::size_t size_;
    std::uint32_t letters_ = 0;  // a bit for those that are there; some share one
};

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
std::string only_one_with(const Folded& part, const std::vector<std::string>& candidates) {
    std::string found;
    for (std::size_t i = 0; i < std::min(candidates.size(), most_candidates); ++i) {
        if (candidates[i].size() > longest || candidates[i].size() < part.text().size()) continue;
        const Folded candidate(candidates[i]);
        if (!candidate.has_letters_of(part) || !is_part(part.text(), candidate.text())) continue;
        if (!found.empty()) return {};
        found = candidates[i];
    }
    return found;
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    if (name.empty() || name.size() > longest) return {};
    const Folded wanted(name);
    std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
    std::string found;
    for (std::size_t i = 0; i < std::min(candidates.size(), most_candidates); ++i) {
        const std::size_t size = candidates[i].size();
        if (size > longest || std::max(size, name.size()) - std::min(size, name.size()) >= best) continue;
        const Folded candidate(candidates[i]);
        if (wanted.least_edits(candidate) >= best) continue;
        const std::size_t edits = distance(wanted.text(), candidate.text());
        if (edits < best && edits < name.size()) {
            best = edits;
            found = candidates[i];
        }
    }
    return found.empty() ? only_one_with(wanted, candidates) : found;
}

}  // namespace gyre::config

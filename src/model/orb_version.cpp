#include "model/orb_version.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

namespace gyre {
namespace {

constexpr std::size_t most_digits = 9;
constexpr std::size_t longest_label = 128;

// "1.2" -> {1, 2}; nothing when a part is no number.
std::optional<std::vector<int>> parse_numbers(std::string_view text) {
    std::vector<int> numbers;
    for (;;) {
        const std::string_view part = text.substr(0, text.find('.'));
        int number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        const bool whole = error == std::errc{} && end == part.data() + part.size();
        const bool canonical = part.size() <= most_digits && (part.size() == 1 || !part.starts_with('0'));
        if (!whole || !canonical || number < 0 || numbers.size() == 3) return std::nullopt;
        numbers.push_back(number);
        if (part.size() == text.size()) return numbers;
        text.remove_prefix(part.size() + 1);
    }
}

bool is_label(std::string_view text) {
    const auto is_inner = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; };
    return !text.empty() && text.size() <= longest_label && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), is_inner);
}

}  // namespace

std::optional<OrbVersion> parse_orb_version(std::string_view text) {
    const auto numbers = parse_numbers(text);
    if (!numbers || numbers->size() != 3) return std::nullopt;
    return OrbVersion{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
}

std::string text_of(const OrbVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
}

Result<WantedOrb> parse_wanted_orb(std::string_view text) {
    constexpr std::string_view dev = "dev:";
    if (text == "volatile") return WantedOrb{WantedVersion{}};
    if (text.starts_with(dev) && is_label(text.substr(dev.size()))) {
        return WantedOrb{WantedLabel{std::string(text.substr(dev.size()))}};
    }
    if (auto numbers = parse_numbers(text)) return WantedOrb{WantedVersion{std::move(*numbers)}};
    return Error{Fault::invalid, "'" + std::string(text.substr(0, 60)) +
                                     "' is no version of an orb; write 1.2.3, 1.2, 1, volatile or dev:label"};
}

bool matches(const WantedVersion& wanted, const OrbVersion& version) {
    const std::array<int, 3> numbers{version.major, version.minor, version.patch};
    return wanted.begins.size() <= numbers.size() &&
           std::equal(wanted.begins.begin(), wanted.begins.end(), numbers.begin());
}

std::optional<OrbVersion> newest(const WantedVersion& wanted, const std::vector<OrbVersion>& available) {
    std::optional<OrbVersion> best;
    for (const OrbVersion& one : available) {
        if (matches(wanted, one) && (!best || *best < one)) best = one;
    }
    return best;
}

}  // namespace gyre

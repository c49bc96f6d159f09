#include "model/orb.h"

#include <algorithm>

#include "base/ascii.h"

namespace gyre {
namespace {

constexpr std::size_t most_named = 10;

bool is_part(std::string_view text) {
    const auto is_inner = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= longest_orb_name && is_letter_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), is_inner);
}

// Versions as numbers, dev versions without one.
bool comes_before(const OrbRelease& left, const OrbRelease& right) {
    const auto a = parse_orb_version(left.version);
    const auto b = parse_orb_version(right.version);
    if (a && b) return *b < *a;
    return a || b ? a.has_value() : left.version < right.version;
}

bool is_over(const OrbRelease& release, Timestamp now) { return release.expires_at && *release.expires_at <= now; }

std::string names_of(const std::vector<OrbRelease>& releases) {
    std::string text;
    for (std::size_t i = 0; i < releases.size() && i < most_named; ++i) {
        const bool last = i + 1 == releases.size();
        text += (i == 0 ? "" : last ? " and " : ", ") + releases[i].version;
    }
    if (releases.size() > most_named) text += " and " + std::to_string(releases.size() - most_named) + " more";
    return text;
}

// The day alone: "2026-01-02".
std::string day_of(Timestamp at) { return to_iso(at).substr(0, 10); }

Error no_such_release(const std::string& name, std::string_view asked, const std::vector<OrbRelease>& releases,
                      Timestamp now) {
    if (releases.empty()) return not_found("the server has no orb '" + name + "'");
    const auto there = sorted_releases(releases, now);
    std::string message = "the server has no version '" + std::string(asked.substr(0, 140)) + "' of " + name;
    for (const OrbRelease& one : releases) {
        if (one.version == asked && is_over(one, now)) message += ", which expired on " + day_of(*one.expires_at);
    }
    return not_found(message + (there.empty() ? "; all of its versions have expired" : "; it has " + names_of(there)));
}

}  // namespace

Result<void> check_orb_name(std::string_view name) {
    const auto slash = name.find('/');
    if (slash != std::string_view::npos && is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1))) return {};
    return invalid("'" + std::string(name.substr(0, 2 * longest_orb_name + 1)) +
                   "' is no name of an orb; write namespace/name, each of up to " + std::to_string(longest_orb_name) +
                   " letters, digits, '-' and '_'");
}

bool is_dev_version(std::string_view version) {
    const auto wanted = parse_wanted_orb(version);
    return wanted && std::holds_alternative<WantedLabel>(*wanted);
}

Result<void> check_orb_release(std::string_view version) {
    if (parse_orb_version(version) || is_dev_version(version)) return {};
    return invalid("'" + std::string(version.substr(0, 60)) +
                   "' is no version to publish; write three numbers (1.2.3), or dev:label for one that may change");
}

std::vector<OrbRelease> sorted_releases(std::vector<OrbRelease> releases, Timestamp now) {
    std::erase_if(releases, [&](const OrbRelease& one) { return is_over(one, now); });
    std::sort(releases.begin(), releases.end(), comes_before);
    return releases;
}

Result<OrbRelease> choose_release(const std::string& name, std::string_view asked,
                                  const std::vector<OrbRelease>& releases, Timestamp now) {
    GYRE_TRY_ASSIGN(const WantedOrb wanted, parse_wanted_orb(asked));
    const auto* numbers = std::get_if<WantedVersion>(&wanted);
    for (const OrbRelease& one : sorted_releases(releases, now)) {
        const auto version = parse_orb_version(one.version);
        const bool meant = numbers != nullptr ? version && matches(*numbers, *version) : one.version == asked;
        if (meant) return one;
    }
    return no_such_release(name, asked, releases, now);
}

}  // namespace gyre

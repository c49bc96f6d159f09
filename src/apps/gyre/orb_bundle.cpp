#include "apps/gyre/orb_bundle.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "apps/gyre/cli.h"
#include "apps/gyre/text_file.h"
#include "base/digest.h"
#include "base/json.h"
#include "model/orb.h"

namespace gyre::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view head_key = "gyre-orb-bundle";
constexpr JsonLimits line_limits{.bytes = std::size_t{8} << 20, .depth = 4};  // a text may grow sixfold in JSON

// Gives the number of orbs that follow.
Result<std::size_t> read_head(std::string_view line) {
    const auto value = parse_json(line.substr(0, 1'000), {.bytes = 1'000, .depth = 4});
    const bool is_bundle = value && value->is_object() && value->get_object().contains(head_key);
    if (!is_bundle) return invalid("this is no bundle of orbs: `gyre orb export` and `gyre orb bundle` make them");
    if (number_of(*value, head_key) != 1)
        return invalid("the bundle is of a newer kind than this version of Gyre reads");
    const auto orbs = number_of(*value, "orbs");
    if (!value->get_object().contains("orbs") || orbs < 0)
        return invalid("the bundle does not say how many orbs it has");
    return static_cast<std::size_t>(orbs);
}

Result<void> check_release(const BundledOrb& orb) {
    GYRE_TRY(check_orb_name(orb.name));
    GYRE_TRY(check_orb_release(orb.version));
    if (orb.source.size() <= longest_orb_source) return {};
    return too_large(orb.name + "@" + orb.version + " has more than " + std::to_string(longest_orb_source) + " bytes");
}

Result<BundledOrb> parse_line(std::string_view line) {
    GYRE_TRY_ASSIGN(const json::value value, parse_json(line, line_limits));
    BundledOrb orb{text_of(value, "orb"), text_of(value, "version"), text_of(value, "source")};
    GYRE_TRY(check_release(orb));
    if (sha256_hex(orb.source) != text_of(value, "sha256"))
        return invalid("the text of " + orb.name + "@" + orb.version + " is not what its sha256 says");
    return orb;
}

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// Adds those of DIR/namespace/name. What is no release (a README, name.yml without a version) is left alone.
Result<void> read_versions(const fs::path& folder, const std::string& name, std::vector<BundledOrb>& orbs) {
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        const std::string version = it->path().stem().string();
        if (it->path().extension() != ".yml" || !check_orb_release(version) || it->is_symlink(failed)) continue;
        if (orbs.size() >= most_bundled_orbs) return too_large("there are too many orbs for one bundle");
        GYRE_TRY_ASSIGN(std::string source, read_text_file(it->path().string(), longest_orb_source));
        orbs.push_back({name, version, std::move(source)});
    }
    return failed ? unavailable(folder.string() + ": " + failed.message()) : Result<void>();
}

}  // namespace

std::string bundle_head(std::size_t orbs) {
    return json::serialize(json::object{{head_key, 1}, {"orbs", orbs}}) + "\n";
}

std::string bundle_line(const BundledOrb& orb) {
    return json::serialize(json::object{{"orb", orb.name},
                                        {"version", orb.version},
                                        {"sha256", sha256_hex(orb.source)},
                                        {"source", orb.source}}) +
           "\n";
}

Result<std::vector<BundledOrb>> parse_bundle(std::string_view text) {
    GYRE_TRY_ASSIGN(const std::size_t promised, read_head(take_line(text)));
    std::vector<BundledOrb> orbs;
    std::set<std::pair<std::string, std::string>> seen;
    for (int number = 2; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.empty()) continue;
        const std::string place = "line " + std::to_string(number);
        if (orbs.size() >= most_bundled_orbs)
            return too_large(place + ": a bundle may hold " + std::to_string(most_bundled_orbs) + " orbs");
        auto orb = parse_line(line);
        if (!orb) return orb.error().during(place);
        if (!seen.insert({orb->name, orb->version}).second)
            return invalid(place + ": " + orb->name + "@" + orb->version + " is in the bundle twice");
        orbs.push_back(std::move(*orb));
    }
    if (orbs.size() == promised) return orbs;
    return invalid("the bundle has " + std::to_string(orbs.size()) + " orbs and should have " +
                   std::to_string(promised) + ": a part of it is missing");
}

Result<std::vector<BundledOrb>> read_bundle(const std::string& path) {
    GYRE_TRY_ASSIGN(const std::string text,
                    path == "-" ? read_standard_input(most_bundle_bytes) : read_text_file(path, most_bundle_bytes));
    auto orbs = parse_bundle(text);
    return orbs ? std::move(orbs) : orbs.error().during(path);
}

Result<std::vector<BundledOrb>> read_orb_directory(const std::string& path) {
    std::vector<BundledOrb> orbs;
    std::error_code failed;
    fs::recursive_directory_iterator it(path, failed);  // does not follow links to directories
    int seen = 0;
    for (const fs::recursive_directory_iterator end; !failed && it != end; it.increment(failed)) {
        if (++seen > 100'000) return too_large(path + " has too many files to look for orbs in it");
        if (it.depth() == 0) continue;
        it.disable_recursion_pending();
        const fs::path folder = it->path();
        const std::string name = folder.parent_path().filename().string() + "/" + folder.filename().string();
        if (it->is_symlink(failed) || !it->is_directory(failed) || !check_orb_name(name)) continue;
        GYRE_TRY(read_versions(folder, name, orbs));
    }
    if (failed == std::errc::no_such_file_or_directory) return not_found("there is no directory " + path);
    if (failed == std::errc::not_a_directory) return invalid(path + " is no directory");
    if (failed) return unavailable(path + ": " + failed.message());
    std::sort(orbs.begin(), orbs.end(), [](const BundledOrb& left, const BundledOrb& right) {
        return std::tie(left.name, left.version) < std::tie(right.name, right.version);
    });
    return orbs;
}

}  // namespace gyre::apps

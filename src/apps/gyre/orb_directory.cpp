#include "apps/gyre/orb_directory.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "apps/gyre/text_file.h"
#include "config/nearest.h"
#include "model/orb.h"

namespace gyre::apps {
namespace {

namespace fs = std::filesystem;

config::OrbAnswer read_file(const fs::path& path, std::string version) {
    auto text = read_text_file(path.string(), longest_orb_source);
    if (!text) return config::OrbAbsent{text.error().message, "a file with the orb"};
    if (text->empty()) return config::OrbAbsent{path.string() + " is empty", "a file with the orb"};
    return config::OrbText{path.string(), std::move(version), std::move(*text)};
}

std::vector<OrbVersion> versions_in(const fs::path& folder) {
    std::vector<OrbVersion> versions;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        if (it->path().extension() != ".yml") continue;
        if (const auto version = parse_orb_version(it->path().stem().string())) versions.push_back(*version);
    }
    std::sort(versions.begin(), versions.end());
    return versions;
}

// DIR/namespace/name and DIR/namespace/name.yml; as many as a search looks at.
std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    const auto is_full = [&] { return names.size() == config::most_candidates; };
    std::error_code failed;
    for (fs::directory_iterator space(directory, failed), end; !failed && space != end && !is_full();
         space.increment(failed)) {
        std::error_code unreadable;  // a file among the namespaces
        for (fs::directory_iterator orb(space->path(), unreadable); !unreadable && orb != end && !is_full();
             orb.increment(unreadable)) {
            const fs::path& path = orb->path();
            const fs::path file = path.extension() == ".yml" ? path.stem() : path.filename();
            const std::string name = space->path().filename().string() + "/" + file.string();
            if (check_orb_name(name)) names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// Of a directory; found once.
using Names = std::optional<std::vector<std::string>>;

std::string nearest(const std::string& name, const fs::path& directory, Names& names) {
    if (!names) names = names_in(directory);
    const std::string near = config::nearest(name, *names);
    return near == name ? "" : near;
}

config::OrbAnswer absent(const fs::path& folder, const std::vector<OrbVersion>& versions) {
    constexpr std::size_t most_named = 10;
    std::string there;
    for (std::size_t i = versions.size() > most_named ? versions.size() - most_named : 0; i < versions.size(); ++i) {
        there += (there.empty() ? "" : ", ") + text_of(versions[i]);
    }
    if (!there.empty()) return config::OrbAbsent{folder.string() + " has " + there, "one of these versions"};
    return config::OrbAbsent{"it is not in " + folder.parent_path().parent_path().string(),
                             "the orb's text in " + folder.string() + "/VERSION.yml or " + folder.string() + ".yml"};
}

// The name is checked by the compiler: letters, digits, '-' and '_' around one '/'.
config::OrbAnswer find(const fs::path& directory, const config::OrbReference& reference) {
    const fs::path folder = directory / reference.name;
    const auto wanted = parse_wanted_orb(reference.version);
    if (!wanted) return config::OrbAbsent{wanted.error().message, "such a version"};
    std::error_code failed;
    std::vector<OrbVersion> versions;
    if (std::holds_alternative<WantedLabel>(*wanted)) {
        const fs::path file = folder / (reference.version + ".yml");
        if (fs::is_regular_file(file, failed)) return read_file(file, reference.version);
    } else {
        versions = versions_in(folder);
        if (const auto best = newest(std::get<WantedVersion>(*wanted), versions)) {
            return read_file(folder / (text_of(*best) + ".yml"), text_of(*best));
        }
    }
    const fs::path any = fs::path(folder).concat(".yml");
    if (fs::is_regular_file(any, failed)) return read_file(any, reference.version);
    return absent(folder, versions);
}

}  // namespace

config::OrbSource orbs_in(const std::string& directory) {
    return [directory, names = Names()](const config::OrbReference& reference) mutable -> config::OrbAnswer {
        if (directory.empty())
            return config::OrbAbsent{"no directory with orbs was given",
                                     "--orb-dir DIR with DIR/" + reference.name + ".yml in it"};
        auto answer = find(directory, reference);
        auto* absent = std::get_if<config::OrbAbsent>(&answer);
        if (absent != nullptr) absent->nearest = nearest(reference.name, directory, names);
        return answer;
    };
}

}  // namespace gyre::apps

#include "behaviours/theme.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/json.h"
#include "support/program.h"

namespace gyre::test {
namespace {

const std::filesystem::path folder = GYRE_SOURCE_DIR "/tests/behaviours/themes";

}  // namespace

Theme read_theme(const std::string& name) {
    auto theme = from_json_text<Theme>(read_file(folder / (name + ".json")));
    if (!theme) throw std::runtime_error(name + ".json: " + theme.error().message);
    theme->name = name;
    theme->config = read_file(folder / (name + ".yml"));
    return std::move(*theme);
}

std::vector<std::string> theme_names() {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() == ".yml") names.push_back(file.path().stem());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace gyre::test

#include "apps/gyre/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <filesystem>
#include <sstream>

#include "apps/gyre/text_file.h"
#include "base/fd.h"

namespace gyre::apps {
namespace {

constexpr std::size_t longest_file = 1 << 20;

std::string place(const std::string& path, const toml::source_region& region) {
    return path + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

Result<std::string> scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    std::ostringstream out;
    if (node.is_integer())
        out << node.as_integer()->get();
    else if (node.is_boolean())
        out << (node.as_boolean()->get() ? "true" : "false");
    else if (node.is_floating_point())
        out << node.as_floating_point()->get();
    else
        return invalid("the value must be a string, a number, true or false");
    return out.str();
}

}  // namespace

Result<std::map<std::string, std::string>> read_settings_file(const std::string& path) {
    auto text = read_text_file(path, longest_file);
    if (!text) return text.error().during("the settings file");
    try {
        std::map<std::string, std::string> values;
        for (const auto& [key, node] : toml::parse(*text, path)) {
            auto value = scalar(node);
            if (!value) return value.error().during(place(path, node.source()) + ": " + std::string(key.str()));
            values.emplace(key.str(), std::move(*value));
        }
        return values;
    } catch (const toml::parse_error& failed) {
        return invalid(place(path, failed.source()) + ": " + std::string(failed.description()));
    }
}

Result<void> write_settings_file(const std::string& path, const std::map<std::string, std::string>& values) {
    toml::table table;
    for (const auto& [key, value] : values) table.insert_or_assign(key, value);
    std::ostringstream text;
    text << table << '\n';
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    const std::string temporary = path + ".new";
    const Fd file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return errno_error("writing " + temporary);
    const std::string bytes = text.str();
    if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        return errno_error("writing " + temporary);
    if (rename(temporary.c_str(), path.c_str()) != 0) return errno_error("writing " + path);
    return {};
}

}  // namespace gyre::apps

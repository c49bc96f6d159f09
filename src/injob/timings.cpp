#include "injob/timings.h"

#include <algorithm>

#include "base/json.h"
#include "injob/duration.h"

namespace gyre::injob {
namespace {

std::string text_of(const json::object& test, std::string_view member) {
    const auto* value = test.if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t time_of(const json::object& test) {
    const auto* value = test.if_contains("run_time");
    if (value == nullptr || !value->is_number()) return 0;
    const double seconds = value->to_number<double>();
    if (!(seconds > 0)) return 0;  // nor what is no number
    return static_cast<std::int64_t>(std::min(seconds * 1e6, static_cast<double>(longest_duration)));
}

}  // namespace

std::string name_of(TimingsType type) {
    switch (type) {
        case TimingsType::filename:
            return "filename";
        case TimingsType::classname:
            return "classname";
        case TimingsType::testname:
            return "testname";
    }
    return {};
}

const std::string& KnownTest::get(TimingsType type) const {
    if (type == TimingsType::filename) return file;
    return type == TimingsType::classname ? classname : name;
}

Result<std::vector<KnownTest>> read_results(std::string_view text) {
    GYRE_TRY_ASSIGN(const auto document, parse_json(text, {.bytes = largest_results, .depth = 32}));
    const auto* object = document.if_object();
    const auto* tests = object != nullptr ? object->if_contains("tests") : nullptr;
    if (tests == nullptr || !tests->is_array()) return invalid("it has no list of \"tests\"");
    std::vector<KnownTest> known;
    for (const auto& test : tests->get_array()) {
        const auto* members = test.if_object();
        if (members == nullptr) continue;
        known.push_back(
            {text_of(*members, "file"), text_of(*members, "classname"), text_of(*members, "name"), time_of(*members)});
    }
    return known;
}

std::string_view plain_path(std::string_view path, std::string_view directory) {
    if (path.size() > directory.size() + 1 && path.starts_with(directory) && path[directory.size()] == '/')
        path.remove_prefix(directory.size() + 1);
    while (path.starts_with("./") && path.size() > 2) path.remove_prefix(2);
    return path;
}

Timings::Timings(const std::vector<KnownTest>& tests, std::string directory) : directory_(std::move(directory)) {
    for (const auto& test : tests) {
        for (const auto type : all_timings_types) {
            const std::string_view name =
                type == TimingsType::filename ? plain_path(test.file, directory_) : test.get(type);
            if (!name.empty()) sums_[static_cast<std::size_t>(type)][std::string(name)] += test.time;
        }
    }
}

std::optional<std::int64_t> Timings::of(TimingsType type, std::string_view name) const {
    if (type == TimingsType::filename) name = plain_path(name, directory_);
    const auto& sums = sums_[static_cast<std::size_t>(type)];
    const auto found = sums.find(std::string(name));
    if (found == sums.end()) return std::nullopt;
    return std::min(found->second, longest_duration);
}

std::size_t Timings::matches(TimingsType type, const std::vector<std::string>& names) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(names, [&](const std::string& name) { return of(type, name).has_value(); }));
}

std::optional<TimingsType> Timings::best_for(const std::vector<std::string>& names) const {
    std::optional<TimingsType> best;
    std::size_t most = 0;
    for (const auto type : all_timings_types) {
        const auto count = matches(type, names);
        if (count <= most) continue;
        best = type;
        most = count;
    }
    return best;
}

}  // namespace gyre::injob

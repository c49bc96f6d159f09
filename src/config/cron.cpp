#include "config/cron.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "config/scalar.h"

namespace gyre::config {
namespace {

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> days{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldSpec {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
    std::span<const std::string_view> words = {};  // the first stands for `least`
};

constexpr std::array<FieldSpec, 5> field_specs{{{"minute", 0, 59},
                                                {"hour", 0, 23},
                                                {"day of the month", 1, 31},
                                                {"month", 1, 12, months},
                                                {"day of the week", 0, 7, days}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<std::int64_t> read_number(std::string_view text, const FieldSpec& spec) {
    std::string word(text);
    for (char& c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (std::size_t i = 0; i < spec.words.size(); ++i) {
        if (spec.words[i] == word) return static_cast<std::int64_t>(i) + spec.least;
    }
    const auto number = as_integer(text);
    if (!number || *number < spec.least || *number > spec.most) return std::nullopt;
    return number;
}

// `*`, `a` or `a-b`, each with `/step`.
bool is_item(std::string_view item, const FieldSpec& spec) {
    const auto slash = item.find('/');
    if (slash != std::string_view::npos) {
        const auto step = as_integer(item.substr(slash + 1));
        if (!step || *step < 1 || *step > spec.most) return false;
        item = item.substr(0, slash);
    }
    if (item == "*") return true;
    const auto dash = item.find('-');
    const auto from = read_number(item.substr(0, dash), spec);
    if (dash == std::string_view::npos) return from.has_value();
    const auto to = read_number(item.substr(dash + 1), spec);
    return from && to && *from <= *to;
}

}  // namespace

Result<void> check_cron(std::string_view line) {
    std::vector<std::string_view> fields;
    for (const std::string_view field : split(line, " \t\r\n")) {
        if (!field.empty()) fields.push_back(field);
    }
    if (fields.size() != field_specs.size()) {
        return invalid("it has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") +
                       ", not 5");
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (const std::string_view item : split(fields[i], ",")) {
            if (is_item(item, field_specs[i])) continue;
            return invalid("'" + std::string(item.substr(0, 40)) + "' is no " + std::string(field_specs[i].name));
        }
    }
    return {};
}

}  // namespace gyre::config

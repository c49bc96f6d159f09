#include "config/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gyre::config {
namespace {

using Words = std::array<std::string_view, 9>;
constexpr Words true_words{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
constexpr Words false_words{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};

bool contains(const Words& words, std::string_view text) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

bool is_null_word(std::string_view text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::optional<bool> as_boolean(const Node& node) {
    if (node.kind != NodeKind::scalar || node.style != ScalarStyle::plain) return std::nullopt;
    if (contains(true_words, node.text)) return true;
    if (contains(false_words, node.text)) return false;
    return std::nullopt;
}

std::optional<std::int64_t> as_integer(std::string_view text) {
    if (text.starts_with("+-")) return std::nullopt;
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<double> as_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const bool begins = !text.empty() && (text.front() == '.' || (text.front() >= '0' && text.front() <= '9'));
    if (!begins) return std::nullopt;  // no second sign, no "inf"
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return negative ? -number : number;
}

bool is_nan_word(std::string_view text) { return text == ".nan" || text == ".NaN" || text == ".NAN"; }

bool is_number(std::string_view text) { return as_number(text).has_value(); }

}  // namespace gyre::config

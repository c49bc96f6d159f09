#include "model/secret.h"

#include <algorithm>

#include "base/ascii.h"

namespace gyre {
namespace {

constexpr std::size_t shown_characters = 4;
constexpr std::size_t least_to_show = 8;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }  // of UTF-8

}  // namespace

Result<void> check_variable_name(std::string_view name) {
    if (name.size() > longest_variable_name) return too_large("the name of a variable may have 256 characters");
    const auto fine = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    if (!name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, fine)) return {};
    return invalid("the name of a variable has letters, digits and '_', and begins with no digit");
}

Result<void> check_variable_value(std::string_view value) {
    if (value.size() > largest_variable) return too_large("the value of a variable may have 32 kB");
    if (value.find('\0') != std::string_view::npos) return invalid("the value of a variable cannot hold a NUL");
    return {};
}

std::string masked_value(std::string_view value) {
    std::size_t characters = 0;
    std::size_t shown_from = value.size();
    for (std::size_t at = value.size(); at-- > 0 && characters < least_to_show;) {
        if (!begins_character(value[at])) continue;
        if (++characters == shown_characters) shown_from = at;
    }
    return "xxxx" + std::string(characters < least_to_show ? "" : value.substr(shown_from));
}

}  // namespace gyre

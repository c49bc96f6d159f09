#include "config/reference.h"

#include <algorithm>
#include <array>

namespace gyre::config {
namespace {

constexpr std::array<std::string_view, 5> namespaces{"parameters.", "pipeline.", "matrix.", "orb.",
                                                     "trigger_parameters."};

// How many backslashes stand right before `at`.
std::size_t backslashes_before(std::string_view text, std::size_t at) {
    std::size_t count = 0;
    while (count < at && text[at - count - 1] == '\\') ++count;
    return count;
}

bool starts_reference(std::string_view inside) {
    inside.remove_prefix(std::min(inside.find_first_not_of(" \t\n("), inside.size()));
    if (inside.starts_with("not ")) inside.remove_prefix(4);
    return std::any_of(namespaces.begin(), namespaces.end(), [&](auto name) { return inside.starts_with(name); });
}

}  // namespace

bool has_reference(std::string_view text) {
    const std::size_t last_end = text.rfind(">>");
    if (last_end == std::string_view::npos) return false;
    for (std::size_t at = text.find("<<"); at < last_end; at = text.find("<<", at + 2)) {
        const bool escaped = backslashes_before(text, at) % 2 == 1;
        if (!escaped && starts_reference(text.substr(at + 2, last_end - at - 2))) return true;
    }
    return false;
}

std::string without_escapes(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && text.substr(i + 1, 2) == "<<") continue;
        result += text[i];
    }
    return result;
}

}  // namespace gyre::config

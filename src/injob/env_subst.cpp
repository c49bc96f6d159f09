#include "injob/env_subst.h"

#include "base/ascii.h"

namespace gyre::injob {
namespace {

bool starts_name(char c) { return is_letter(c) || c == '_'; }

std::string_view name_at(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && (starts_name(text[length]) || (length > 0 && is_digit(text[length])))) ++length;
    return text.substr(0, length);
}

}  // namespace

std::string substitute_environment(std::string_view text, const Lookup& lookup) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const auto dollar = std::min(text.find('$', at), text.size());
        out.append(text.substr(at, dollar - at));
        if (dollar == text.size()) break;
        const bool braced = dollar + 1 < text.size() && text[dollar + 1] == '{';
        const auto name = name_at(text.substr(dollar + 1 + (braced ? 1 : 0)));
        const auto end = dollar + 1 + (braced ? 1 : 0) + name.size();
        if (name.empty() || (braced && (end >= text.size() || text[end] != '}'))) {
            out.push_back('$');
            at = dollar + 1;
            continue;
        }
        out.append(lookup(std::string(name)).value_or(""));
        at = end + (braced ? 1 : 0);
    }
    return out;
}

}  // namespace gyre::injob

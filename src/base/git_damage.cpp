#include "base/git_damage.h"

#include <array>
#include <string_view>

namespace gyre {

bool tells_of_git_damage(const std::string& message) {
    static constexpr std::array<std::string_view, 16> signs{
        "corrupt",         "not a git repository", "bad object",     "loose object",         "packfile",
        "bad tree",        "missing blob",         "unable to read", "invalid sha1 pointer", "bad config",
        "unable to parse", ".lock': File exists",  "inflate:",       "object file",          "unable to unpack",
        "reference broken"};
    for (const auto sign : signs) {
        if (message.find(sign) != std::string::npos) return true;
    }
    return false;
}

}  // namespace gyre

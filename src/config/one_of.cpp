#include "config/one_of.h"

namespace gyre::config {

// Bytes: what is expected is clipped before (config/diagnostic.h).
constexpr std::size_t most_shown = 1000;

std::string one_of(const std::vector<std::string>& choices) {
    std::string text;
    for (const std::string& choice : choices) {
        if (text.size() > most_shown) break;
        text += (text.empty() ? "one of " : ", ") + choice;
    }
    return text;
}

}  // namespace gyre::config

#include "config/one_of.h"

namespace gyre::config {

std::string one_of(const std::vector<std::string>& choices) {
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "one of " : ", ") + choice;
    return text;
}

}  // namespace gyre::config

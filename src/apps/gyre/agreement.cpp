#include "apps/gyre/agreement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

namespace gyre::apps {

Result<bool> agreed(const std::string& question, const std::string& consequence) {
    if (isatty(STDIN_FILENO) != 1) return invalid(consequence + ": give --yes to do it");
    fmt::print(stderr, "{} [y/N] ", question);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

}  // namespace gyre::apps

#include "injob/messages.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "injob/files.h"

namespace gyre::injob {

int fail(const std::string& message, int code) {
    say("error: " + message);
    return code;
}

void say(const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); }

int print_lines(const Words& lines) {
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return write_all(STDOUT_FILENO, text) ? exit_ok : exit_failed;
}

std::string some_of(const Words& names, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, names.size()); ++i) text += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
    if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
    return text;
}

}  // namespace gyre::injob

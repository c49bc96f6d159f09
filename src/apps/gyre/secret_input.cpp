#include "apps/gyre/secret_input.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "apps/gyre/text_file.h"
#include "model/secret.h"

namespace gyre::apps {
namespace {

// What is typed while it lives is not shown.
class Hidden {
public:
    Hidden() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Hidden() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Hidden(const Hidden&) = delete;
    Hidden& operator=(const Hidden&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

std::string typed(const std::string& what) {
    fmt::print(stderr, "{}: ", what);
    std::string line;
    const Hidden hidden;
    std::getline(std::cin, line);
    fmt::print(stderr, "\n");
    return line;
}

}  // namespace

Result<std::string> read_secret(const std::string& what) {
    std::string value;
    if (::isatty(STDIN_FILENO) == 1) {
        value = typed(what);
    } else {
        GYRE_TRY_ASSIGN(value, read_standard_input(largest_variable + 1));
        if (value.ends_with('\n')) value.pop_back();
    }
    if (value.empty()) return invalid("no value came on standard input");
    return value;
}

}  // namespace gyre::apps

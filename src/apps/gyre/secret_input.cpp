#include "apps/gyre/secret_input.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "apps/gyre/text_file.h"
#include "base/utf8.h"
#include "identity/private_ssh_key.h"
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

// Hidden before anybody is asked: an answer that comes at once is not shown either.
std::string typed(const std::string& what) {
    const Hidden hidden;
    fmt::print(stderr, "{}: ", what);
    std::string line;
    std::getline(std::cin, line);
    fmt::print(stderr, "\n");
    return line;
}

Result<std::string> typed_lines(const std::string& what, std::size_t most) {
    const Hidden hidden;
    fmt::print(stderr, "{}, then Ctrl-D (nothing of it is shown):\n", what);
    std::string text;
    for (std::string line; std::getline(std::cin, line);) {
        text += line + '\n';
        if (text.size() > most) return too_large("more than " + std::to_string(most) + " bytes were typed");
    }
    return text;
}

bool is_at_terminal() { return ::isatty(STDIN_FILENO) == 1; }

Result<std::string> unless_empty(std::string value) {
    if (value.empty()) return invalid("no value came on standard input");
    return value;
}

// As the API's JSON can carry it.
Result<std::string> if_text(Result<std::string> value) {
    if (!value || valid_utf8(*value) == *value) return value;
    return invalid("the value is no text (UTF-8): give its base64, and have the job decode it");
}

Result<std::string> lines_of(const std::string& what, std::size_t most) {
    GYRE_TRY_ASSIGN(auto text, is_at_terminal() ? typed_lines(what, most) : read_standard_input(most));
    return unless_empty(std::move(text));
}

}  // namespace

Result<std::string> read_secret(const std::string& what) {
    if (is_at_terminal()) return if_text(unless_empty(typed(what)));
    GYRE_TRY_ASSIGN(auto value, read_standard_input(largest_variable + 1));
    if (value.ends_with('\n')) value.pop_back();
    return if_text(unless_empty(std::move(value)));
}

Result<std::string> read_secret_lines(const std::string& what, std::size_t most) {
    return if_text(lines_of(what, most));
}

Result<std::string> read_ssh_key() {
    GYRE_TRY_ASSIGN(auto text, lines_of("private key", largest_ssh_key));
    GYRE_TRY(identity::read_private_ssh_key(text));
    return text;
}

}  // namespace gyre::apps

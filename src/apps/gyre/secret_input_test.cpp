// Secrets that a person types at a terminal, and those that come through a pipe.

#include "apps/gyre/secret_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "base/fd.h"

namespace gyre::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

using Ask = std::function<Result<std::string>()>;

struct Typed {
    bool as_expected = false;  // what the command was given
    std::string shown;
};

// Somebody at a terminal who types `keys` once `prompt` is there. Another process asks, as the terminal is its own.
Typed type(const Ask& ask, const std::string& prompt, const std::string& keys, const Result<std::string>& expected) {
    int end = -1;
    const pid_t pid = ::forkpty(&end, nullptr, nullptr, nullptr);
    if (pid == 0) {
        const auto given = ask();
        ::_exit(given.ok() == expected.ok() && (!given || *given == *expected) ? 0 : 1);
    }
    const Fd terminal(end);
    Typed typed;
    std::array<char, 4096> some{};
    bool answered = false;
    for (ssize_t count = 0; (count = ::read(end, some.data(), some.size())) > 0;) {  // ends with the process
        typed.shown.append(some.data(), static_cast<std::size_t>(count));
        if (answered || typed.shown.find(prompt) == std::string::npos) continue;
        answered = ::write(end, keys.data(), keys.size()) == std::ssize(keys);
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    typed.as_expected = answered && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return typed;
}

TEST(SecretInput, is_one_line_at_a_terminal_and_not_shown) {
    const auto typed =
        type([] { return read_secret("value of A"); }, "value of A: ", "hunter2\n", std::string("hunter2"));
    EXPECT_TRUE(typed.as_expected) << typed.shown;
    EXPECT_THAT(typed.shown, Not(HasSubstr("hunter")));
}

TEST(SecretInput, is_refused_where_it_is_no_text) {
    const auto typed = type([] { return read_secret("value of A"); }, "value of A: ", "\xff\xfe\n", invalid(""));
    EXPECT_TRUE(typed.as_expected) << typed.shown;
}

TEST(SecretInput, of_several_lines_ends_with_ctrl_d_and_nothing_of_it_is_shown) {
    const auto typed =
        type([] { return read_secret_lines("private key", 100); },
             "Ctrl-D (nothing of it is shown):", "BEGIN\nhunter2\nEND\n\x04", std::string("BEGIN\nhunter2\nEND\n"));
    EXPECT_TRUE(typed.as_expected) << typed.shown;
    EXPECT_THAT(typed.shown, Not(HasSubstr("hunter")));
    EXPECT_THAT(typed.shown, Not(HasSubstr("BEGIN")));
}

TEST(SecretInput, that_is_empty_or_without_an_end_is_refused) {
    const auto ask = [] { return read_secret_lines("private key", 20); };
    EXPECT_TRUE(type(ask, "Ctrl-D", "\x04", invalid("")).as_expected);
    EXPECT_TRUE(
        type(ask, "Ctrl-D", std::string(10, 'x') + "\n" + std::string(10, 'y') + "\n", too_large("")).as_expected);
    EXPECT_TRUE(type([] { return read_secret("value of A"); }, "value of A: ", "\n", invalid("")).as_expected);
}

}  // namespace
}  // namespace gyre::apps

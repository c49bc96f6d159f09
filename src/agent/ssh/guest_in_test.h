#pragma once

// For tests: a guest with a key of its own and the real OpenSSH client.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/argv.h"
#include "base/fd.h"
#include "base/process.h"
#include "model/ssh_key.h"
#include "wire/ssh_access.h"

namespace gyre::agent::testing {

// A port of this machine that nobody else can have.
class TakenPort {
public:
    TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_.get(), 1), 0);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        number_ = ntohs(address.sin_port);
    }
    int number() const { return number_; }

private:
    Fd socket_;
    int number_ = 0;
};

inline bool has_openssh() {
    return gyre::run({.argv = {"ssh", "-V"}}) && gyre::run({.argv = {"sh", "-c", "command -v sftp"}});
}

// ssh at a terminal of the test.
class TerminalClient {
public:
    TerminalClient(std::vector<std::string> argv, int columns, int rows) {
        winsize size{};
        size.ws_col = static_cast<unsigned short>(columns);
        size.ws_row = static_cast<unsigned short>(rows);
        const auto words = argv_of(argv);
        int end = -1;
        pid_ = ::forkpty(&end, nullptr, nullptr, &size);
        if (pid_ == 0) {
            ::setenv("TERM", "vt100", 1);
            ::execvp(words[0], words.data());
            ::_exit(127);
        }
        terminal_ = Fd(end);
    }
    ~TerminalClient() {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        (void)wait();
    }
    TerminalClient(const TerminalClient&) = delete;
    TerminalClient& operator=(const TerminalClient&) = delete;

    void type(const std::string& text) {
        EXPECT_EQ(::write(terminal_.get(), text.data(), text.size()), std::ssize(text));
    }
    void resize(int columns, int rows) {
        winsize size{};
        size.ws_col = static_cast<unsigned short>(columns);
        size.ws_row = static_cast<unsigned short>(rows);
        ::ioctl(terminal_.get(), TIOCSWINSZ, &size);
    }
    // Reads until `text` has appeared; false when the client ends before, or after a minute.
    bool shows(const std::string& text) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (seen_.find(text) == std::string::npos) {
            if (std::chrono::steady_clock::now() > until || !read_some()) return false;
        }
        seen_.erase(0, seen_.find(text) + text.size());
        return true;
    }
    int wait() {
        if (pid_ <= 0) return code_;
        while (read_some()) {
        }
        int status = 0;
        ::waitpid(std::exchange(pid_, 0), &status, 0);
        return code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    const std::string& unread() const { return seen_; }

private:
    bool read_some() {
        pollfd ready{terminal_.get(), POLLIN, 0};
        if (::poll(&ready, 1, 60'000) != 1) return false;
        char bytes[4096];
        const auto got = ::read(terminal_.get(), bytes, sizeof bytes);
        if (got > 0) seen_.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }

    pid_t pid_ = 0;
    int code_ = -1;
    Fd terminal_;
    std::string seen_;
};

// Somebody with a key.
class Guest {
public:
    explicit Guest(std::string login) : login_(std::move(login)) {
        char pattern[] = "/tmp/gyre-guest-XXXXXX";
        home_ = ::mkdtemp(pattern);
        const auto made = gyre::run(
            {.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", login_ + "@test", "-f", key_file()}});
        EXPECT_TRUE(made && made->exit_code == 0);
    }
    ~Guest() { std::filesystem::remove_all(home_); }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

    SshKey key() const {
        std::ifstream file(key_file() + ".pub");
        const auto key = parse_ssh_key(std::string(std::istreambuf_iterator<char>(file), {}));
        EXPECT_TRUE(key) << (key ? "" : key.error().message);
        return key ? *key : SshKey{};
    }
    wire::SshGuest as_guest() const { return {login_, {key().line()}}; }
    std::string key_file() const { return (home_ / "key").string(); }
    std::string known_hosts() const { return (home_ / "known_hosts").string(); }

    std::vector<std::string> words(const std::string& program, int port, std::vector<std::string> rest) const {
        std::vector<std::string> all{program, "-F", "/dev/null", "-i", key_file()};
        for (const auto* option : {"IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=no", "LogLevel=ERROR",
                                   "ConnectTimeout=60"}) {
            all.insert(all.end(), {"-o", option});
        }
        all.insert(all.end(), {"-o", "UserKnownHostsFile=" + known_hosts(), "-o", "Port=" + std::to_string(port)});
        all.insert(all.end(), rest.begin(), rest.end());
        return all;
    }
    // Runs a command inside; exit code 255 is ssh's own.
    Finished does(int port, const std::string& command, const std::string& input = "",
                  std::vector<std::string> options = {}) const {
        options.insert(options.end(), {"127.0.0.1", command});
        auto ran = gyre::run({.argv = words("ssh", port, options), .environment = {}, .directory = {}, .input = input});
        return ran ? *ran : Finished{.exit_code = -1, .out = {}, .err = ran.error().message};
    }
    Finished copies(int port, const std::string& commands) const {
        auto ran = gyre::run({.argv = words("sftp", port, {"-b", "-", "127.0.0.1"}),
                              .environment = {},
                              .directory = {},
                              .input = commands});
        return ran ? *ran : Finished{.exit_code = -1, .out = {}, .err = ran.error().message};
    }

private:
    std::string login_;
    std::filesystem::path home_;
};

// What every executor must give a guest. `port` is that of a server which lets `guest` in, to a job whose environment
// has A=b, and whose working directory is `directory`.
inline void expect_whole_ssh(const Guest& guest, int port, const std::string& directory) {
    const auto said = guest.does(port, "pwd; echo $A; echo to-err >&2; exit 7");
    EXPECT_EQ(said.exit_code, 7) << said.err;
    EXPECT_EQ(said.out, directory + "\nb\n");
    EXPECT_EQ(said.err, "to-err\n");
    EXPECT_EQ(guest.does(port, "kill -KILL $$").exit_code, 255);
    const std::string much(3 << 20, 'x');
    EXPECT_EQ(guest.does(port, "wc -c", much).out.find(std::to_string(much.size())) != std::string::npos, true);
    EXPECT_EQ(guest.does(port, "cat", much).out, much);

    const Guest stranger("mallory");
    const auto refused = stranger.does(port, "echo in");
    EXPECT_EQ(refused.exit_code, 255);
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err.find("Permission denied (publickey)"), std::string::npos) << refused.err;

    TerminalClient client(guest.words("ssh", port, {"-tt", "127.0.0.1"}), 93, 31);
    client.type("echo size-$(stty size | tr ' ' x)-$TERM-$A; pwd; tty\n");
    EXPECT_TRUE(client.shows("size-31x93-vt100-b")) << client.unread();
    EXPECT_TRUE(client.shows("/dev/pts/")) << client.unread();
    client.resize(132, 50);
    client.type("until [ \"$(stty size)\" = '50 132' ]; do sleep 0.05; done; echo re''sized; exit 9\n");
    EXPECT_TRUE(client.shows("resized")) << client.unread();
    EXPECT_EQ(client.wait(), 9);
}

}  // namespace gyre::agent::testing

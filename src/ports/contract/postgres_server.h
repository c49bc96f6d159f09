#pragma once

// A PostgreSQL server of one's own: made in a folder beneath /tmp, reached by a unix socket there, and stopped and
// removed at the end. Where the test runs as root, it runs as the user postgres or nobody, because it refuses root.
// Started by a thread that ends, it ends with it. `present()` says whether its programs are installed (Debian: the
// package postgresql).

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gyre::contract {

class PostgresServer {
public:
    static bool present() { return !programs().empty(); }

    PostgresServer() {
        std::string name = "/tmp/gyre-postgres-XXXXXX";
        if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder like " + name);
        folder_ = name;
        const auto owner = other_user();
        if (owner.pw_uid != ::geteuid() && ::chown(name.c_str(), owner.pw_uid, owner.pw_gid) != 0)
            throw std::runtime_error("cannot give " + name + " to " + std::to_string(owner.pw_uid));
        ::chmod(name.c_str(), 0755);  // others may use the socket
        const pid_t made = spawn({programs() + "/initdb", "-D", data(), "-U", "gyre", "-A", "trust", "-E", "UTF8",
                                  "--locale=C", "--no-sync", "--no-instructions"});
        if (wait_for(made) != 0) throw std::runtime_error("initdb failed; see " + folder_ + "/log");
        start();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() {
        if (maker_ != ::getpid()) return;  // a child of a test
        crash();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    // As `pg_ctl stop -m immediate`: as if the machine had lost its power, but for what the kernel keeps.
    void crash() {
        if (server_ <= 0) return;
        speak_again();
        ::kill(server_, SIGQUIT);
        for (const pid_t writer : std::exchange(held_, {})) ::kill(writer, SIGKILL);
        wait_for(server_);
        server_ = 0;
    }
    // From now on what a commit did not wait for stays in memory, as if no time passed: crash() loses all of it.
    void hold_writers() {
        for (const char* name : {"walwriter", "background writer", "checkpointer"}) {
            held_.push_back(child_called(name));
            ::kill(held_.back(), SIGSTOP);
        }
    }
    // From now on it takes connections and answers nothing, as if the network swallowed what is sent.
    void fall_silent() {
        silent_ = children();
        silent_.push_back(server_);
        for (const pid_t process : silent_) ::kill(process, SIGSTOP);
    }
    void speak_again() {
        for (const pid_t process : std::exchange(silent_, {})) ::kill(process, SIGCONT);
    }
    void start() {
        server_ = spawn({programs() + "/postgres", "-D", data(), "-k", folder_, "-c", "listen_addresses=", "-c",
                         "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c",
                         "max_connections=200", "-c", "log_min_messages=fatal"});
        for (int tries = 0; tries < 1000; ++tries) {
            if (wait_for(spawn({programs() + "/pg_isready", "-q", "-h", folder_})) == 0) return;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        throw std::runtime_error("PostgreSQL does not start; see " + folder_ + "/log");
    }

    std::string url(const std::string& database = "postgres") const {
        return "postgres://gyre@/" + database + "?host=" + folder_;
    }
    void run(const std::string& sql) const {
        if (wait_for(spawn({programs() + "/psql", "-q", "-h", folder_, "-U", "gyre", "-d", "postgres", "-c", sql})) !=
            0)
            throw std::runtime_error("psql -c '" + sql + "' failed; see " + folder_ + "/log");
    }
    // A new, empty database.
    std::string new_database() {
        const std::string name = "test" + std::to_string(++databases_);
        run("CREATE DATABASE " + name);
        return url(name);
    }

private:
    static std::string programs() {
        for (int version = 30; version >= 13; --version) {
            const std::string folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
            if (::access((folder + "/initdb").c_str(), X_OK) == 0) return folder;
        }
        return "";
    }
    // Whom the server runs as: oneself, but not root.
    static passwd other_user() {
        const passwd* found = ::geteuid() != 0 ? ::getpwuid(::geteuid()) : ::getpwnam("postgres");
        if (!found) found = ::getpwnam("nobody");
        if (!found) throw std::runtime_error("there is no user to run PostgreSQL as");
        return *found;
    }
    std::string data() const { return folder_ + "/data"; }

    pid_t spawn(const std::vector<std::string>& words) const {
        std::vector<char*> argv;
        for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        const passwd owner = other_user();
        const std::string log = folder_ + "/log";
        const pid_t child = ::fork();
        if (child != 0) return child;
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
        ::dup2(out, 1);
        ::dup2(out, 2);
        if (::geteuid() == 0 &&
            (::setgroups(0, nullptr) != 0 || ::setgid(owner.pw_gid) != 0 || ::setuid(owner.pw_uid) != 0))
            ::_exit(126);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // also when the test is killed
        ::setpgid(0, 0);                     // a signal to the test's group is not for it
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    std::vector<pid_t> children() const {
        std::vector<pid_t> found;
        std::ifstream listed("/proc/" + std::to_string(server_) + "/task/" + std::to_string(server_) + "/children");
        for (pid_t child = 0; listed >> child;) found.push_back(child);
        return found;
    }
    pid_t child_called(const std::string& name) const {
        for (const pid_t child : children()) {
            std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
            const std::string line((std::istreambuf_iterator<char>(file)), {});
            if (line.find(name) != std::string::npos) return child;
        }
        throw std::runtime_error("PostgreSQL has no " + name);
    }
    static int wait_for(pid_t child) {
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }

    std::string folder_;
    pid_t maker_ = ::getpid();
    pid_t server_ = 0;
    std::vector<pid_t> held_;    // children that stand still
    std::vector<pid_t> silent_;  // likewise, with the server itself
    int databases_ = 0;
};

}  // namespace gyre::contract

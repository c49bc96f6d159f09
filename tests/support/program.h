#pragma once

// Programs that tests start, as this process's user or as an ordinary one. Errors are thrown (std::runtime_error): a
// test that cannot start its programs has failed.

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/process.h"

namespace gyre::test {

// Who runs a program, and the environment that goes with it.
struct User {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
};

User current_user();
// Uid 1500, which needs no entry in /etc/passwd; the current user when that is not root.
User ordinary_user();
// Why programs cannot be run as an ordinary user in user namespaces of their own, for GTEST_SKIP; empty: they can.
std::string ordinary_user_needs();

// The command line that runs `argv` as `user`.
std::vector<std::string> as_user(const User& user, std::vector<std::string> argv);

// Runs to the end. `environment` is on top of a clean one: PATH, HOME=`home`, LANG, and git's author.
struct ShortRun {
    std::vector<std::string> argv;
    User user = current_user();
    std::string home;
    std::string directory;
    std::vector<std::string> environment = {};
    std::string input = {};
    std::chrono::milliseconds timeout{120'000};
};
Finished run_as(const ShortRun& wanted);
// The same, and throws with what the program said unless it exits with 0. Answers what it printed.
std::string output_of(const ShortRun& wanted);

// A program that runs beside the test. Its output goes to a file.
class Program {
public:
    // `output` is truncated first.
    Program(const ShortRun& wanted, std::string output);
    ~Program();  // kills it
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pid_t id() const { return id_; }
    bool ended();
    int wait();               // exit code, or 128 + signal
    void signal(int number);  // does nothing once it ended
    std::string output() const;

private:
    std::string output_;
    pid_t id_ = -1;
    int exit_code_ = -1;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace gyre::test

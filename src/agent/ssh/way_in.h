#pragma once

// How a guest's commands get into the job: by its supervisor, as the steps do, and so as the same user, in the same
// cgroup, with the same environment and working directory. Thread-safe; processes belong to one thread each.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/supervisor.h"
#include "base/fd.h"
#include "base/guarded.h"
#include "base/result.h"

namespace gyre::agent {

// What every step is given; a step may add to it, for later ones. Copies are one and the same.
class StepsEnvironment {
public:
    StepsEnvironment(Environment first = {}) : held_(std::make_shared<Guarded<Environment>>(std::move(first))) {}
    Environment now() const { return *held_->lock(); }
    void become(Environment next) const { *held_->lock() = std::move(next); }

private:
    std::shared_ptr<Guarded<Environment>> held_;
};

struct WayIn {
    Supervisor* supervisor = nullptr;  // outlives every GuestProcess
    StepsEnvironment environment;
    std::string working_directory;  // inside
    std::string helper;             // inside
};

struct TerminalWish {
    std::string kind = "xterm";  // TERM
    int columns = 80;
    int rows = 24;
};

struct GuestWish {
    std::string command;  // empty: a shell
    bool files = false;   // the image's sftp-server, whatever `command` says
    std::optional<TerminalWish> terminal;
    Environment environment;  // on top of the steps'
};

class GuestProcess {
public:
    // `unavailable` when the job is gone; the sentence is for the guest.
    static Result<GuestProcess> start(const WayIn& way, const GuestWish& wish);
    GuestProcess(GuestProcess&& other) noexcept;
    GuestProcess& operator=(GuestProcess&&) = delete;
    ~GuestProcess();  // hangs up, when it runs still

    // Non-blocking descriptors; -1 once closed. At a terminal, what goes in and what comes out are the same, and there
    // are no errors of its own.
    int input() const { return input_.get(); }
    int output() const { return output_.get(); }
    int errors() const { return errors_.get(); }
    void close_input() { input_.reset(); }
    void close_output() { output_.reset(); }
    void close_errors() { errors_.reset(); }

    int end_event();  // readable when it has ended; -1 after end() told so
    std::optional<ProcessEnd> end();
    void signal(int number);
    void resize(int columns, int rows);

private:
    GuestProcess(Supervisor& supervisor, std::int64_t id) : supervisor_(&supervisor), id_(id) {}
    Result<void> meet_terminal(const Fd& socket);

    Supervisor* supervisor_;
    std::optional<std::int64_t> id_;  // while it runs
    Fd input_;
    Fd output_;
    Fd errors_;
};

}  // namespace gyre::agent

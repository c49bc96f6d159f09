#pragma once

// A server whose jobs run under one executor, with the program `escape` in the project's repository.

#include <memory>
#include <string>

#include "support/engines.h"
#include "support/story.h"

namespace gyre::test {

// The executors, as names of test parameters: in the sandbox of root, in that of an ordinary user, in containers of an
// engine and without one.
inline constexpr const char* executors[] = {"sandbox", "sandbox_of_a_user", "docker", "podman", "oci"};

class UnderExecutor : public Story, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override;  // skips where the machine has no such executor

    bool has_engine() const { return engine_ != nullptr; }
    // What serves images to jobs without an engine: a process of the test's, which no look at the host shall see.
    void end_registry() { registry_.daemon.reset(); }
    // A directory of the host that holds all of the engine; empty without one.
    std::string engine_files() const { return engine_ ? engine_->files.path() : ""; }
    std::string engine_socket() const { return engine_ ? engine_->running->socket() : ""; }
    // A job of a config, from "name:" on, whose steps are `steps` after a checkout; `steps` are lines from "- " on.
    static std::string job(const std::string& name, const std::vector<std::string>& steps);
    static std::string workflow(const std::string& jobs);

private:
    void publish_busybox();

    std::unique_ptr<PrivateEngine> engine_;
    std::unique_ptr<PrivateDirectory> files_;
    std::unique_ptr<PrivateNetwork> network_;
    RunningRegistry registry_;
    inline static std::string container_;  // of every job, as a config has it
};

}  // namespace gyre::test

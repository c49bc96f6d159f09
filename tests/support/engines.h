#pragma once

// Real container engines for tests: dockerd, podman's service and a registry, each with its files under a directory of
// the test's and in namespaces of its own (mounts, processes), all in one private network. The machine's own engines,
// bridges and firewall are neither used nor touched. Everything ends with the objects here, and with the test process.

#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::test {

// Why engines cannot run here ("needs root: ..."), for GTEST_SKIP; empty when they can.
std::string engines_need();

// A directory that is removed at the end.
class PrivateDirectory {
public:
    PrivateDirectory();
    ~PrivateDirectory();
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    const std::string& path() const { return path_; }
    std::string make(const std::string& name) const;  // a directory in it

private:
    std::string path_;
};

// A network with nothing but its loopback interface, which is up.
class PrivateNetwork {
public:
    PrivateNetwork();
    int descriptor() const { return namespace_.get(); }
    bool answers(int port) const;  // whether somebody listens there on 127.0.0.1

private:
    Fd namespace_;
};

// A program and all that it started; ended by the destructor.
class Daemon {
public:
    // Runs `script` by sh in namespaces of its own; its output goes to the file `log`.
    static Result<std::unique_ptr<Daemon>> start(const PrivateNetwork& network, const std::string& script,
                                                 const std::string& log);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    bool ended() const;

private:
    explicit Daemon(int process) : process_(process) {}
    int process_;
};

class RunningEngine {
public:
    RunningEngine(std::string socket, std::unique_ptr<Daemon> daemon)
        : socket_(std::move(socket)), daemon_(std::move(daemon)) {}
    ~RunningEngine();  // removes its containers first, so that no cgroup stays
    RunningEngine(const RunningEngine&) = delete;
    RunningEngine& operator=(const RunningEngine&) = delete;
    const std::string& socket() const { return socket_; }

private:
    std::string socket_;
    std::unique_ptr<Daemon> daemon_;
};

struct RunningRegistry {
    std::unique_ptr<Daemon> daemon;
    std::string address;  // inside the private network
    std::string username;
    std::string password;
};

Result<std::unique_ptr<RunningEngine>> start_dockerd(const PrivateNetwork& network, const std::string& directory);
Result<std::unique_ptr<RunningEngine>> start_podman(const PrivateNetwork& network, const std::string& directory);
// An engine with a directory and a network of its own.
struct PrivateEngine {
    PrivateDirectory files;
    PrivateNetwork network;
    std::unique_ptr<RunningEngine> running;
};
// `name`: "docker" or "podman".
Result<std::unique_ptr<PrivateEngine>> start_private_engine(const std::string& name);

Result<RunningRegistry> start_registry(const PrivateNetwork& network, const std::string& directory);

// The files of the next one's image, in a directory below `directory`.
Result<std::string> busybox_root(const std::string& directory);
// An image of busybox, without bash, with the users root and ci (1000). `changes` are lines as in a Dockerfile:
// "USER ci", "ENTRYPOINT [\"/bin/x\"]", "LABEL a=b".
Result<void> import_busybox(const RunningEngine& engine, const std::string& directory, const std::string& name,
                            const std::string& tag, const std::vector<std::string>& changes = {});
// Pushes an image of the engine's as <registry>/<name>:<tag>, and removes that name from the engine again.
Result<void> publish(const RunningEngine& engine, const RunningRegistry& registry, const std::string& name,
                     const std::string& tag);

}  // namespace gyre::test

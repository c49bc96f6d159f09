#pragma once

// sshd of this machine on a port of its own, for tests. It sees a /run of its own, where it wants a directory.

#include <filesystem>
#include <memory>
#include <string>

#include "agent/ssh/guest_in_test.h"
#include "support/eventually.h"
#include "support/program.h"

namespace gyre::test {

// Why it cannot run here, for GTEST_SKIP; empty when it can.
inline std::string sshd_needs() {
    if (!std::filesystem::exists("/usr/sbin/sshd") || !agent::testing::has_openssh())
        return "needs openssh-server (tools/deps.sh sshd) and openssh-client";
    return current_user().uid == 0 ? "" : "needs root: sshd lets others in as themselves only";
}

// It lets root in with the keys of `authorized`: lines of authorized_keys, read anew at each login.
class Sshd {
public:
    Sshd(const std::string& folder, const std::string& authorized) : folder_(folder) {
        std::filesystem::create_directories(folder);
        output_of({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/host"},
                   .home = folder,
                   .directory = folder});
        authorize(authorized);
        write_file(folder + "/config", "ListenAddress 127.0.0.1\nHostKey " + folder + "/host\nAuthorizedKeysFile " +
                                           folder +
                                           "/authorized\nPermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile "
                                           "none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
        for (int tries = 0; tries < 5 && port_ == 0; ++tries) start();
    }
    void authorize(const std::string& lines) { write_file(folder_ + "/authorized", lines); }
    int port() const { return port_; }
    std::string said() const { return daemon_->output(); }

private:
    // Somebody may take the port before it does.
    void start() {
        const int port = agent::testing::TakenPort().number();
        const std::string command =
            "mount -t tmpfs none /run && mkdir -m 0755 /run/sshd && exec /usr/sbin/sshd -D -e "
            "-f " +
            folder_ + "/config -p " + std::to_string(port);
        daemon_ = std::make_unique<Program>(
            ShortRun{.argv = {"unshare", "--mount", "sh", "-c", command}, .home = folder_, .directory = folder_},
            folder_ + "/said");
        eventually("sshd listens, or has ended",
                   [&] { return daemon_->ended() || said().find("Server listening") != std::string::npos; });
        if (!daemon_->ended()) port_ = port;
    }

    std::string folder_;
    std::unique_ptr<Program> daemon_;
    int port_ = 0;
};

}  // namespace gyre::test

// Additional SSH keys: from the command that stores one to the job that logs in with it, at a real sshd.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "agent/ssh/guest_in_test.h"
#include "support/eventually.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// sshd of this machine on a port of its own, for one key of root's. It sees a /run of its own, where it wants a
// directory.
class Sshd {
public:
    Sshd(const std::string& folder, const std::string& public_key) {
        std::filesystem::create_directories(folder);
        output_of({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/host"},
                   .home = folder,
                   .directory = folder});
        write_file(folder + "/authorized", public_key);
        write_file(folder + "/config", "ListenAddress 127.0.0.1\nHostKey " + folder + "/host\nAuthorizedKeysFile " +
                                           folder +
                                           "/authorized\nPermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile "
                                           "none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
        for (int tries = 0; tries < 5 && port_ == 0; ++tries) start(folder);
    }
    int port() const { return port_; }
    std::string said() const { return daemon_->output(); }

private:
    // Somebody may take the port before it does.
    void start(const std::string& folder) {
        const int port = agent::testing::TakenPort().number();
        const std::string command =
            "mount -t tmpfs none /run && mkdir -m 0755 /run/sshd && exec /usr/sbin/sshd -D -e "
            "-f " +
            folder + "/config -p " + std::to_string(port);
        daemon_ = std::make_unique<Program>(
            ShortRun{.argv = {"unshare", "--mount", "sh", "-c", command}, .home = folder, .directory = folder},
            folder + "/said");
        eventually("sshd listens, or has ended",
                   [&] { return daemon_->ended() || said().find("Server listening") != std::string::npos; });
        if (!daemon_->ended()) port_ = port;
    }

    std::unique_ptr<Program> daemon_;
    int port_ = 0;
};

class SshKeys : public Story {
protected:
    void SetUp() override {
        if (!std::filesystem::exists("/usr/sbin/sshd") || !agent::testing::has_openssh())
            GTEST_SKIP() << "needs openssh-server and openssh-client";
        if (current_user().uid != 0) GTEST_SKIP() << "needs root: sshd lets others in as themselves only";
    }
    std::string gyre(std::vector<std::string> words, const std::string& input = "", int code = 0) {
        const Finished done = server().gyre(std::move(words), "", input);
        EXPECT_EQ(done.exit_code, code) << done.out << done.err;
        return done.out + done.err;
    }
    static std::string job(const std::string& steps) {
        return "version: 2.1\njobs:\n  deploy:\n    docker: [{image: debian:12}]\n    steps:\n" + steps +
               "workflows:\n  all:\n    jobs: [deploy]\n";
    }
};

TEST_F(SshKeys, let_a_job_log_in_where_the_project_may) {
    start();
    const std::string folder = directory() + "/keys";
    std::filesystem::create_directories(folder);
    output_of({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/id"},
               .home = folder,
               .directory = folder});
    const std::string key = read_file(folder + "/id");
    auto sshd = std::make_unique<Sshd>(directory() + "/sshd", read_file(folder + "/id.pub"));
    ASSERT_NE(sshd->port(), 0) << sshd->said();

    EXPECT_THAT(gyre({"keys", "list", "git/app"}), HasSubstr("no SSH keys"));
    EXPECT_THAT(gyre({"keys", "add", "git/app"}, read_file(folder + "/id.pub"), 2), HasSubstr("public part"));
    const std::string added = gyre({"keys", "add", "git/app", "--hostname", "127.0.0.1"}, key);
    const std::string fingerprint = added.substr(6, 47);
    EXPECT_THAT(gyre({"keys", "list", "git/app"}), HasSubstr(fingerprint));
    EXPECT_THAT(gyre({"audit"}), HasSubstr("project.ssh_key.create"));

    const std::string login = "      - run: |\n          ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -p " +
                              std::to_string(sshd->port()) + " root@127.0.0.1 'echo let in as $(id -un)'\n";
    config(job("      - add_ssh_keys: {fingerprints: [\"" + fingerprint + "\"]}\n" + login +
               "      - run: cat ~/.ssh/id_rsa_*\n"));
    const Pipeline pipeline = push("deploys");
    EXPECT_EQ(pipeline.wait().status(), "success") << pipeline.outputs("deploy") << sshd->said();
    const std::string output = pipeline.outputs("deploy");
    EXPECT_THAT(output, HasSubstr("let in as root"));
    EXPECT_THAT(output, Not(HasSubstr(key.substr(key.find('\n') + 1, 60)))) << "masked";

    config(job(login));
    EXPECT_EQ(push("without the step").wait().status(), "failed");
    gyre({"keys", "remove", "git/app", fingerprint});
    gyre({"keys", "remove", "git/app", fingerprint}, "", 3);
    config(job("      - add_ssh_keys: {fingerprints: [\"" + fingerprint + "\"]}\n"));
    const Pipeline removed = push("removed");
    EXPECT_EQ(removed.wait().status(), "failed");
    EXPECT_THAT(removed.outputs("deploy"), HasSubstr("No SSH key with the fingerprint " + fingerprint));
    sshd.reset();
    expect_nothing_left();
}

}  // namespace
}  // namespace gyre::test

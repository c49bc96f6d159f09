// Additional SSH keys: from the command that stores one to the job that logs in with it, at a real sshd.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "support/sshd.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class SshKeys : public Story {
protected:
    void SetUp() override {
        if (const std::string need = sshd_needs(); !need.empty()) GTEST_SKIP() << need;
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

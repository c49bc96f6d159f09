// Checkout keys: a project on a private remote over ssh, from `project add` to the job that fetches again, past a real
// sshd that gives the repository to keys it knows and nothing to others.

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

class CheckoutKeys : public Story {
protected:
    void SetUp() override {
        if (const std::string need = sshd_needs(); !need.empty()) GTEST_SKIP() << need;
    }
    void start_with_sshd(ServerSettings settings = {}) {
        start(std::move(settings));
        sshd_ = std::make_unique<Sshd>(directory() + "/sshd", "");
        ASSERT_NE(sshd_->port(), 0) << sshd_->said();
        remote_ = "ssh://root@127.0.0.1:" + std::to_string(sshd_->port()) + repository().bare();
    }
    Finished gyre(std::vector<std::string> words, const std::string& input = "") {
        return server().gyre(std::move(words), "", input);
    }
    std::string gyre_says(std::vector<std::string> words, const std::string& input = "") {
        const Finished done = gyre(std::move(words), input);
        EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
        return done.out + done.err;
    }
    // Reading the repository is all that the key may do there.
    void authorize(const std::vector<std::string>& public_lines) {
        std::string lines;
        for (const auto& line : public_lines)
            lines += "restrict,command=\"git-upload-pack '" + repository().bare() + "'\" " + line + "\n";
        sshd_->authorize(lines);
    }
    std::vector<json::value> keys() {
        const auto answer = server().get("/api/v2/project/git%2Fprivate/checkout-key");
        const auto& items = answer.at("items").as_array();
        return {items.begin(), items.end()};
    }
    std::string line(std::size_t number = 0) { return text_at(keys().at(number), "public-key"); }
    std::string fingerprint(std::size_t number = 0) { return text_at(keys().at(number), "fingerprint"); }
    Pipeline run() {
        const auto made = server().post("/api/v2/project/git%2Fprivate/pipeline");
        Pipeline pipeline(server(), text_at(made, "id"));
        pipeline.wait();
        return pipeline;
    }
    void expect_refused(const std::string& why = "the remote lets nobody in",
                        const std::string& advice = "gyre keys checkout list git/private") {
        const Finished done = gyre({"trigger", "git/private"});
        EXPECT_NE(done.exit_code, 0) << done.out;
        EXPECT_THAT(done.err, HasSubstr(why));
        EXPECT_THAT(done.err, HasSubstr(advice));
    }
    void commit(const std::string& steps) {
        config("version: 2.1\njobs:\n  build:\n    docker: [{image: debian:12}]\n    steps:\n      - checkout\n" +
               steps + "workflows:\n  all:\n    jobs: [build]\n");
        repository().push("of the private project");
    }
    std::unique_ptr<Sshd> sshd_;
    std::string remote_;
};

TEST_F(CheckoutKeys, read_a_private_remote_from_its_first_look_on) {
    start_with_sshd();
    const std::string added = gyre_says({"project", "add", "git/private", remote_});
    EXPECT_THAT(added, HasSubstr("its remote lets nobody in yet"));
    EXPECT_THAT(added, HasSubstr("ssh-ed25519 AAAA"));
    EXPECT_THAT(added, HasSubstr("gyre project refresh git/private"));
    EXPECT_THAT(added, HasSubstr(line()));
    expect_refused();
    const Finished early = gyre({"project", "refresh", "git/private"});
    EXPECT_NE(early.exit_code, 0);
    EXPECT_THAT(early.err, HasSubstr("the remote lets nobody in"));

    authorize({line()});
    EXPECT_THAT(gyre_says({"project", "refresh", "git/private"}), HasSubstr("its default branch is main"));
    commit(
        "      - run: git fetch origin && echo fetched-$(git rev-parse --abbrev-ref HEAD)\n"
        "      - run: stat -c %a ~/.ssh/id_rsa; cat ~/.ssh/id_rsa\n");
    const Pipeline pipeline = run();
    EXPECT_EQ(pipeline.status(), "success") << pipeline.outputs("build") << sshd_->said();
    EXPECT_THAT(pipeline.outputs("build"), HasSubstr("fetched-main"));
    EXPECT_THAT(pipeline.outputs("build"), HasSubstr("600\n"));
    EXPECT_THAT(pipeline.outputs("build"), Not(HasSubstr("b3BlbnNzaC1rZXktdjE"))) << "masked";
    EXPECT_TRUE(std::filesystem::is_empty(server().data() + "/git/keys")) << "no key lies about";
    EXPECT_THAT(gyre_says({"audit"}), HasSubstr("checkout-key.create"));
    sshd_.reset();
    expect_nothing_left(pipeline);
}

TEST_F(CheckoutKeys, are_rotated_and_removed) {
    start_with_sshd();
    gyre_says({"project", "add", "git/private", remote_, "--checkout-key"});
    const std::string first = fingerprint();
    const std::string first_line = line();
    authorize({first_line});
    gyre_says({"project", "refresh", "git/private"});
    commit("      - run: git ls-remote origin > /dev/null\n");
    EXPECT_EQ(run().status(), "success") << sshd_->said();

    EXPECT_THAT(gyre_says({"keys", "checkout", "add", "git/private", "--keep-preferred"}), HasSubstr("behind"));
    const std::string second = fingerprint(1);
    EXPECT_EQ(run().status(), "success") << "the old one still reads";
    gyre_says({"keys", "checkout", "prefer", "git/private", second});
    expect_refused();
    authorize({line()});
    EXPECT_EQ(fingerprint(), second);
    EXPECT_EQ(run().status(), "success") << sshd_->said();
    EXPECT_THAT(gyre_says({"keys", "checkout", "remove", "git/private", first}), HasSubstr("removed " + first));
    EXPECT_EQ(gyre({"keys", "checkout", "remove", "git/private", first}).exit_code, 3);
    EXPECT_EQ(run().status(), "success");
    EXPECT_EQ(gyre_says({"keys", "checkout", "show", "git/private", second}), line() + "\n");

    gyre_says({"keys", "checkout", "remove", "git/private", second});
    EXPECT_THAT(gyre_says({"keys", "checkout", "list", "git/private"}), HasSubstr("has no checkout keys"));
    expect_refused("host key is not known", "gyre keys checkout add git/private");
}

TEST_F(CheckoutKeys, may_be_given_and_a_wrong_address_is_still_told) {
    start_with_sshd();
    const std::string folder = directory() + "/own";
    std::filesystem::create_directories(folder);
    output_of({.argv = {"ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", folder + "/id"},
               .home = folder,
               .directory = folder});
    gyre_says({"project", "add", "git/private", remote_, "--checkout-key"});
    EXPECT_EQ(gyre({"keys", "checkout", "add", "git/private", "--given"}, read_file(folder + "/id.pub")).exit_code, 2);
    gyre_says({"keys", "checkout", "add", "git/private", "--given", "--type", "user-key"}, read_file(folder + "/id"));
    authorize({line()});
    EXPECT_THAT(gyre_says({"project", "refresh", "git/private"}), HasSubstr("its default branch is main"));

    for (const auto& wrong : {std::string("ssh://root@127.0.0.1:1/none.git"), directory() + "/none.git"}) {
        const Finished done = gyre({"project", "add", "git/wrong", wrong});
        EXPECT_EQ(done.exit_code, 2) << done.out;
        EXPECT_THAT(done.err, HasSubstr("the remote cannot be read"));
    }
    EXPECT_THAT(gyre_says({"project", "list"}), Not(HasSubstr("git/wrong")));
}

}  // namespace
}  // namespace gyre::test

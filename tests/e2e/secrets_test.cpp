// What a job may know: variables of projects and contexts, from the command that sets them to the job that has them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Secrets : public Story {
protected:
    std::string gyre(std::vector<std::string> words, const std::string& input = "", int code = 0) {
        const Finished done = server().gyre(std::move(words), "", input);
        EXPECT_EQ(done.exit_code, code) << done.out << done.err;
        return done.out + done.err;
    }
    static std::string job(const std::string& name, const std::string& command) {
        return "  " + name +
               ":\n    docker: [{image: debian:12}]\n    environment: {OF_JOB: job}\n    steps:\n"
               "      - run: |\n          " +
               command + "\n";
    }
    // Two jobs, the second after the first, which names contexts.
    static std::string two_jobs(const std::string& command, const std::string& contexts) {
        return "version: 2.1\njobs:\n" + job("deploy", command) +
               job("tell", "env | grep ^CIRCLE_OIDC_TOKEN || echo told") +
               "workflows:\n  all:\n    jobs:\n      - deploy: {context: " + contexts +
               "}\n      - tell: {requires: [deploy]}\n";
    }
    // The files beneath the server's directory that hold the text.
    std::vector<std::string> files_with(const std::string& text) {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(server().directory())) {
            if (!entry.is_regular_file()) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string bytes(std::istreambuf_iterator<char>(file), {});
            if (bytes.find(text) != std::string::npos) found.push_back(entry.path());
        }
        return found;
    }
    // What prints the digest of a variable: a value itself would be masked.
    static std::string digest_of(const std::string& variable) { return "printf %s \"$" + variable + "\" | sha256sum"; }
};

TEST_F(Secrets, reach_the_job_masked_and_are_written_nowhere) {
    start();
    EXPECT_THAT(gyre({"env", "list", "git/app"}), HasSubstr("no variables"));
    gyre({"env", "set", "git/app", "TOKEN"}, "project-hunter2\n");
    gyre({"env", "set", "git/app", "BOTH"}, "project-says-this");
    gyre({"env", "set", "git/app", "OF_JOB"}, "project-loses-here");
    gyre({"context", "create", "git", "one"});
    gyre({"context", "create", "git", "two"});
    gyre({"context", "set", "git", "one", "BOTH"}, "first-context");
    gyre({"context", "set", "git", "two", "BOTH"}, "second-context");
    EXPECT_THAT(gyre({"env", "list", "git/app"}), HasSubstr("xxxxter2"));
    EXPECT_THAT(gyre({"context", "show", "git", "two"}), HasSubstr("xxxxtext"));

    Gate gate;
    config(two_jobs("echo \"token $TOKEN\"; " + digest_of("TOKEN") + "; " + digest_of("BOTH") +
                        "; echo \"job has $OF_JOB\"; " + gate.command("deploy"),
                    "[one, two]"));
    const Pipeline pipeline = push("with secrets");
    gate.wait();
    EXPECT_THAT(files_with("project-hunter2"), testing::IsEmpty()) << "while the job runs";
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "success");
    const auto output = pipeline.outputs("deploy");
    EXPECT_THAT(output, HasSubstr("token ****"));
    EXPECT_THAT(output, HasSubstr(sha256_hex("project-hunter2")));
    EXPECT_THAT(output, HasSubstr(sha256_hex("second-context"))) << "the later context, and contexts before projects";
    EXPECT_THAT(output, HasSubstr("job has job"));
    EXPECT_THAT(files_with("project-hunter2"), testing::IsEmpty());
    EXPECT_THAT(gyre({"audit"}), HasSubstr("context.env_var.store"));
    gyre({"env", "unset", "git/app", "TOKEN"});
    gyre({"env", "unset", "git/app", "TOKEN"}, "", 3);
    expect_nothing_left();
}

// Each character apart: the token itself would be masked.
TEST_F(Secrets, jobs_with_a_context_hold_a_token_that_the_open_documents_explain) {
    start();
    config(two_jobs("echo \"masked $CIRCLE_OIDC_TOKEN_V2\"; printf %s \"$CIRCLE_OIDC_TOKEN_V2\" | sed 's/./& /g'",
                    "org-global"));
    const Pipeline pipeline = push("who am I");
    EXPECT_EQ(pipeline.wait().status(), "success");
    std::string output = pipeline.outputs("deploy");
    EXPECT_THAT(output, HasSubstr("masked ****"));
    std::erase(output, ' ');
    const auto begin = output.find("eyJ");  // {" in base64
    ASSERT_NE(begin, std::string::npos) << output;
    const std::string token = output.substr(begin, output.find_first_of("\r\n", begin) - begin);
    EXPECT_EQ(std::ranges::count(token, '.'), 2) << token;
    EXPECT_THAT(files_with(token), testing::IsEmpty());
    const std::string issuer = "/org/" + text_at(server().get("/api/v2/project/git/app"), "organization_id");
    const auto configuration = server().get(issuer + "/.well-known/openid-configuration");
    EXPECT_TRUE(text_at(configuration, "issuer").ends_with(issuer));
    EXPECT_THAT(json::serialize(server().get(issuer + "/.well-known/jwks-pub.json")), HasSubstr("ES256"));
    EXPECT_THAT(pipeline.outputs("tell"), Not(HasSubstr("CIRCLE_OIDC_TOKEN")));
    expect_nothing_left();
}

TEST_F(Secrets, a_job_whose_context_is_not_there_is_unauthorized_until_somebody_makes_it) {
    start();
    config(two_jobs("echo \"$NAME\" | rev", "deploy"));
    const Pipeline pipeline = push("too early");
    EXPECT_EQ(pipeline.wait().status(), "unauthorized");
    EXPECT_EQ(text_at(pipeline.job("deploy"), "status"), "unauthorized");
    EXPECT_EQ(text_at(pipeline.job("tell"), "status"), "not_run");
    EXPECT_THAT(gyre({"jobs", pipeline.workflow()}), HasSubstr("gyre context create git deploy"));

    gyre({"context", "create", "git", "deploy"});
    gyre({"context", "set", "git", "deploy", "NAME"}, "olleh");
    gyre({"rerun", pipeline.workflow(), "--from-failed"});
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_THAT(pipeline.outputs("deploy"), HasSubstr("hello"));

    gyre({"project", "add", "git/other", repository().bare(), "--no-poll"});
    gyre({"context", "allow", "git", "deploy", "git/other"});
    const Pipeline refused = push("restricted now");
    EXPECT_EQ(refused.wait().status(), "unauthorized");
    EXPECT_THAT(gyre({"jobs", refused.workflow()}), HasSubstr("restricted"));
    gyre({"context", "allow", "git", "deploy", "git/app"});
    gyre({"rerun", refused.workflow(), "--from-failed"});
    EXPECT_EQ(refused.wait().status(), "success");
    expect_nothing_left();
}

TEST_F(Secrets, stay_sealed_in_backups_and_a_restore_says_what_opens_them) {
    start();
    gyre({"env", "set", "git/app", "TOKEN"}, "project-hunter2");
    const std::string backups = server().directory() + "/backups";
    const std::string elsewhere = server().directory() + "/elsewhere";
    gyre({"backup", "create", backups, "--data-dir", server().data()});
    EXPECT_THAT(gyre({"restore", backups, "--data-dir", elsewhere}), HasSubstr("1 secrets are sealed"));
    EXPECT_THAT(files_with("project-hunter2"), testing::IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(elsewhere + "/secrets.key"));
}

TEST_F(Secrets, keys_are_changed_while_the_server_runs_and_a_server_without_them_says_so) {
    start();
    gyre({"env", "set", "git/app", "TOKEN"}, "project-hunter2");
    const std::string file = server().data() + "/secrets.key";
    EXPECT_THAT(gyre({"secrets", "add-key", file}), HasSubstr("gyre secrets rotate"));
    EXPECT_THAT(gyre({"secrets", "rotate"}), HasSubstr("sealed 1 secrets again"));
    EXPECT_THAT(gyre({"secrets", "rotate"}), HasSubstr("sealed 0 secrets again"));
    EXPECT_EQ(server().stop(), 0);
    std::filesystem::rename(file, file + ".away");
    EXPECT_THROW(server().start(), std::exception);
    EXPECT_THAT(server().output(), HasSubstr("secrets.key"));
    std::filesystem::rename(file + ".away", file);
    server().start();
    EXPECT_THAT(gyre({"env", "list", "git/app"}), HasSubstr("xxxxter2"));
}

}  // namespace
}  // namespace gyre::test

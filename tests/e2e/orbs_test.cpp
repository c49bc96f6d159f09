// The server's own orbs: published, used by pipelines, carried to another server, and missed.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/story.h"

namespace gyre::test {
namespace {

std::string greeting_orb(const std::string& greeting) {
    return "version: 2.1\n"
           "commands:\n"
           "  greet:\n"
           "    parameters: {who: {type: string}}\n"
           "    steps: [{run: echo \"" +
           greeting +
           " << parameters.who >>\"}]\n"
           "jobs:\n"
           "  hello:\n"
           "    docker: [{image: debian:12}]\n"
           "    resource_class: small\n"
           "    steps: [{greet: {who: you}}]\n";
}

std::string config_with(const std::string& version) {
    return "version: 2.1\norbs: {tools: acme/tools@" + version + "}\nworkflows: {main: {jobs: [tools/hello]}}\n";
}

class Orbs : public Story {
protected:
    Finished orb(std::vector<std::string> words, const std::string& input = "") {
        words.insert(words.begin(), "orb");
        return server().gyre(std::move(words), "", input);
    }
    void publish(const std::string& place, const std::string& text) {
        const Finished done = orb({"publish", "-", place}, text);
        ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
    }
    void expect_greeting(const std::string& version, const std::string& greeting) {
        config(config_with(version));
        EXPECT_EQ(push("use " + version).wait().status(), "success") << json::serialize(newest().facts());
        expect_job("tools/hello").printed(greeting);
    }
    std::string error() { return text_at(at(newest().facts(), "errors").as_array().at(0), "message"); }
};

TEST_F(Orbs, that_a_team_publishes_are_what_its_configs_import) {
    start();
    publish("acme/tools@1.0.0", greeting_orb("hello"));
    expect_greeting("1", "hello you");
    const std::string first = newest().workflow();

    publish("acme/tools@1.1.0", greeting_orb("welcome"));
    publish("acme/tools@2.0.0", greeting_orb("good day"));
    publish("acme/tools@dev:trial", greeting_orb("hi"));
    const std::string old = newest().id();
    server().post("/api/v2/workflow/" + first + "/rerun");
    EXPECT_EQ(newest().id(), old);
    EXPECT_EQ(newest().wait().status(), "success");
    expect_job("tools/hello").printed("hello you");

    expect_greeting("1", "welcome you");
    const std::string plan = text_at(server().get("/api/v2/pipeline/" + newest().id() + "/config"), "compiled");
    EXPECT_NE(plan.find(R"("asked":"1","version":"1.1.0")"), std::string::npos) << plan;
    expect_greeting("1.0.0", "hello you");
    expect_greeting("volatile", "good day");
    expect_greeting("dev:trial", "hi you");
    publish("acme/tools@dev:trial", greeting_orb("hey"));
    expect_greeting("dev:trial", "hey you");
}

TEST_F(Orbs, that_are_missing_are_told_with_what_to_do) {
    start();
    config(config_with("1"));
    push("too early");
    EXPECT_EQ(text_at(newest().facts(), "state"), "errored");
    EXPECT_NE(error().find("the server has no orb 'acme/tools'"), std::string::npos) << error();
    EXPECT_NE(error().find("gyre orb publish FILE acme/tools@VERSION, or gyre orb import BUNDLE"), std::string::npos);

    publish("acme/tools@1.0.0", greeting_orb("hello"));
    publish("acme/tools@1.1.0", greeting_orb("hello"));
    config(config_with("2"));
    push("too new");
    EXPECT_NE(error().find("no version '2' of acme/tools; it has 1.1.0 and 1.0.0"), std::string::npos) << error();

    const Finished told = orb({"info", "acme/tolls"});
    EXPECT_EQ(told.exit_code, 3);
    EXPECT_NE(told.err.find("did you mean 'acme/tools'?"), std::string::npos) << told.err;
    const Finished again = orb({"publish", "-", "acme/tools@1.0.0"}, greeting_orb("changed"));
    EXPECT_EQ(again.exit_code, 1) << again.err;
    EXPECT_NE(again.err.find("a version never changes"), std::string::npos) << again.err;
    const Finished wrong = orb({"publish", "-", "acme/tools@3.0.0"}, "version: 2.1\ncommands: {c: {steps: [x]}}\n");
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_NE(wrong.err.find("unknown-step"), std::string::npos) << wrong.err;
    EXPECT_EQ(orb({"source", "acme/tools"}).out, greeting_orb("hello"));
}

TEST_F(Orbs, go_to_another_server_in_one_file) {
    start();
    publish("acme/words@1.0.0", "version: 2.1\ncommands: {say: {steps: [{run: echo from afar}]}}\n");
    publish("acme/tools@1.0.0",
            "version: 2.1\norbs: {words: acme/words@1}\njobs:\n  hello:\n    docker: [{image: "
            "debian:12}]\n    resource_class: small\n    steps: [words/say]\n");
    publish("acme/other@1.0.0", "version: 2.1\n");
    const std::string bundle = directory() + "/orbs.bundle";
    const Finished written = orb({"export", "acme/tools", "-o", bundle});
    ASSERT_EQ(written.exit_code, 0) << written.err;
    EXPECT_EQ(orb({"import", bundle, "--dry-run"}).out, "acme/words@1.0.0\nacme/tools@1.0.0\n");

    Server far(make_directory_for(current_user()), {});
    far.start();
    const Finished imported = far.gyre({"orb", "import", bundle});
    EXPECT_EQ(imported.exit_code, 0) << imported.out << imported.err;
    EXPECT_NE(imported.out.find("2 of 2 orbs are on the server now"), std::string::npos) << imported.out;
    EXPECT_NE(far.gyre({"orb", "import", bundle}).out.find("already published"), std::string::npos);

    repository().write(".circleci/config.yml", config_with("volatile"));
    const Finished checked = far.gyre({"config", "validate", "--server-orbs"}, repository().copy());
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    const Finished alone = far.gyre({"config", "validate"}, repository().copy());
    EXPECT_EQ(alone.exit_code, 1) << "no server is asked unless it is said";
    const Finished bad = far.gyre({"orb", "import", "-"});
    EXPECT_NE(bad.exit_code, 0);
    std::filesystem::remove_all(far.directory());
}

}  // namespace
}  // namespace gyre::test

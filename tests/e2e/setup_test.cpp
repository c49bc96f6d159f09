// Pipelines that are told something: parameters given on the command line, and a config that a setup workflow hands
// over.

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/story.h"

namespace gyre::test {
namespace {

class Told : public Story {
protected:
    std::vector<std::string> names() {
        std::vector<std::string> all;
        for (const auto& workflow : newest().workflows()) all.push_back(text_at(workflow, "name"));
        return all;
    }
};

TEST_F(Told, by_parameters_whose_types_the_config_declares) {
    start();
    config(R"yml(version: 2.1
parameters:
  deploy: {type: boolean, default: false}
  release: {type: string, default: none}
  level: {type: integer, default: 1}
jobs:
  say:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: echo "release << pipeline.parameters.release >> level << pipeline.parameters.level >>"
      - run: echo "pipeline << pipeline.number >> of << pipeline.project.slug >> by << pipeline.trigger_source >>"
workflows:
  always: {jobs: [say]}
  deploy:
    when: << pipeline.parameters.deploy >>
    jobs: [say]
)yml");
    push("declare").wait();
    expect_job("say").succeeded().printed("release none level 1");
    expect_job("say").printed("pipeline 1 of git/app by webhook");
    const Finished told = server().gyre({"trigger", "--parameter", "deploy=true", "--parameter", "release=1.0",
                                         "--parameter", "level=3", "git/app", "--wait"});
    EXPECT_EQ(told.exit_code, 0) << told.out << told.err;
    EXPECT_EQ(names().size(), 2U);
    expect_job("say").printed("release 1.0 level 3");
    expect_job("say").printed("pipeline 2 of git/app by api");
    EXPECT_EQ(text_at(newest().facts(), "trigger_parameters.release"), "1.0");
    const Finished wrong = server().gyre({"trigger", "git/app", "--parameter", "colour=red", "--wait"});
    EXPECT_EQ(wrong.exit_code, 1) << wrong.out;
    EXPECT_EQ(text_at(newest().facts(), "state"), "errored");
    EXPECT_NE(json::serialize(newest().facts()).find("colour"), std::string::npos);
    const Finished listed = server().gyre({"pipelines", "git/app"});
    EXPECT_NE(listed.out.find("'colour'"), std::string::npos) << listed.out;
}

constexpr const char* next_config = R"yml(version: 2.1
parameters: {target: {type: string, default: none}}
jobs:
  build:
    docker: [{image: debian:12}]
    resource_class: small
    steps: [checkout, {run: "echo build << pipeline.parameters.target >> in pipeline << pipeline.number >>"}]
workflows: {main: {jobs: [build]}}
)yml";

TEST_F(Told, by_its_setup_workflow_which_config_to_run) {
    if (::access("/usr/bin/curl", X_OK) != 0) GTEST_SKIP() << "needs curl: the job hands over its config with it";
    start();
    const json::object body{
        {"continuation-key", "KEY"}, {"configuration", next_config}, {"parameters", {{"target", "docs"}}}};
    repository().write("body.json", json::serialize(body));
    repository().write("hand_over.sh", R"sh(
sed "s/KEY/$CIRCLE_CONTINUATION_KEY/" body.json |
    curl -sS --noproxy '*' -H 'Content-Type: application/json' --data-binary @- "$1/api/v2/pipeline/continue"
)sh");
    config(R"yml(version: 2.1
setup: true
jobs:
  choose:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - checkout
      - run: {name: Twice, command: "for again in 1 2; do sh hand_over.sh URL; done"}
      - run: {name: Other, command: "sed -i s/docs/else/ body.json; sh hand_over.sh URL"}
      - run: {name: Show, command: 'echo "the key is $CIRCLE_CONTINUATION_KEY."'}
workflows: {setup: {jobs: [choose]}}
)yml");
    std::string text = read_file(repository().copy() + "/.circleci/config.yml");
    for (auto place = text.find("URL"); place != std::string::npos; place = text.find("URL"))
        text.replace(place, 3, server().url());
    config(text);
    push("decide later").wait();
    EXPECT_EQ(names(), (std::vector<std::string>{"setup", "main"}));
    expect_job("build").succeeded().printed("build docs in pipeline 1");
    EXPECT_EQ(text_at(newest().facts(), "state"), "created");
    const auto config_now = server().get("/api/v2/pipeline/" + newest().id() + "/config");
    EXPECT_EQ(text_at(config_now, "source"), next_config);
    EXPECT_NE(text_at(config_now, "setup-config").find("setup: true"), std::string::npos);
    const auto setup = server().get("/api/v2/workflow/" + text_at(newest().workflows().front(), "id") + "/job");
    EXPECT_EQ(text_at(at(setup, "items").as_array().at(0), "status"), "success");
    const auto number = std::to_string(number_at(at(setup, "items").as_array().at(0), "job_number"));
    const Finished log = server().gyre({"logs", "git/app", number});
    EXPECT_NE(log.out.find("The pipeline continues."), std::string::npos) << log.out;
    EXPECT_NE(log.out.find("another config was handed over"), std::string::npos) << log.out;
    EXPECT_NE(log.out.find("the key is ****."), std::string::npos) << log.out;
}

}  // namespace
}  // namespace gyre::test

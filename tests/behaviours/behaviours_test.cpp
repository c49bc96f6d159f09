// The table of docs/agent-behaviours.md, seen with the real programs: each theme's config is pushed and runs under each
// executor that this machine has, and each of its jobs must end as the theme says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "behaviours/theme.h"
#include "support/engines.h"
#include "support/eventually.h"
#include "support/leftovers.h"
#include "support/machine_image.h"
#include "support/oci_image.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr std::chrono::seconds patience{280};  // many jobs, perhaps on a machine with other work

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

std::string hexadecimal(const std::string& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

const MachineImage image{
    .name = "gyre/behaviours",
    .programs = {"base64", "bash",  "cat",  "chmod", "cut",    "echo", "find",     "git",  "grep", "head",
                 "id",     "ln",    "ls",   "mkdir", "mktemp", "od",   "readlink", "rm",   "sed",  "seq",
                 "sh",     "sleep", "sort", "tee",   "touch",  "tr",   "wc",       "xargs"}};

// A step of a job's last attempt in one of its tasks.
struct SeenStep {
    json::value record;
    std::string output;
};

class Behaviours : public Story, public testing::WithParamInterface<std::tuple<std::string, std::string>> {
protected:
    void SetUp() override {
        executor_ = std::get<0>(GetParam());
        theme_ = read_theme(std::get<1>(GetParam()));
        if (executor_ == "sandbox") {
            if (const Finished bwrap =
                    run_as({.argv = {"sh", "-c", "command -v bwrap"}, .home = "/", .directory = "/"});
                bwrap.exit_code != 0)
                GTEST_SKIP() << "needs bwrap: apt-get install bubblewrap";
        } else if (const std::string need = executor_ == "oci" ? oci_need() : engines_need(); !need.empty()) {
            GTEST_SKIP() << need;
        }
        if (executor_ == "oci") start_registry_with_image();
        if (executor_ == "docker" || executor_ == "podman") start_engine();
        if (HasFatalFailure()) return;
        // Jobs do little but wait here: room for several at once on any machine.
        ServerSettings settings{.flags = {"--cpus", "6", "--memory-mb", "16000"}, .sandbox = "off"};
        settings.flags.insert(settings.flags.end(), theme_.server.begin(), theme_.server.end());
        if (engine_) settings.docker_socket = engine_->running->socket();
        if (executor_ == "oci") settings.docker_socket = "none";
        if (executor_ == "sandbox") settings.sandbox = "host";
        start(std::move(settings));
    }

    void start_engine() {
        auto engine = start_private_engine(executor_);
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto imported = import_machine_image(*engine_->running, engine_->files.path(), image);
        ASSERT_TRUE(imported) << imported.error().message;
    }

    // The server, its agents and this test stand in the registry's network from here on.
    void start_registry_with_image() {
        files_ = std::make_unique<PrivateDirectory>();
        network_ = std::make_unique<PrivateNetwork>();
        const auto entered = enter_network(*network_);
        ASSERT_TRUE(entered) << entered.error().message;
        auto registry = start_registry(*network_, files_->make("registry"));
        ASSERT_TRUE(registry) << registry.error().message;
        registry_ = std::move(*registry);
        const auto root = machine_root(files_->make("image"), image);
        ASSERT_TRUE(root) << root.error().message;
        const auto published = publish_oci(registry_, files_->make("publish"), {.name = image.name, .root = *root});
        ASSERT_TRUE(published) << published.error().message;
        const std::string there = registry_.address + "/" + image.name + ":1";
        const std::string login = "auth: {username: " + registry_.username + ", password: " + registry_.password + "}";
        theme_.config =
            replaced(theme_.config, "{image: \"" + image.name + ":1\"}", "{image: \"" + there + "\", " + login + "}");
        theme_.config = replaced(theme_.config, "      - image: " + image.name + ":1\n",
                                 "      - image: " + there + "\n        " + login + "\n");
    }

    void push_theme() {
        for (const auto& command : theme_.prepare)
            output_of({.argv = {"bash", "-ec", command}, .home = directory(), .directory = repository().copy()});
        for (const auto& [hostname, key] : theme_.ssh_keys)
            server().post("/api/v2/gyre/project/git/app/ssh-key",
                          json::object{{"hostname", hostname}, {"private_key", key}});
        config(theme_.config);
        for (int time = 1; time < theme_.pushes; ++time) {
            push(theme_.name);
            wait_and_cancel();
        }
        if (theme_.tag.empty()) {
            push(theme_.name);
        } else {
            repository().commit(theme_.name);
            repository().git({"tag", theme_.tag});
            repository().git({"push", "--quiet", "origin", theme_.tag});
        }
        wait_and_cancel();
        if (theme_.rerun.empty()) return;
        server().post("/api/v2/workflow/" + newest().workflow() + "/rerun", *parse_json(theme_.rerun));
        wait_and_cancel();
    }

    void wait_and_cancel() {
        std::set<std::string> canceled;
        eventually(
            "all jobs are over",
            [&] {
                for (const auto& [name, expected] : theme_.jobs) {
                    if (expected.cancel_when_it_prints.empty() || canceled.contains(name)) continue;
                    if (newest().outputs(name).find(expected.cancel_when_it_prints) == std::string::npos) continue;
                    server().post("/api/v2/project/git/app/job/" + number_of(name) + "/cancel");
                    canceled.insert(name);
                }
                const std::string status = newest().status();
                return !status.empty() && status != "running" && status != "failing";
            },
            patience);
    }

    std::string number_of(const std::string& job) { return std::to_string(number_at(newest().job(job), "job_number")); }
    std::vector<json::value> items_of(const std::string& job, const std::string& kind) {
        const auto answer = server().get("/api/v2/project/git/app/" + number_of(job) + "/" + kind);
        const auto list = at(answer, "items");
        return {list.as_array().begin(), list.as_array().end()};
    }

    void look_at(const std::string& name, const Expected& expected);
    void look_at_steps(const std::string& name, const Expected& expected);
    void look_at_reports(const std::string& name, const Expected& expected);
    SeenStep step_of(const std::string& job, const std::string& name);

    std::string executor_;
    Theme theme_;
    std::unique_ptr<PrivateEngine> engine_;
    std::unique_ptr<PrivateDirectory> files_;
    std::unique_ptr<PrivateNetwork> network_;
    RunningRegistry registry_;
};

SeenStep Behaviours::step_of(const std::string& job, const std::string& name) {
    const auto attempts = newest().attempts(job);
    if (attempts.empty()) return {};
    const auto steps = at(attempts.back(), "steps");
    for (const auto& step : steps.as_array()) {
        if (text_at(step, "name") != name) continue;
        const auto answer = server().call({.target = "/api/v2/gyre/output/" + text_at(attempts.back(), "id") + "/" +
                                                     std::to_string(number_at(step, "index"))});
        return {step, answer.ok() ? answer.body : ""};
    }
    return {};
}

void Behaviours::look_at_steps(const std::string& name, const Expected& expected) {
    auto outputs = expected.output;
    if (const auto here = expected.output_on.find(executor_); here != expected.output_on.end())
        outputs.insert(here->second.begin(), here->second.end());
    for (const auto& [step, status] : expected.steps)
        EXPECT_EQ(text_at(step_of(name, step).record, "status"), status) << step;
    for (const auto& [step, text] : outputs) EXPECT_EQ(step_of(name, step).output, text) << step;
    for (const auto& [step, bytes] : expected.bytes) EXPECT_EQ(hexadecimal(step_of(name, step).output), bytes) << step;
    for (const auto& [step, size] : expected.sizes)
        EXPECT_EQ(static_cast<std::int64_t>(step_of(name, step).output.size()), size) << step;
    for (const auto& [step, code] : expected.codes)
        EXPECT_EQ(json::serialize(at(step_of(name, step).record, "exit_code")), std::to_string(code)) << step;
}

void Behaviours::look_at_reports(const std::string& name, const Expected& expected) {
    if (expected.artifacts) {
        std::vector<std::string> paths;
        for (const auto& one : items_of(name, "artifacts")) paths.push_back(text_at(one, "path"));
        std::sort(paths.begin(), paths.end());
        EXPECT_EQ(paths, *expected.artifacts);
    }
    if (expected.tests) {
        std::vector<std::string> tests;
        for (const auto& one : items_of(name, "tests"))
            tests.push_back(text_at(one, "classname") + "." + text_at(one, "name") + " " + text_at(one, "result"));
        EXPECT_EQ(tests, *expected.tests);
    }
}

void Behaviours::look_at(const std::string& name, const Expected& expected) {
    SCOPED_TRACE(theme_.name + ": " + name + " under " + executor_);
    const auto job = newest().job(name);
    EXPECT_EQ(text_at(job, "status"), expected.ends) << json::serialize(job);
    const std::string text = newest().outputs(name);
    const std::string revision = text_at(newest().facts(), "vcs.revision");
    for (const auto& part : expected.prints)
        EXPECT_THAT(text,
                    testing::HasSubstr(replaced(replaced(part, "{number}", number_of(name)), "{revision}", revision)));
    for (const auto& part : expected.never) EXPECT_THAT(text, testing::Not(testing::HasSubstr(part)));
    look_at_steps(name, expected);
    look_at_reports(name, expected);
}

TEST_P(Behaviours, are_as_the_language_says) {
    if (IsSkipped()) return;
    push_theme();
    std::set<std::string> ran;
    for (const auto& job : newest().jobs()) ran.insert(text_at(job, "name"));
    for (const auto& [name, expected] : theme_.jobs) {
        EXPECT_EQ(ran.erase(name), 1U) << name << " is no job of " << theme_.name << ".yml";
        look_at(name, expected);
    }
    EXPECT_THAT(ran, testing::IsEmpty()) << "nothing is expected of these jobs in " << theme_.name << ".json";
}

INSTANTIATE_TEST_SUITE_P(Themes, Behaviours,
                         testing::Combine(testing::Values<std::string>("docker", "podman", "oci", "sandbox"),
                                          testing::ValuesIn(theme_names())),
                         [](const auto& one) {
                             return std::get<0>(one.param) + "_" + replaced(std::get<1>(one.param), "-", "_");
                         });

}  // namespace
}  // namespace gyre::test

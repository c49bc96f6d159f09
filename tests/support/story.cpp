#include "support/story.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "support/eventually.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

constexpr const char* slug = "git/app";

std::vector<json::value> array_at(const json::value& value, std::string_view path) {
    const auto found = at(value, path);
    if (!found.is_array()) return {};
    return {found.get_array().begin(), found.get_array().end()};
}

std::vector<json::value> items(const json::value& answer) { return array_at(answer, "items"); }

bool is_over(const std::string& status) {
    return !status.empty() && status != "running" && status != "failing" && status != "on_hold";
}

}  // namespace

std::string make_directory_for(const User& user) {
    char pattern[] = "/tmp/gyre-test.XXXXXX";
    if (::mkdtemp(pattern) == nullptr || ::chown(pattern, user.uid, user.gid) != 0)
        throw std::runtime_error("cannot make a directory below /tmp");
    return pattern;
}

json::value Pipeline::facts() const { return server_->get("/api/v2/pipeline/" + id_); }

std::string Pipeline::project() const { return text_at(facts(), "project_slug"); }

std::vector<json::value> Pipeline::workflows() const {
    return items(server_->get("/api/v2/pipeline/" + id_ + "/workflow"));
}

std::string Pipeline::workflow() const {
    const auto all = workflows();
    if (all.empty()) return "";
    const auto newest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return text_at(a, "created_at") < text_at(b, "created_at");
    });
    return text_at(*newest, "id");
}

std::string Pipeline::status() const {
    const std::string id = workflow();
    return id.empty() ? "" : text_at(server_->get("/api/v2/workflow/" + id), "status");
}

const Pipeline& Pipeline::wait() const {
    eventually("pipeline " + id_ + " is over", [&] {
        const auto all = workflows();
        return !all.empty() &&
               std::all_of(all.begin(), all.end(), [](const auto& one) { return is_over(text_at(one, "status")); });
    });
    return *this;
}

std::vector<json::value> Pipeline::jobs() const {
    return items(server_->get("/api/v2/workflow/" + workflow() + "/job"));
}

json::value Pipeline::job(const std::string& name) const {
    for (const auto& job : jobs()) {
        if (text_at(job, "name") == name) return job;
    }
    return nullptr;
}

void Pipeline::wait_for(const std::string& name, const std::string& status) const {
    eventually("job " + name + " is " + status, [&] { return text_at(job(name), "status") == status; });
}

json::value Pipeline::build(const std::string& name) const {
    const auto number = number_at(job(name), "job_number");
    return server_->get("/api/v1.1/project/" + project() + "/" + std::to_string(number));
}

json::value Pipeline::tasks(const std::string& name) const {
    const auto number = number_at(job(name), "job_number");
    if (number == 0) return nullptr;
    return at(server_->get("/api/v2/gyre/project/" + project() + "/job/" + std::to_string(number) + "/tasks"), "tasks");
}

std::vector<json::value> Pipeline::attempts(const std::string& name, int task) const {
    const auto all = tasks(name);
    for (const auto& one : all.is_array() ? all.get_array() : json::array{}) {
        if (number_at(one, "index") == task) return array_at(one, "attempts");
    }
    return {};
}

std::string Pipeline::stored(const json::value& attempt, std::string_view step) const {
    std::string text;
    for (const auto& one : array_at(attempt, "steps")) {
        if (!text_at(one, "name").starts_with(step)) continue;
        const auto answer = server_->call({.target = "/api/v2/gyre/output/" + text_at(attempt, "id") + "/" +
                                                     std::to_string(number_at(one, "index"))});
        if (answer.ok()) text += answer.body;
    }
    return text;
}

std::string Pipeline::output(const std::string& name, const std::string& step, int task) const {
    const auto all = attempts(name, task);
    return all.empty() ? "" : stored(all.back(), step);
}

std::string Pipeline::outputs(const std::string& name) const {
    std::string text;
    const auto all = tasks(name);
    for (const auto& task : all.is_array() ? all.get_array() : json::array{}) {
        const auto attempts_of = array_at(task, "attempts");
        if (!attempts_of.empty()) text += stored(attempts_of.back(), "");
    }
    return text;
}

const JobExpectation& JobExpectation::is(const std::string& status) const {
    const auto job = pipeline_.job(job_);
    EXPECT_EQ(text_at(job, "status"), status) << "job " << job_ << ": " << json::serialize(job) << "\n"
                                              << (job.is_null() ? "" : pipeline_.outputs(job_));
    return *this;
}

const JobExpectation& JobExpectation::printed(const std::string& text) const {
    const std::string output = pipeline_.outputs(job_);
    EXPECT_NE(output.find(text), std::string::npos) << "job " << job_ << " did not print '" << text << "' but:\n"
                                                    << output.substr(0, 10'000);
    return *this;
}

Story::~Story() {
    server_.reset();
    if (directory_.empty()) return;
    kill_descendants();
    if (HasFailure()) {
        std::fprintf(stderr, "what the test left is in %s\n", directory_.c_str());
        return;
    }
    std::error_code failed;
    std::filesystem::remove_all(directory_, failed);
}

void Story::start(ServerSettings settings) {
    adopt_orphans();
    directory_ = make_directory_for(settings.user);
    repository_ = std::make_unique<Repository>(directory_, settings.user);
    server_ = std::make_unique<Server>(directory_, std::move(settings));
    server_->start();
    const auto expect_done = [](const Finished& finished) {
        if (finished.exit_code != 0) throw std::runtime_error(finished.out + finished.err);
    };
    expect_done(server_->gyre({"project", "add", slug, repository_->bare(), "--no-poll"}));
    expect_done(server_->gyre({"project", "hook", slug, repository_->bare()}));
}

void Story::start_as_ordinary_user() {
    const std::string missing = ordinary_user_needs();
    if (!missing.empty()) GTEST_SKIP() << missing;
    start({.user = ordinary_user()});
}

void Story::config(const std::string& text) { repository_->write(".circleci/config.yml", text); }

Pipeline Story::push(const std::string& message, const std::string& branch) {
    const std::string revision = repository_->push(message, branch);
    const Pipeline made = newest();
    if (text_at(made.facts(), "vcs.revision") != revision)
        throw std::runtime_error("the push made no pipeline: " + repository_->said() + server_->output());
    return made;
}

Pipeline Story::newest() {
    const auto all = items(server_->get("/api/v2/project/" + std::string(slug) + "/pipeline"));
    if (all.empty()) throw std::runtime_error("there is no pipeline; the push said: " + repository_->said());
    return Pipeline(*server_, text_at(all.front(), "id"));
}

std::vector<std::string> Story::left_of_jobs(const Pipeline& pipeline) {
    auto left = mounts_below(directory_);
    for (const auto& job : pipeline.jobs()) {
        const std::string id = text_at(job, "id");
        for (const auto& group : cgroups_named(id)) left.push_back(group);
        for (const auto& file : files_named(server_->data() + "/agents", id)) left.push_back(file);
    }
    return left;
}

void Story::expect_nothing_left(const Pipeline& pipeline) {
    eventually("all agents with a job end", [&] {
        const auto running = descendants(server_->process());
        return std::none_of(running.begin(), running.end(), [](const auto& process) {
            return process.program != "gyre" && process.program != "gyre-nursery" && process.program != "gyre-agent";
        });
    });
    eventually("what an agent left is swept up", [&] { return left_of_jobs(pipeline).empty(); });
}

}  // namespace gyre::test

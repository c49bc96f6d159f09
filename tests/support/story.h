#pragma once

// A fixture whose verbs read like a team's day: a server with one project, git/app, whose pushes start pipelines.
//
//   start();
//   config(R"(version: 2 ...)");
//   push("first").wait();
//   expect_job("build").succeeded();

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/repository.h"
#include "support/server.h"

namespace gyre::test {

// One pipeline, seen through REST v2 and v1.1.
class Pipeline {
public:
    Pipeline(const Server& server, std::string id) : server_(&server), id_(std::move(id)) {}

    const std::string& id() const { return id_; }
    json::value facts() const;  // the pipeline object
    std::vector<json::value> workflows() const;
    std::string workflow() const;                    // id of the newest one
    std::string status() const;                      // of the newest workflow; "" while there is none
    const Pipeline& wait() const;                    // until every workflow is over
    std::vector<json::value> jobs() const;           // of the newest workflow
    json::value job(const std::string& name) const;  // of the newest workflow; null when it is not there
    void wait_for(const std::string& job, const std::string& status) const;
    json::value build(const std::string& job) const;                                // v1.1 build detail
    std::vector<json::value> attempts(const std::string& job, int task = 0) const;  // in order
    // Stored output of the last attempt's step whose name begins with `step`.
    std::string output(const std::string& job, const std::string& step, int task = 0) const;
    std::string outputs(const std::string& job) const;  // of all steps of the last attempts, in order

private:
    std::string project() const;  // its slug
    json::value tasks(const std::string& job) const;
    std::string stored(const json::value& attempt, std::string_view step) const;

    const Server* server_;
    std::string id_;
};

class JobExpectation {
public:
    JobExpectation(const Pipeline& pipeline, std::string job) : pipeline_(pipeline), job_(std::move(job)) {}
    const JobExpectation& is(const std::string& status) const;
    const JobExpectation& succeeded() const { return is("success"); }
    const JobExpectation& failed() const { return is("failed"); }
    const JobExpectation& printed(const std::string& text) const;  // in any step

private:
    Pipeline pipeline_;
    std::string job_;
};

class Story : public testing::Test {
protected:
    ~Story() override;

    // Makes the user's directory, starts the server, adds the project, installs the hook. Call it once.
    void start(ServerSettings settings = {});
    void start_as_ordinary_user();  // skips the test where that cannot be

    void config(const std::string& text);  // .circleci/config.yml
    Pipeline push(const std::string& message, const std::string& branch = "main");
    Pipeline newest();  // of the project
    JobExpectation expect_job(const std::string& name) { return JobExpectation(newest(), name); }
    // Nothing of the pipeline's jobs (default: the newest's) stays: processes, mounts, cgroups, directories.
    void expect_nothing_left() { expect_nothing_left(newest()); }
    void expect_nothing_left(const Pipeline& pipeline);

    Server& server() { return *server_; }
    Repository& repository() { return *repository_; }
    const std::string& directory() const { return directory_; }

private:
    std::vector<std::string> left_of_jobs(const Pipeline& pipeline);

    std::string directory_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<Repository> repository_;
};

// A directory of its own below /tmp, which `user` owns.
std::string make_directory_for(const User& user);

}  // namespace gyre::test

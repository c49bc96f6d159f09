#pragma once

// Three servers on one PostgreSQL and one directory of objects, each with a machine's worth of agents.

#include <memory>
#include <string>
#include <vector>

#include "ports/contract/postgres_server.h"
#include "support/story.h"

namespace gyre::test {

class SeveralServersStory : public Story {
protected:
    static constexpr int count = 3;
    ~SeveralServersStory() override;

    // Skips the test where there is no PostgreSQL. `flags` are for each server, beside those that make them several.
    void start_all(const std::vector<std::string>& flags = {});
    Server& at_work(int number) { return number == 0 ? server() : *others_.at(static_cast<std::size_t>(number - 1)); }

    std::string objects() const { return directories_.front() + "/objects"; }

    // On branch main: `build`, which runs the command, then two copies of `test`.
    void commit_config(const std::string& command);
    // Of a branch (none: the default one), asked for at that server.
    Pipeline trigger(int at, const std::string& branch = "");
    // Each task of each job of it has one attempt that succeeded, and no more than `most` in all.
    void expect_green_once(const Pipeline& pipeline, std::size_t most);

private:
    ServerSettings settings_of(int number, const std::vector<std::string>& flags);

    std::unique_ptr<contract::PostgresServer> postgres_;
    std::string database_;
    std::vector<std::string> directories_;  // of the objects, and of all servers but the first
    std::vector<std::unique_ptr<Server>> others_;
};

}  // namespace gyre::test

#pragma once

// A bare git repository and a working copy of it, as a team would have them.

#include <string>

#include "support/program.h"

namespace gyre::test {

class Repository {
public:
    // Below `directory`, which belongs to `user`.
    Repository(const std::string& directory, User user);

    const std::string& bare() const { return bare_; }
    const std::string& copy() const { return copy_; }

    void write(const std::string& path, const std::string& text);
    // Commits all that is in the working copy. Answers the revision.
    std::string commit(const std::string& message);
    // Commits and pushes; answers the revision. What the remote said is in said().
    std::string push(const std::string& message, const std::string& branch = "main");
    const std::string& said() const { return said_; }
    std::string git(std::vector<std::string> words);  // in the working copy; what it printed

private:
    std::string home_;
    std::string bare_;
    std::string copy_;
    std::string said_;
    User user_;
};

}  // namespace gyre::test

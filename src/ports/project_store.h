#pragma once

// Projects and the tokens that open the API. Thread-safe. A token is stored as the SHA-256 of its text only.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/project.h"

namespace gyre {

class ProjectStore {
public:
    virtual ~ProjectStore() = default;
    virtual Result<void> add(const Project& project) = 0;  // conflict: the slug is taken
    virtual Result<void> update(const Project& project) = 0;
    virtual Result<Project> by_slug(const std::string& slug) = 0;
    virtual Result<Project> by_id(const ProjectId& id) = 0;
    virtual Result<std::vector<Project>> all() = 0;  // by slug
    // The revision last seen at a ref of the project's remote ("refs/heads/main"); empty when never seen.
    virtual Result<std::string> seen_revision(const ProjectId& project, const std::string& ref) = 0;
    virtual Result<void> set_seen_revision(const ProjectId& project, const std::string& ref,
                                           const std::string& revision) = 0;
};

struct Token {
    std::string label;
    std::string login;  // whose name stands at what is done with it
    Timestamp created_at{};
};

class TokenStore {
public:
    virtual ~TokenStore() = default;
    virtual Result<void> add(const std::string& sha256_hex, const Token& token) = 0;
    virtual Result<std::optional<Token>> find(const std::string& sha256_hex) = 0;
    virtual Result<bool> empty() = 0;
};

}  // namespace gyre

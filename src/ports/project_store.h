#pragma once

// Projects and the tokens that open the API. Thread-safe. A token is stored as the SHA-256 of its text only.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/project.h"

namespace gyre {

// What is not named stays as it is: who changes one thing does not undo what another changed meanwhile.
struct ProjectChange {
    std::optional<std::string> slug;
    std::optional<std::string> remote;
    std::optional<std::string> default_branch;
    std::optional<bool> poll;
    std::optional<bool> auto_cancel;
};

class ProjectStore {
public:
    virtual ~ProjectStore() = default;
    virtual Result<void> add(const Project& project) = 0;  // conflict: the slug is taken
    // The same, with where the refs of its remote stand (ports/push_store.h), in one transaction.
    virtual Result<void> add_with_refs(const Project& project, const std::map<std::string, std::string>& refs) = 0;
    // Answers the project as it is then. Errors: not_found, conflict (the slug is taken).
    virtual Result<Project> change(const ProjectId& id, const ProjectChange& change) = 0;
    virtual Result<Project> by_slug(const std::string& slug) = 0;
    virtual Result<Project> by_id(const ProjectId& id) = 0;
    virtual Result<std::vector<Project>> all() = 0;  // by slug
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
    // The one token of a project that can announce its pushes and nothing else: a new one ends the one before.
    virtual Result<void> set_hook_token(const ProjectId& project, const std::string& sha256_hex, Timestamp at) = 0;
    virtual Result<void> end_hook_token(const ProjectId& project) = 0;
    virtual Result<std::string> hook_token(const ProjectId& project) = 0;  // its hash; empty: there is none
};

}  // namespace gyre

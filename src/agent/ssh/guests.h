#pragma once

// Who may come in at the moment. Thread-safe.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "wire/ssh_access.h"

namespace gyre::agent {

class Guests {
public:
    void set(const std::vector<wire::SshGuest>& guests) {
        std::map<std::string, std::string> logins;
        for (const auto& guest : guests) {
            for (const auto& key : guest.keys) logins.emplace(key.substr(key.find(' ') + 1), guest.login);
        }
        *logins_.lock() = std::move(logins);
    }
    // Whose key it is, given as base64.
    std::optional<std::string> login_of(const std::string& key) {
        const auto logins = logins_.lock();
        const auto found = logins->find(key);
        return found == logins->end() ? std::nullopt : std::optional(found->second);
    }

private:
    Guarded<std::map<std::string, std::string>> logins_;  // by key
};

}  // namespace gyre::agent

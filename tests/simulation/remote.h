#pragma once

// The git remotes of the simulated projects: what config stands at which revision. May be out of reach.

#include <map>
#include <string>

#include "ports/git_remote.h"

namespace gyre::simulation {

class Remote final : public GitRemote {
public:
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote& remote) override {
        if (away) return unavailable("git ls-remote: no route to host");
        return refs[remote.url];
    }
    Result<CommitFiles> read_config(const ProjectRemote&, const std::string&, const std::string& revision) override {
        if (away) return unavailable("git fetch: no route to host");
        const auto found = configs.find(revision);
        if (found == configs.end()) return not_found("there is no commit " + revision);
        return CommitFiles{.commit = {.subject = "Subject"}, .config = found->second};
    }

    bool away = false;
    std::map<std::string, std::string> configs;                           // by revision
    std::map<std::string, std::map<std::string, std::string>> refs = {};  // of each remote
};

}  // namespace gyre::simulation

#pragma once

// GitRemote by the git executable. Keeps one bare repository a remote beneath `directory`, into which commits are
// fetched to read their config (made anew when it is damaged); calls for the same remote wait for one another. Where a
// project has a checkout key, its remote over ssh is read with that alone, into a repository of its own: what a key
// opened nobody reads without. The key lies in a file of `directory`/keys while git runs; what else lies there goes at
// the start. `directory`/seen_hosts keeps the keys of hosts. Thread-safe.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/git/git_command.h"
#include "base/guarded.h"
#include "base/private_file.h"
#include "ports/git_remote.h"

namespace gyre::adapters {

class GitExecutable final : public GitRemote {
public:
    // The private key of a project, as ssh reads it; nothing: it has none. Asked for remotes over ssh alone.
    using KeySource = std::function<Result<std::optional<std::string>>(const ProjectId& project)>;

    explicit GitExecutable(std::string directory, KeySource keys = nullptr);
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote& remote) override;
    Result<CommitFiles> read_config(const ProjectRemote& remote, const std::string& ref,
                                    const std::string& revision) override;

private:
    // How a remote is reached, for as long as this lives.
    struct Way {
        Access access;
        std::string mirror;  // path
        std::optional<FleetingFile> key = std::nullopt;
    };
    Result<Way> way_to(const ProjectRemote& remote) const;
    Result<void> show_key(Way& way, const ProjectRemote& remote, const Result<std::string>& forges) const;
    Result<std::string> known_forges() const;
    Result<CommitFiles> read_from_mirror(const Way& way, const std::string& ref, const std::string& revision);
    Result<void> make_mirror(const Way& way) const;
    static Result<void> fetch(const Way& way, const std::string& ref);
    std::shared_ptr<std::mutex> lock_of(const std::string& mirror);

    std::string directory_;
    KeySource keys_;
    Guarded<std::map<std::string, std::shared_ptr<std::mutex>>> locks_;
};

}  // namespace gyre::adapters

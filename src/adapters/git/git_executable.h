#pragma once

// GitRemote by the git executable. Keeps one bare repository a remote beneath `directory`, into which commits are
// fetched to read their config (made anew when it is damaged); calls for the same remote wait for one another.
// Thread-safe.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/guarded.h"
#include "ports/git_remote.h"

namespace gyre::adapters {

class GitExecutable final : public GitRemote {
public:
    explicit GitExecutable(std::string directory);
    Result<std::map<std::string, std::string>> list_refs(const std::string& remote) override;
    Result<CommitFiles> read_config(const std::string& remote, const std::string& ref,
                                    const std::string& revision) override;

private:
    std::string mirror_path(const std::string& remote) const;
    Result<CommitFiles> read_from_mirror(const std::string& remote, const std::string& ref,
                                         const std::string& revision);
    Result<std::string> mirror_of(const std::string& remote);
    Result<void> fetch(const std::string& mirror, const std::string& remote, const std::string& ref);
    std::shared_ptr<std::mutex> lock_of(const std::string& remote);

    std::string directory_;
    Guarded<std::map<std::string, std::shared_ptr<std::mutex>>> locks_;
};

}  // namespace gyre::adapters

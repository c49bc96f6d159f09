#include "support/repository.h"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace gyre::test {
namespace {

std::string without_end_of_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

Repository::Repository(const std::string& directory, User user)
    : home_(directory), bare_(directory + "/app.git"), copy_(directory + "/app"), user_(std::move(user)) {
    const auto git = [&](std::vector<std::string> argv) {
        output_of({.argv = std::move(argv), .user = user_, .home = home_, .directory = directory});
    };
    git({"git", "init", "-q", "--bare", "--initial-branch=main", bare_});
    git({"git", "init", "-q", "--initial-branch=main", copy_});
    git({"git", "-C", copy_, "remote", "add", "origin", bare_});
}

void Repository::write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = copy_ + "/" + path;
    write_file(file, text);
    for (auto part = file; part != copy_; part = part.parent_path()) {
        if (::lchown(part.c_str(), user_.uid, user_.gid) != 0) throw std::runtime_error("cannot give away " + path);
    }
}

std::string Repository::git(std::vector<std::string> words) {
    words.insert(words.begin(), "git");
    return output_of({.argv = std::move(words), .user = user_, .home = home_, .directory = copy_});
}

std::string Repository::commit(const std::string& message) {
    git({"add", "--all"});
    git({"commit", "-q", "--allow-empty", "-m", message});
    return without_end_of_line(git({"rev-parse", "HEAD"}));
}

std::string Repository::push(const std::string& message, const std::string& branch) {
    const std::string revision = commit(message);
    const Finished pushed = run_as({.argv = {"git", "push", "origin", "HEAD:refs/heads/" + branch},
                                    .user = user_,
                                    .home = home_,
                                    .directory = copy_});
    said_ = pushed.err;
    if (pushed.exit_code != 0) throw std::runtime_error("git push failed: " + said_);
    return revision;
}

}  // namespace gyre::test

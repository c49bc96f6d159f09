#include "apps/gyre/snapshot.h"

#include <filesystem>
#include <fstream>

#include "base/process.h"

namespace gyre::apps {
namespace {

std::string trimmed(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

Result<std::string> git(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    Command command{.argv = {"git"}, .environment = environment};
    command.environment.emplace_back("LC_ALL=C");
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.timeout = std::chrono::minutes{5};
    GYRE_TRY_ASSIGN(const Finished finished, run(command));
    if (finished.exit_code != 0)
        return unavailable("git " + arguments.back() + ": " + trimmed(finished.err.substr(0, 2000)));
    return trimmed(finished.out);
}

// Which repository git works on in what follows.
struct Places {
    std::string root;
    std::string repository;
    std::vector<std::string> environment() const {
        return {"GIT_DIR=" + repository,
                "GIT_WORK_TREE=" + root,
                "GIT_INDEX_FILE=" + repository + "/snapshot-index",
                "GIT_AUTHOR_NAME=gyre run",
                "GIT_AUTHOR_EMAIL=gyre@localhost",
                "GIT_COMMITTER_NAME=gyre run",
                "GIT_COMMITTER_EMAIL=gyre@localhost"};
    }
};

Result<void> make_repository(const Places& places) {
    if (!std::filesystem::exists(places.repository + "/HEAD")) {
        GYRE_TRY(git({"init", "-q", "--bare", places.repository}, {}));
    }
    GYRE_TRY_ASSIGN(const std::string objects,
                    git({"-C", places.root, "rev-parse", "--path-format=absolute", "--git-path", "objects"}, {}));
    std::ofstream(places.repository + "/objects/info/alternates") << objects << '\n';
    // What the working copy ignores beside its .gitignore files.
    GYRE_TRY_ASSIGN(const std::string exclude,
                    git({"-C", places.root, "rev-parse", "--path-format=absolute", "--git-path", "info/exclude"}, {}));
    std::error_code ignored;
    std::filesystem::copy_file(exclude, places.repository + "/info/exclude",
                               std::filesystem::copy_options::overwrite_existing, ignored);
    return {};
}

}  // namespace

Result<std::string> working_copy_root(const std::string& directory) {
    auto root = git({"-C", directory, "rev-parse", "--show-toplevel"}, {});
    if (!root) return not_found(directory + " is not in a git working copy; run `git init` there, or change into one");
    return root;
}

Result<Snapshot> take_snapshot(const std::string& root, const std::string& repository) {
    const Places places{root, repository};
    GYRE_TRY(make_repository(places));
    const auto environment = places.environment();
    Snapshot snapshot{.root = root, .repository = repository};
    snapshot.branch = git({"-C", root, "symbolic-ref", "-q", "--short", "HEAD"}, {}).value_or("detached");
    const std::string head = git({"-C", root, "rev-parse", "-q", "--verify", "HEAD^{commit}"}, {}).value_or("");
    GYRE_TRY(git({"-C", root, "-c", "core.safecrlf=false", "add", "--all", "."}, environment));
    GYRE_TRY_ASSIGN(const std::string tree, git({"write-tree"}, environment));
    const std::string head_tree = head.empty() ? "" : git({"rev-parse", head + "^{tree}"}, environment).value_or("");
    snapshot.has_changes = tree != head_tree;
    snapshot.revision = head;
    if (snapshot.has_changes) {
        std::vector<std::string> commit{"commit-tree", "-m", "Working copy with uncommitted changes"};
        if (!head.empty()) commit.insert(commit.end(), {"-p", head});
        commit.push_back(tree);
        GYRE_TRY_ASSIGN(snapshot.revision, git(commit, environment));
    }
    GYRE_TRY(git({"update-ref", "refs/heads/" + snapshot.branch, snapshot.revision}, environment));
    return snapshot;
}

}  // namespace gyre::apps

#include "agent/steps/repository.h"

#include <fmt/format.h>

#include <fstream>

#include "agent/steps/inside_script.h"
#include "agent/steps/moving.h"
#include "model/project.h"

namespace gyre::agent {
namespace {

constexpr int no_git = 111;  // what the script exits with

// Full names of refs and plumbing only: branches may have names that `git checkout` refuses. The repository is named: a
// damaged one shall not make git look for another in the directories above.
constexpr const char* update_script = R"sh(
command -v git > /dev/null || exit 111
unset GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_NAMESPACE
export GIT_DIR="$PWD/.git" GIT_WORK_TREE="$PWD"
git() { command git -c safe.directory='*' -c core.hooksPath=/dev/null -c gc.auto=0 "$@"; }
git config gc.auto 0
git config remote.origin.url > /dev/null || git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
git config --replace-all remote.origin.url "$GYRE_URL"
if [ -n "$GYRE_TAG" ] && [ -n "$GYRE_TAG_OBJECT" ]; then git update-ref "refs/tags/$GYRE_TAG" "$GYRE_TAG_OBJECT"; fi
if [ -z "$GYRE_TAG" ] && [ -n "$GYRE_BRANCH" ]; then
    git update-ref "refs/remotes/origin/$GYRE_BRANCH" "$GYRE_REVISION"
    git update-ref "refs/heads/$GYRE_BRANCH" "$GYRE_REVISION"
    git symbolic-ref HEAD "refs/heads/$GYRE_BRANCH"
else
    git update-ref --no-deref HEAD "$GYRE_REVISION"
fi
git reset --quiet --hard "$GYRE_REVISION" --
)sh";

// From a fresh clone, where all refs but the checked out one are packed: "<object> <ref>".
std::string object_of(const std::string& clone, const std::string& ref) {
    std::ifstream packed(clone + "/.git/packed-refs");
    for (std::string line; std::getline(packed, line);) {
        const auto blank = line.find(' ');
        if (blank != std::string::npos && std::string_view(line).substr(blank + 1) == ref) return line.substr(0, blank);
    }
    return {};
}

Result<int> run_update(const std::string& clone, const std::string& target, Job& job, StepOutput& output) {
    const wire::Source& source = job.assignment.source;
    return run_inside({.script = update_script,
                       .directory = target,
                       .environment = {{"GYRE_URL", public_remote(source.remote)},
                                       {"GYRE_REVISION", source.revision},
                                       {"GYRE_BRANCH", source.branch},
                                       {"GYRE_TAG", source.tag},
                                       {"GYRE_TAG_OBJECT", object_of(clone, "refs/tags/" + source.tag)},
                                       {"LC_ALL", "C"}}},
                      job, output);
}

}  // namespace

Result<void> update_repository(const std::string& clone, const std::string& target, Job& job, StepOutput& output) {
    output.say(fmt::format("There is a git repository at {}: bringing it to the revision", target));
    GYRE_TRY(move_inside(clone + "/.git/objects", target + "/.git/objects", job));
    GYRE_TRY_ASSIGN(const int code, run_update(clone, target, job, output));
    if (code == 0) return {};
    if (code != no_git && code != no_shell) {
        return invalid(
            fmt::format("the git repository at {} cannot be brought to the revision (git's words are "
                        "above); remove it before the checkout, or choose another path",
                        target));
    }
    output.say("Notice: the job has no git: files that only the old checkout had stay where they are");
    GYRE_TRY(move_inside(clone, target, job));
    return {};
}

}  // namespace gyre::agent

#include "adapters/git/git_executable.h"

#include <filesystem>
#include <sstream>

#include "adapters/git/git_command.h"
#include "base/digest.h"
#include "base/git_damage.h"
#include "base/utf8.h"
#include "model/remote.h"

namespace gyre::adapters {
namespace {

constexpr const char* config_path = ".circleci/config.yml";
constexpr std::size_t config_limit = 4 << 20;  // bytes

bool is_revision(const std::string& text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_ref(const std::string& text) {
    return text.starts_with("refs/") && text.size() < 1024 && text.find_first_of(" ~^:?*[\\") == std::string::npos &&
           text.find("..") == std::string::npos;
}

// The fields of `git show` as asked for in read_commit, in order.
CommitInfo commit_from(const std::string& shown) {
    std::istringstream in(shown);
    CommitInfo commit;
    for (std::string* field : {&commit.author_name, &commit.author_email, &commit.author_date, &commit.committer_name,
                               &commit.committer_email, &commit.committer_date, &commit.subject}) {
        std::getline(in, *field, '\0');
    }
    std::getline(in, commit.body, '\0');
    while (!commit.body.empty() && commit.body.back() == '\n') commit.body.pop_back();
    return commit;
}

// JSON wants UTF-8, people want no control characters; a commit may hold anything, and any amount of it.
std::string printable(std::string_view text, std::size_t most) {
    std::string clean(cut_utf8(valid_utf8(text.substr(0, most)), most));
    for (char& c : clean) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\t') c = '?';
    }
    return clean;
}

// git's words for a path that a commit does not have; the second when this process happens to stand beside such a file.
bool tells_of_absence(const std::string& message) {
    return message.find("' does not exist in '") != std::string::npos ||
           message.find("' exists on disk, but not in '") != std::string::npos;
}

Result<CommitInfo> read_commit(const std::string& mirror, const std::string& revision) {
    auto shown = git({"--git-dir=" + mirror, "show", "-s", "--encoding=UTF-8", "--no-show-signature",
                      "--format=tformat:%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%s%x00%b%x00", revision, "--"});
    if (!shown) return shown.error();
    CommitInfo commit = commit_from(*shown);
    for (std::string* field : {&commit.author_name, &commit.author_email, &commit.author_date, &commit.committer_name,
                               &commit.committer_email, &commit.committer_date, &commit.subject}) {
        *field = printable(*field, 1000);
    }
    commit.body = printable(commit.body, 16'000);
    return commit;
}

}  // namespace

GitExecutable::GitExecutable(std::string directory) : directory_(std::move(directory)) {}

std::shared_ptr<std::mutex> GitExecutable::lock_of(const std::string& remote) {
    auto& lock = (*locks_.lock())[remote];
    if (!lock) lock = std::make_shared<std::mutex>();
    return lock;
}

Result<std::map<std::string, std::string>> GitExecutable::list_refs(const std::string& remote) {
    GYRE_TRY(check_remote(remote));
    const Access access(remote);
    std::vector<std::string> arguments{"ls-remote", "--symref", "--quiet"};
    arguments.insert(arguments.end(), access.options.begin(), access.options.end());
    arguments.insert(arguments.end(), {"--", access.url, "HEAD", "refs/heads/*", "refs/tags/*"});
    GYRE_TRY_ASSIGN(const std::string listed, git(arguments, access, std::chrono::seconds{30}));
    std::map<std::string, std::string> refs;
    std::istringstream in(listed);
    for (std::string line; std::getline(in, line);) {
        const auto tab = line.find('\t');
        if (tab == std::string::npos) continue;
        std::string name = line.substr(tab + 1);
        const std::string value = line.substr(0, tab);
        if (name == "HEAD" && !value.starts_with("ref: ")) continue;  // the symbolic target is what we want
        if (name.ends_with("^{}")) name.resize(name.size() - 3);      // a peeled tag comes after the tag: it wins
        refs[escaped_utf8(name)] = value;
    }
    return refs;
}

std::string GitExecutable::mirror_path(const std::string& remote) const {
    return directory_ + "/" + sha256_hex(remote).substr(0, 32) + ".git";
}

Result<std::string> GitExecutable::mirror_of(const std::string& remote) {
    const std::string mirror = mirror_path(remote);
    if (std::filesystem::exists(mirror + "/HEAD")) return mirror;
    std::error_code failed;
    std::filesystem::create_directories(directory_, failed);
    if (failed) return unavailable("creating " + directory_ + ": " + failed.message());
    GYRE_TRY(git({"init", "--quiet", "--bare", mirror}));
    return mirror;
}

Result<void> GitExecutable::fetch(const std::string& mirror, const std::string& remote, const std::string& ref) {
    std::vector<std::string> arguments{"--git-dir=" + mirror,   "fetch",     "--quiet", "--no-tags",
                                       "--no-write-fetch-head", "--depth=50"};
    const Access access(remote);
    arguments.insert(arguments.end(), access.options.begin(), access.options.end());
    arguments.insert(arguments.end(), {"--", access.url, "+" + ref + ":refs/gyre/" + sha256_hex(ref).substr(0, 16)});
    const auto fetched = git(arguments, access);
    return fetched ? Result<void>() : fetched.error();
}

Result<CommitInfo> GitExecutable::find_commit(const std::string& mirror, const std::string& remote,
                                              const std::string& ref, const std::string& revision) {
    if (auto here = read_commit(mirror, revision)) return here;
    GYRE_TRY(fetch(mirror, remote, ref));
    if (auto here = read_commit(mirror, revision)) return here;
    return not_found("commit " + revision + " is not reachable from " + ref +
                     " of the remote; was the branch moved meanwhile?");
}

Result<CommitFiles> GitExecutable::read_config(const std::string& remote, const std::string& ref,
                                               const std::string& revision) {
    GYRE_TRY(check_remote(remote));
    if (!is_revision(revision)) {
        return invalid("'" + revision.substr(0, 80) + "' is not a commit: 40 hexadecimal digits are wanted");
    }
    if (ref.find('\\') != std::string::npos) {  // git has none in names: list_refs wrote it
        return invalid(
            "the name '" + ref.substr(0, 200) +
            "' is not UTF-8 (the \\x stand for its bytes): no job can be told of it; rename the branch or tag");
    }
    if (!is_ref(ref)) return invalid("'" + ref.substr(0, 80) + "' is not a ref such as refs/heads/main");
    const auto mutex = lock_of(remote);
    const std::lock_guard lock(*mutex);
    auto files = read_from_mirror(remote, ref, revision);
    if (files || !tells_of_git_damage(files.error().message)) return files;
    std::error_code ignored;
    std::filesystem::remove_all(mirror_path(remote), ignored);
    return read_from_mirror(remote, ref, revision);
}

Result<CommitFiles> GitExecutable::read_from_mirror(const std::string& remote, const std::string& ref,
                                                    const std::string& revision) {
    GYRE_TRY_ASSIGN(const std::string mirror, mirror_of(remote));
    CommitFiles files;
    GYRE_TRY_ASSIGN(files.commit, find_commit(mirror, remote, ref, revision));
    auto config = git({"--git-dir=" + mirror, "cat-file", "blob", revision + ":" + config_path});
    if (!config && tells_of_absence(config.error().message)) {
        return not_found(std::string("there is no ") + config_path + " in commit " + revision.substr(0, 12));
    }
    if (!config) return config.error();
    if (config->size() > config_limit) {
        return too_large(std::string(config_path) + " has " + std::to_string(config->size()) + " bytes; the limit is " +
                         std::to_string(config_limit));
    }
    files.config = std::move(*config);
    return files;
}

}  // namespace gyre::adapters

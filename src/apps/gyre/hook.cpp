#include "apps/gyre/hook.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/fd.h"

namespace gyre::apps {
namespace {

constexpr const char* mark = "# installed by gyre project hook";

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
}

// Only root can give files away; whoever else made them has them, in a group of his own.
bool give_to(int file, const struct stat& owner) {
    return geteuid() != 0 || fchown(file, owner.st_uid, owner.st_gid) == 0;
}

// Belongs to the owner of the repository, as whom the hook runs. Its directory is that user's as well: nothing that
// lies there is opened, and nobody sees half a file.
Result<void> write_file(const std::string& path, const std::string& text, mode_t mode, const struct stat& owner) {
    const std::string fresh = path + ".new";
    unlink(fresh.c_str());
    const Fd file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    const bool written = file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         give_to(file.get(), owner) && fchmod(file.get(), mode) == 0 &&
                         rename(fresh.c_str(), path.c_str()) == 0;
    return written ? Result<void>() : errno_error("writing " + path);
}

std::filesystem::path hooks_of(const std::string& repository) {
    return std::filesystem::absolute(repository) / "hooks";
}

}  // namespace

std::string hook_script(const std::string& executable, const std::string& slug, const std::string& server,
                        const std::string& token_file) {
    return std::string("#!/bin/sh\n") + mark + R"(
# A push must not fail because the CI server is away: it looks for what it was not told of.
delivery=$(cat /proc/sys/kernel/random/uuid 2>/dev/null) || delivery=$(date +%s)-$$
commit_of() { git rev-parse -q --verify "$1^{commit}" 2>/dev/null || echo "$1"; }
while read -r before after ref; do
    case $ref in refs/tags/*) before=$(commit_of "$before") after=$(commit_of "$after") ;; esac
    )" + quoted(executable) +
           " trigger " + quoted(slug) +
           R"( --push "$ref" --before "$before" --after "$after" --delivery "$delivery" \
        --server )" +
           quoted(server) + " --token-file " + quoted(token_file) + R"( </dev/null ||
        echo "gyre: no pipeline yet for $ref; the server looks for it when it polls, at the next push, and at its start" >&2
done
exit 0
)";
}

Result<void> check_hook_place(const std::string& repository, const std::string& slug) {
    const auto hooks = hooks_of(repository);
    if (!std::filesystem::exists(hooks.parent_path() / "HEAD"))
        return not_found(repository + " is not a bare git repository (there is no HEAD in it)");
    const std::string script = hooks / "post-receive";
    std::ifstream there(script);
    std::ostringstream text;
    text << there.rdbuf();
    if (!there || text.str().find(mark) != std::string::npos) return {};
    return conflict(script + " exists already; call `gyre trigger " + slug +
                    " --push REF --before OLD --after NEW --delivery ID` from it");
}

Result<std::string> install_hook(const std::string& repository, const std::string& slug, const ServerAddress& address) {
    GYRE_TRY(check_hook_place(repository, slug));
    const auto hooks = hooks_of(repository);
    std::error_code failed;
    std::filesystem::create_directories(hooks, failed);
    const std::string script = hooks / "post-receive";
    const std::string token_file = hooks / "gyre-token";
    struct stat owner {};
    if (stat(repository.c_str(), &owner) != 0) return errno_error("finding the owner of " + repository);
    if (geteuid() != 0 && geteuid() != owner.st_uid)
        return denied(repository + " belongs to another user: install the hook as that user, or as root");
    GYRE_TRY(write_file(token_file, address.token + "\n", 0600, owner));
    GYRE_TRY(write_file(script,
                        hook_script(std::filesystem::read_symlink("/proc/self/exe"), slug, address.server, token_file),
                        0755, owner));
    return script;
}

}  // namespace gyre::apps

#include "model/host_keys.h"

namespace gyre {
namespace {

constexpr std::string_view another_host = "Host key verification failed";

bool fits_into_command(const std::string& path) { return path.find_first_of("'\"\\%\n") == std::string::npos; }

}  // namespace

std::string_view host_keys_of_forges() {
    return "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
           "github.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7op"
           "KgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=\n"
           "gitlab.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf\n"
           "bitbucket.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO\n";
}

bool is_over_ssh(std::string_view remote) {
    if (remote.starts_with("ssh://")) return true;
    return !remote.starts_with('/') && remote.find("://") == remote.npos && remote.find(':') != remote.npos;
}

std::string ssh_that_knows(const std::string& file) {
    if (!fits_into_command(file)) return {};
    return "ssh -o 'GlobalKnownHostsFile=\"" + file + "\" /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'";
}

Result<std::string> ssh_with_key(const SshFiles& files) {
    for (const auto& path : {files.key, files.seen, files.forges}) {
        if (!fits_into_command(path))
            return invalid("git over ssh with a checkout key needs a directory without ', \", \\ and % in its path: " +
                           path);
    }
    // The system's file stands last, and the user's own is only read: ssh writes to the first.
    return "ssh -F none -o BatchMode=yes -o ConnectTimeout=15 -o IdentitiesOnly=yes -o IdentityAgent=none"
           " -o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no -o 'IdentityFile=\"" +
           files.key + "\"' -o 'UserKnownHostsFile=\"" + files.seen +
           "\" ~/.ssh/known_hosts' -o 'GlobalKnownHostsFile=\"" + files.forges +
           "\" /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'";
}

bool is_of_another_host(std::string_view refusal) { return refusal.find(another_host) != std::string_view::npos; }

std::string_view refusal_in(std::string_view said) {
    for (const std::string_view words : {std::string_view("Permission denied ("), another_host,
                                         std::string_view("Too many authentication failures")}) {
        const auto found = said.find(words);
        if (found == std::string_view::npos) continue;
        const auto begin = said.rfind('\n', found) + 1;  // 0 for the first line
        return said.substr(begin, said.find_first_of("\r\n", found) - begin);
    }
    return {};
}

}  // namespace gyre

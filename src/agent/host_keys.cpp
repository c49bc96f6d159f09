#include "agent/host_keys.h"

namespace gyre::agent {

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
    if (file.find_first_of("'\"\\%\n") != std::string::npos) return {};
    return "ssh -o 'GlobalKnownHostsFile=\"" + file + "\" /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'";
}

}  // namespace gyre::agent

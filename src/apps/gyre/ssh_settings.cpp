#include "apps/gyre/ssh_settings.h"

#include "apps/gyre/setting_forms.h"

namespace gyre::apps {
namespace {

// The host of "https://[::1]:8080/path" without its brackets.
std::string host_of_url(const std::string& url) {
    const auto begin = url.find("://");
    if (begin == std::string::npos) return {};
    std::string authority = url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
    if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
    return authority.substr(0, authority.find(':'));
}

bool is_every_address(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

}  // namespace

gateway::SshSettings ssh_settings(const ServerSettings& settings) {
    gateway::SshSettings ssh;
    const auto ports = parse_port_range(settings.ssh_ports);
    ssh.enabled = ports && ports->first > 0;
    if (ssh.enabled) {
        ssh.first_port = ports->first;
        ssh.last_port = ports->last;
    }
    const auto listen = parse_listen(settings.listen);
    ssh.bind = settings.ssh_listen.empty() && listen ? listen->host : settings.ssh_listen;
    if (is_every_address(ssh.bind)) ssh.bind.clear();
    ssh.host = settings.ssh_host.empty() ? host_of_url(settings.base_url) : settings.ssh_host;
    if (ssh.host.empty()) ssh.host = ssh.bind;
    ssh.idle = std::chrono::minutes{settings.ssh_idle_minutes};
    ssh.most = std::chrono::minutes{settings.ssh_most_minutes};
    return ssh;
}

}  // namespace gyre::apps

#include "apps/gyre/signs_of_life.h"

namespace gyre::apps {

void SignsOfLife::begin(Instant now, std::chrono::milliseconds longest_pause) {
    if (now - ended_ > longest_pause) signs_.clear();
}

void SignsOfLife::see(const std::vector<sql::KnownServer>& servers, Instant now) {
    std::map<std::string, Sign> seen;
    for (const auto& server : servers) {
        const auto known = signs_.find(server.name);
        const bool same = known != signs_.end() && known->second.seen_at == server.seen_at;
        seen.emplace(server.name, Sign{server.seen_at, same ? known->second.heard : now});
    }
    signs_ = std::move(seen);
}

std::vector<std::string> SignsOfLife::silent_for(std::chrono::milliseconds silence, Instant now) const {
    std::vector<std::string> silent;
    for (const auto& [name, sign] : signs_) {
        if (now - sign.heard > silence) silent.push_back(name);
    }
    return silent;
}

}  // namespace gyre::apps

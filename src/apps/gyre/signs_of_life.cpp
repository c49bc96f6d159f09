#include "apps/gyre/signs_of_life.h"

#include <algorithm>

namespace gyre::apps {

void SignsOfLife::see(const std::vector<sql::KnownServer>& servers, Instant now, std::chrono::milliseconds most) {
    const auto passed = std::min<Instant::duration>(now - looked_, most);
    looked_ = now;
    std::map<std::string, Sign> seen;
    for (const auto& server : servers) {
        const auto known = signs_.find(server.name);
        const bool same = known != signs_.end() && known->second.seen_at == server.seen_at;
        seen.emplace(server.name,
                     Sign{server.seen_at, same ? known->second.silence + passed : Instant::duration::zero()});
    }
    signs_ = std::move(seen);
}

std::vector<std::string> SignsOfLife::silent_for(std::chrono::milliseconds silence) const {
    std::vector<std::string> silent;
    for (const auto& [name, sign] : signs_) {
        if (sign.silence > silence) silent.push_back(name);
    }
    return silent;
}

}  // namespace gyre::apps

#include "gateway/holders.h"

namespace gyre::gateway {

bool Holders::add(HolderHandle holder, Leases::Instant now, Duration grace) {
    auto table = table_.lock();
    const AttemptId id = holder->attempt.id();
    if (!table->by_attempt.try_emplace(id, std::move(holder)).second) return false;
    table->leases.grant(id, now, grace);
    return true;
}

HolderHandle Holders::fence(const AttemptId& attempt) {
    auto table = table_.lock();
    if (!table->leases.end(attempt)) return nullptr;
    const auto& holder = table->by_attempt.at(attempt);
    holder->over = true;
    return holder;
}

void Holders::fence_again_later(const AttemptId& attempt, Leases::Instant now) {
    auto table = table_.lock();
    if (table->by_attempt.contains(attempt)) table->leases.grant(attempt, now);
}

void Holders::remove(const AttemptId& attempt) {
    auto table = table_.lock();
    table->leases.end(attempt);
    table->by_attempt.erase(attempt);
}

HolderHandle Holders::find(const AttemptId& attempt) {
    auto table = table_.lock();
    const auto found = table->by_attempt.find(attempt);
    return found == table->by_attempt.end() || found->second->over ? nullptr : found->second;
}

HolderHandle Holders::find_if(const std::function<bool(const Holder&)>& is_wanted) {
    auto table = table_.lock();
    for (const auto& [id, holder] : table->by_attempt) {
        if (!holder->over && is_wanted(*holder)) return holder;
    }
    return nullptr;
}

std::vector<AttemptRef> Holders::attempts() {
    auto table = table_.lock();
    std::vector<AttemptRef> all;
    for (const auto& [id, holder] : table->by_attempt) {
        if (!holder->over) all.push_back(holder->attempt);
    }
    return all;
}

bool Holders::ask_to_stop(const AttemptId& attempt, const std::string& reason) {
    auto table = table_.lock();
    const auto found = table->by_attempt.find(attempt);
    if (found == table->by_attempt.end()) return false;
    const std::lock_guard words(found->second->words);
    found->second->stop = true;
    found->second->reason = reason;
    return true;
}

void Holders::renew(const AttemptId& attempt, Leases::Instant now) { table_.lock()->leases.renew(attempt, now); }

void Holders::grant_all(Leases::Instant now, Duration grace) { table_.lock()->leases.grant_all(now, grace); }

std::vector<HolderHandle> Holders::expired(Leases::Instant now) {
    auto table = table_.lock();
    std::vector<HolderHandle> over;
    for (const auto& id : table->leases.expired(now)) over.push_back(table->by_attempt.at(id));
    return over;
}

std::optional<Leases::Instant> Holders::next_expiry() { return table_.lock()->leases.next_expiry(); }

}  // namespace gyre::gateway

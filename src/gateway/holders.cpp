#include "gateway/holders.h"

#include <charconv>

namespace gyre::gateway {
namespace {

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || text.empty() || number < 0) return std::nullopt;
    return number;
}

}  // namespace

void Holders::add(HolderHandle holder, Leases::Instant now, Duration grace) {
    auto table = table_.lock();
    const AttemptId id = holder->attempt.id();
    table->leases.grant(id, now, grace);
    table->by_attempt[id] = std::move(holder);
}

HolderHandle Holders::remove(const AttemptId& attempt) {
    auto table = table_.lock();
    table->leases.end(attempt);
    const auto found = table->by_attempt.find(attempt);
    if (found == table->by_attempt.end()) return nullptr;
    auto holder = std::move(found->second);
    table->by_attempt.erase(found);
    return holder;
}

void Holders::put_back(HolderHandle holder, Leases::Instant now) { add(std::move(holder), now); }

HolderHandle Holders::find(const AttemptId& attempt) {
    auto table = table_.lock();
    const auto found = table->by_attempt.find(attempt);
    return found == table->by_attempt.end() ? nullptr : found->second;
}

void Holders::renew(const AttemptId& attempt, Leases::Instant now) { table_.lock()->leases.renew(attempt, now); }

std::string Holders::assignment_of(const std::string& client, std::int64_t process) {
    if (process == 0) return {};
    auto table = table_.lock();
    for (const auto& [id, holder] : table->by_attempt) {
        if (holder->process == process && holder->client == client) return holder->assignment;
    }
    return {};
}

std::vector<HolderHandle> Holders::expired(Leases::Instant now) {
    auto table = table_.lock();
    std::vector<HolderHandle> over;
    for (const auto& id : table->leases.expired(now)) over.push_back(table->by_attempt.at(id));
    return over;
}

std::optional<Leases::Instant> Holders::next_expiry() { return table_.lock()->leases.next_expiry(); }

std::optional<AttemptRef> parse_attempt_id(const std::string& text) {
    const auto mark = text.rfind("-a");
    const auto dash = mark == std::string::npos || mark == 0 ? std::string::npos : text.rfind('-', mark - 1);
    if (dash == std::string::npos || dash == 0) return std::nullopt;
    const auto task = whole_number(std::string_view(text).substr(dash + 1, mark - dash - 1));
    const auto attempt = whole_number(std::string_view(text).substr(mark + 2));
    if (!task || !attempt) return std::nullopt;
    return AttemptRef{JobId{text.substr(0, dash)}, *task, *attempt};
}

}  // namespace gyre::gateway

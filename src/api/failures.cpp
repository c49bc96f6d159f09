#include "api/failures.h"

namespace gyre::api {
namespace {

constexpr std::size_t most_addresses = 10'000;
constexpr std::size_t most_good = 10'000;

}  // namespace

bool Failures::admits(const std::string& address, const std::string& token_hash, Instant now) {
    auto state = state_.lock();
    if (state->good.contains(token_hash)) return true;
    const auto found = state->by_address.find(address);
    return found == state->by_address.end() || now - found->second.since >= window ||
           found->second.failures < most_failures;
}

void Failures::failed(const std::string& address, Instant now) {
    auto state = state_.lock();
    if (state->by_address.size() >= most_addresses) {
        std::erase_if(state->by_address, [&](const auto& entry) { return now - entry.second.since >= window; });
        if (state->by_address.size() >= most_addresses) state->by_address.clear();
    }
    auto& count = state->by_address[address];
    if (count.failures == 0 || now - count.since >= window) count = {now, 0};
    ++count.failures;
}

void Failures::succeeded(const std::string& token_hash) {
    auto state = state_.lock();
    if (state->good.size() >= most_good) state->good.clear();
    state->good.insert(token_hash);
}

}  // namespace gyre::api

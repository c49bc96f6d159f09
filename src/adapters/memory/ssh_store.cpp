#include "adapters/memory/ssh_store.h"

#include <algorithm>

namespace gyre::memory {
namespace {

std::vector<UserKey> keys_of(const State& state, const std::string& login) {
    std::vector<UserKey> keys;
    std::ranges::copy_if(state.user_keys, std::back_inserter(keys),
                         [&](const UserKey& key) { return key.login == login; });
    std::ranges::sort(keys, {}, [](const UserKey& key) { return std::pair(key.added_at, key.key.fingerprint); });
    return keys;
}

SshGuestOfJob guest_of(const State& state, const std::string& login, SshKeep keep) {
    SshGuestOfJob guest{.login = login, .keep = keep, .keys = {}};
    for (const auto& key : keys_of(state, login)) guest.keys.push_back(key.key.line());
    return guest;
}

}  // namespace

Result<void> MemorySshStore::add_key(const UserKey& key) {
    return trouble_.around("ssh.add_key", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto known = std::ranges::find(state->user_keys, key.key.fingerprint,
                                             [](const auto& one) { return one.key.fingerprint; });
        if (known == state->user_keys.end()) {
            if (keys_of(*state, key.login).size() >= most_keys_of_user)
                return too_large("you have 100 keys, which is the limit: remove one first");
            state->user_keys.push_back(key);
            return {};
        }
        if (known->login != key.login) return conflict("this key is another user's: make one of your own");
        known->key.comment = key.key.comment;
        return {};
    });
}

Result<bool> MemorySshStore::remove_key(const std::string& login, const std::string& fingerprint) {
    return trouble_.around("ssh.remove_key", [&]() -> Result<bool> {
        auto state = state_.lock();
        return std::erase_if(state->user_keys, [&](const UserKey& key) {
                   return key.login == login && key.key.fingerprint == fingerprint;
               }) > 0;
    });
}

Result<std::vector<UserKey>> MemorySshStore::keys(const std::string& login) {
    return trouble_.around("ssh.keys",
                           [&]() -> Result<std::vector<UserKey>> { return keys_of(*state_.lock(), login); });
}

Result<void> MemorySshStore::ask(const JobId& job, const std::string& login, SshKeep keep, Timestamp) {
    return trouble_.around("ssh.ask", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto* known = state->find_job(job);
        if (!known) return not_found("there is no job " + job.text);
        if (known->stopped_at) return conflict("the job has ended: run it again with SSH");
        state->ssh_guests[job][login] = keep;
        return {};
    });
}

Result<std::map<JobId, std::vector<SshGuestOfJob>>> MemorySshStore::guests() {
    return trouble_.around("ssh.guests", [&]() -> Result<std::map<JobId, std::vector<SshGuestOfJob>>> {
        const auto state = state_.lock();
        std::map<JobId, std::map<std::string, SshKeep>> asked;
        for (const auto& workflow : state->workflows) {
            for (const auto& job : workflow.jobs) {
                if (job.stopped_at) continue;
                if (job.ssh) asked[job.id][workflow.started_by] = SshKeep::always;
                const auto wishes = state->ssh_guests.find(job.id);
                if (wishes == state->ssh_guests.end()) continue;
                for (const auto& [login, keep] : wishes->second) asked[job.id][login] = keep;
            }
        }
        std::map<JobId, std::vector<SshGuestOfJob>> all;
        for (const auto& [job, guests] : asked) {
            for (const auto& [login, keep] : guests) all[job].push_back(guest_of(*state, login, keep));
        }
        return all;
    });
}

Result<void> MemorySshStore::set_place(const SshPlace& place) {
    return trouble_.around("ssh.set_place", [&]() -> Result<void> {
        state_.lock()->ssh_places[place.attempt] = place;
        return {};
    });
}

Result<std::vector<SshPlace>> MemorySshStore::places(const JobId& job) {
    return trouble_.around("ssh.places", [&]() -> Result<std::vector<SshPlace>> {
        std::vector<SshPlace> places;
        for (const auto& [attempt, place] : state_.lock()->ssh_places) {
            if (attempt.job == job) places.push_back(place);
        }
        return places;
    });
}

}  // namespace gyre::memory

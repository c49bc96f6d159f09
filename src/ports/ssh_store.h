#pragma once

// What SSH into jobs needs to remember: people's public keys, who asked to come into which job, and where jobs can be
// reached. Thread-safe. Durable on return.

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "model/event.h"
#include "model/ids.h"
#include "model/ssh_key.h"

namespace gyre {

struct UserKey {
    std::string login;
    SshKey key;
    Timestamp added_at{};
    bool operator==(const UserKey&) const = default;
};

inline constexpr int most_keys_of_user = 100;

// Whether a job's place is kept for its guest when the steps have ended.
enum class SshKeep { always, on_failure, no };
constexpr EnumNames<SshKeep, 3> enum_names(SshKeep) {
    return {{{SshKeep::always, "always"}, {SshKeep::on_failure, "on_failure"}, {SshKeep::no, "no"}}};
}

struct SshGuestOfJob {
    std::string login;
    SshKeep keep = SshKeep::always;
    std::vector<std::string> keys;  // "<type> <base64>", oldest first
    bool operator==(const SshGuestOfJob&) const = default;
};

// One attempt's open port.
struct SshPlace {
    AttemptRef attempt;
    std::string host;
    int port = 0;
    std::string fingerprint;  // of the host's key
    Timestamp opened_at{};
    bool operator==(const SshPlace&) const = default;
};

class SshStore {
public:
    virtual ~SshStore() = default;

    // A key belongs to one person: `conflict` when it is somebody else's, `too_large` beyond most_keys_of_user. Adding
    // one's own key again changes its comment.
    virtual Result<void> add_key(const UserKey& key) = 0;
    virtual Result<bool> remove_key(const std::string& login, const std::string& fingerprint) = 0;  // false: none such
    virtual Result<std::vector<UserKey>> keys(const std::string& login) = 0;                        // oldest first

    // Lets somebody in; asking again replaces what is kept. not_found: no such job. conflict: it has ended.
    virtual Result<void> ask(const JobId& job, const std::string& login, SshKeep keep, Timestamp at) = 0;
    // Who may come into the jobs that have not ended: who asked, and who ran a job again with SSH (kept always, unless
    // that person has asked for something else). By login.
    virtual Result<std::map<JobId, std::vector<SshGuestOfJob>>> guests() = 0;

    virtual Result<void> set_place(const SshPlace& place) = 0;           // replaces the attempt's
    virtual Result<std::vector<SshPlace>> places(const JobId& job) = 0;  // by task and attempt
};

}  // namespace gyre

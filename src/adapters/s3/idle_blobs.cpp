#include "adapters/s3/idle_blobs.h"

#include <thread>
#include <utility>

#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"

namespace gyre::s3 {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

const std::string objects = "objects/";

// One try: an answer that got lost must not become a removal minutes later.
constexpr Tries at_once{.most = 1, .whole = std::chrono::seconds{20}};
constexpr int words_at_once = 10;

std::string place_of(const std::string& sha256) { return sha256.substr(0, 2) + "/" + sha256.substr(2); }
std::string touch_key(const std::string& sha256) { return "touched/" + place_of(sha256); }
std::string removals_key(const std::string& sha256) { return "removing/" + place_of(sha256) + "/"; }

// Empty: no blob's.
std::string blob_of_key(const std::string& key) {
    if (!key.starts_with(objects) || key.size() != objects.size() + 65 || key[objects.size() + 2] != '/') return "";
    std::string name = key.substr(objects.size(), 2) + key.substr(objects.size() + 3);
    return is_blob_name(name) ? name : "";
}

Result<void> write_empty(Client& client, const std::string& key) {
    return client.write(key, {std::string_view(), sha256_hex("")});
}

// Says that a blob is being removed, as long as it is there. What cannot be taken back is dead soon.
class Word {
public:
    static Result<Word> say(Client& client, const std::string& sha256) {
        Word word(client, removals_key(sha256) + random_token(8));
        GYRE_TRY(write_empty(client, word.key_));
        return word;
    }
    Word(Word&& other) noexcept : client_(other.client_), key_(std::exchange(other.key_, {})) {}
    Word& operator=(Word&&) = delete;
    ~Word() {
        if (key_.empty()) return;
        if (const auto back = client_->remove(key_); !back)
            log::warn("s3", "{} stays until it is dead: {}", key_, back.error().message);
    }
    // It is not known how the removal ended.
    void leave() { key_.clear(); }

private:
    Word(Client& client, std::string key) : client_(&client), key_(std::move(key)) {}
    Client* client_;
    std::string key_;
};

}  // namespace

std::string key_of_blob(const std::string& sha256) { return objects + place_of(sha256); }

IdleBlobs::IdleBlobs(Client client, IdleLimits limits) : client_(std::move(client)), limits_(limits) {}

bool IdleBlobs::was_touched_here(const std::string& sha256) {
    const auto touched = touched_.lock();
    const auto found = touched->find(sha256);
    if (found == touched->end()) return false;
    const auto ago = clock_.now() - found->second;
    return ago >= Duration{0} && ago < limits_.touch_remembered;
}

void IdleBlobs::remember_touch(const std::string& sha256) {
    if (limits_.touches_remembered == 0) return;
    auto touched = touched_.lock();
    if (touched->size() >= limits_.touches_remembered) touched->clear();
    (*touched)[sha256] = clock_.now();
}

Result<void> IdleBlobs::renew_touch(const std::string& sha256) {
    GYRE_TRY_ASSIGN(const auto mark, client_.look(touch_key(sha256)));
    if (mark && mark->idle < limits_.touch_again_after) return {};
    return write_empty(client_, touch_key(sha256));
}

Result<std::optional<std::int64_t>> IdleBlobs::touch(const std::string& sha256) {
    const auto size_of = [](const Facts& facts) { return std::optional(facts.size); };
    GYRE_TRY_ASSIGN(const auto there, client_.look(key_of_blob(sha256)));
    if (!there) return std::optional<std::int64_t>();
    if (there->idle < limits_.touch_again_after || was_touched_here(sha256)) return size_of(*there);
    GYRE_TRY(renew_touch(sha256));
    GYRE_TRY(await_removals(sha256));
    GYRE_TRY_ASSIGN(const auto still, client_.look(key_of_blob(sha256)));
    if (still) {
        remember_touch(sha256);
        return size_of(*still);
    }
    GYRE_TRY(client_.remove(touch_key(sha256)));
    return std::optional<std::int64_t>();
}

Result<bool> IdleBlobs::removal_goes_on(const std::string& sha256) {
    GYRE_TRY_ASSIGN(const Listed words, client_.list(removals_key(sha256), "", words_at_once));
    bool any = false;
    for (const auto& word : words.objects) {
        if (word.idle < limits_.removal_at_most) {
            any = true;
        } else {
            GYRE_TRY(client_.remove(word.key));
        }
    }
    return any || !words.next.empty();
}

Result<void> IdleBlobs::await_removals(const std::string& sha256) {
    const auto end = steady_clock::now() + limits_.wait_for_removal;
    for (;;) {
        GYRE_TRY_ASSIGN(const bool goes_on, removal_goes_on(sha256));
        if (!goes_on) return {};
        if (steady_clock::now() >= end)
            return unavailable(client_.name() + ": blob " + sha256 + " is being removed there, or a server died at it" +
                               ": ask again in two minutes");
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

Result<bool> IdleBlobs::is_idle(const std::string& sha256, seconds idle) {
    GYRE_TRY_ASSIGN(const auto there, client_.look(key_of_blob(sha256)));
    if (!there || there->idle < idle) return false;
    GYRE_TRY_ASSIGN(const auto mark, client_.look(touch_key(sha256)));
    return !mark || mark->idle >= idle;
}

Result<bool> IdleBlobs::remove(const std::string& sha256, seconds idle) {
    // For so long a touch may have written nothing.
    const auto earliest = limits_.touch_again_after + std::chrono::duration_cast<seconds>(limits_.touch_remembered);
    if (idle < earliest)
        return invalid("a blob in S3 is removed when it is idle for " + std::to_string(earliest.count()) +
                       " s, and not earlier");
    return remove_if(sha256, [&] { return is_idle(sha256, idle); });
}

Result<bool> IdleBlobs::remove_if(const std::string& sha256, const std::function<Result<bool>()>& may_go) {
    const auto began = steady_clock::now();
    GYRE_TRY_ASSIGN(Word word, Word::say(client_, sha256));
    GYRE_TRY_ASSIGN(const bool goes, may_go());
    if (!goes) return false;
    // The word must outlive the removal by far, also where this process stood still.
    if (steady_clock::now() - began > limits_.removal_at_most / 4)
        return unavailable(client_.name() + ": it answers too slowly for a blob to be removed");
    auto once = client_.with(at_once);
    if (const auto removed = once.remove(key_of_blob(sha256)); !removed) {
        word.leave();
        return removed.error();
    }
    touched_.lock()->erase(sha256);
    // Only now: a removal that is given up must not take a mark along that somebody has just renewed. One that stays
    // says nothing of a blob that is stored anew.
    if (const auto removed = client_.remove(touch_key(sha256)); !removed)
        log::warn("objects", "{}: {}", touch_key(sha256), removed.error().message);
    return true;
}

Result<void> IdleBlobs::each(const std::function<Result<void>(const IdleBlob&)>& visit) {
    std::string from;
    do {
        GYRE_TRY_ASSIGN(const Listed listed, client_.list(objects, from));
        for (const auto& object : listed.objects) {
            const std::string name = blob_of_key(object.key);
            if (!name.empty()) GYRE_TRY(visit({name, object.size, object.idle}));
        }
        from = listed.next;
    } while (!from.empty());
    return {};
}

Result<std::int64_t> IdleBlobs::end_abandoned_uploads(const std::function<Result<void>()>& go_on) {
    std::int64_t ended = 0;
    std::string from;
    do {
        GYRE_TRY_ASSIGN(const UnfinishedUploads page, client_.unfinished_uploads(from));
        for (const auto& upload : page.uploads) {
            GYRE_TRY(go_on());
            if (blob_of_key(upload.key).empty() || upload.age < limits_.upload_at_most) continue;
            GYRE_TRY(client_.forget_upload(upload.key, upload.id));
            ++ended;
        }
        from = page.next_key;
    } while (!from.empty());
    return ended;
}

}  // namespace gyre::s3

#include "intake/trail.h"

#include <algorithm>

namespace gyre::intake {
namespace {

PushChange change_of(const StoredPush& push, const std::string& revision, std::int64_t newest) {
    return {.project = push.project, .ref = push.ref, .revision = revision, .newest = newest, .pushes = {}};
}

// Takes the pushes that came out of turn and now fit on.
void follow(PushChange& change, std::vector<StoredPush> uncounted) {
    for (;;) {
        const auto next = std::ranges::find(uncounted, change.revision, &StoredPush::before);
        if (next == uncounted.end()) return;
        next->counted = true;
        change.revision = next->after;
        change.pushes.push_back(*next);
        uncounted.erase(next);
    }
}

// The push that a look at the remote had found before its announcement came. Pushes may have followed it by then; news
// that fits where the ref stands now is a push of its own, though: the ref has come back.
const StoredPush* found_before(const RefTrail& trail, const StoredPush& news) {
    const auto is_this = [&](const StoredPush& push) { return !push.announced && push.after == news.after; };
    if (const auto* last = trail.last(); last && is_this(*last) && trail.revision == news.after) return last;
    if (trail.revision == news.before) return nullptr;
    const auto found = std::ranges::find_if(trail.recent, is_this);
    return found == trail.recent.end() ? nullptr : &*found;
}

// Of announcements without an id of their own, the same one again.
const StoredPush* told_again(const RefTrail& trail, const StoredPush& news) {
    if (!news.delivery.empty()) return nullptr;
    if (trail.last() && trail.revision == news.after) return trail.last();
    const auto same = std::ranges::find_if(trail.uncounted, [&](const StoredPush& push) {
        return push.before == news.before && push.after == news.after;
    });
    return same == trail.uncounted.end() ? nullptr : &*same;
}

}  // namespace

Decision decide_announced(const RefTrail& trail, StoredPush news, std::int64_t newest) {
    if (trail.delivered) return {.known = trail.delivered, .change = {}};
    if (const StoredPush* found = found_before(trail, news)) {
        StoredPush known = *found;
        known.announced = true;
        known.delivery = news.delivery;
        known.actor = news.actor;
        PushChange change = change_of(known, trail.revision, newest);
        change.pushes = {known};
        return {.known = std::move(known), .change = std::move(change)};
    }
    if (const StoredPush* same = told_again(trail, news)) return {.known = *same, .change = {}};
    const bool is_first_news = trail.revision.empty() || (trail.revision == news.after && !trail.last());
    news.counted = is_first_news || trail.revision == news.before;
    PushChange change = change_of(news, news.counted ? news.after : trail.revision, newest);
    const bool out_of_turn = !news.counted || (trail.revision != news.before);
    const bool moved = news.counted;
    change.pushes = {std::move(news)};
    if (moved) follow(change, trail.uncounted);
    return {.known = {}, .change = std::move(change), .out_of_turn = out_of_turn};
}

Decision decide_found(const RefTrail& trail, StoredPush found, std::int64_t newest) {
    PushChange change = change_of(found, found.after, newest);
    change.pushes = trail.uncounted;  // whatever they were: the ref has been seen behind them
    for (auto& push : change.pushes) push.counted = true;
    const bool announced = std::ranges::find(trail.uncounted, found.after, &StoredPush::after) != trail.uncounted.end();
    if (!announced) {
        found.before = trail.revision;
        found.counted = true;
        change.pushes.push_back(std::move(found));
    }
    return {.known = {}, .change = std::move(change)};
}

}  // namespace gyre::intake

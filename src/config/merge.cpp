#include "config/merge.h"

#include <algorithm>
#include <set>

#include "config/read.h"

namespace gyre::config {
namespace {

constexpr std::size_t usual_key = 64;  // bytes; a longer key counts as several
constexpr std::size_t few = 16;        // up to here looking through a list is faster than a tree

bool is_merge_key(const Node& key) { return key.style == ScalarStyle::plain && key.text == "<<"; }

// The keys of one mapping under construction.
class Keys {
public:
    explicit Keys(const std::pmr::vector<Entry>& entries) : entries_(entries) {}

    const Node* find(std::string_view key) const {
        if (sorted_.empty()) {
            const auto found =
                std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key->text == key; });
            return found == entries_.end() ? nullptr : found->key;
        }
        const auto found = sorted_.find(key);
        return found == sorted_.end() ? nullptr : *found;
    }
    // Call after the entry was appended.
    void appended() {
        if (entries_.size() < few) return;
        if (sorted_.empty()) {
            for (const Entry& entry : entries_) sorted_.insert(entry.key);
        } else {
            sorted_.insert(entries_.back().key);
        }
    }

private:
    struct ByText {
        using is_transparent = void;
        static std::string_view text_of(const Node* key) { return key->text; }
        static std::string_view text_of(std::string_view text) { return text; }
        // By length first: most differ in it, and no long text is looked at then.
        bool operator()(const auto& a, const auto& b) const {
            const std::string_view one = text_of(a);
            const std::string_view other = text_of(b);
            return one.size() != other.size() ? one.size() < other.size() : one < other;
        }
    };

    const std::pmr::vector<Entry>& entries_;
    std::set<const Node*, ByText> sorted_;  // none while there are few entries
};

Diagnostic duplicate(const Node& key, const Node& first) {
    auto found = diagnose(*key.source, Code::duplicate_key, key.span, "the key '" + key.text + "' is here twice");
    found.notes.push_back(note_at(*first.source, first.span, "first written here"));
    return found;
}

Diagnostic not_a_mapping(const Node& place) {
    auto found = diagnose(*place.source, Code::bad_merge, place.span, "`<<` can merge mappings only");
    found.expected = "an alias of a mapping (`<<: *name`) or a list of them";
    return found;
}

// Keys that differ mostly do so in length or at the end.
bool is_same(const std::string& a, const std::string& b) {
    return a.size() == b.size() && (a.empty() || (a.back() == b.back() && a == b));
}

// The usual case, told without building anything: few keys, all different, nothing to merge.
bool is_final(const std::pmr::vector<Entry>& entries) {
    if (entries.size() >= few) return false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (is_merge_key(*entries[i].key)) return false;
        for (std::size_t j = 0; j < i; ++j) {
            if (is_same(entries[i].key->text, entries[j].key->text)) return false;
        }
    }
    return true;
}

class Merger {
public:
    Merger(std::pmr::vector<Entry>& entries, Keys& keys, std::size_t& budget, std::vector<Diagnostic>& diagnostics)
        : entries_(entries), keys_(keys), budget_(budget), diagnostics_(diagnostics) {}

    bool merge(const Item& value) {
        if (value.node->kind != NodeKind::sequence) return merge_one(value, place_of(value));
        for (const Item& item : value.node->items) {
            const Node& place = item.alias == nullptr && value.alias != nullptr ? *value.alias : place_of(item);
            const bool mergeable = item.node->kind == NodeKind::mapping || item.node->kind == NodeKind::broken;
            if (!merge_one(item, place)) return false;
            if (!mergeable) return true;  // one complaint is enough, and the rest is not meant for this place either
        }
        return true;
    }

private:
    static const Node& place_of(const Item& item) { return item.alias != nullptr ? *item.alias : *item.node; }

    bool merge_one(const Item& value, const Node& place) {
        if (value.node->kind == NodeKind::broken) return true;
        if (value.node->kind != NodeKind::mapping) {
            if (diagnostics_.size() < max_diagnostics) diagnostics_.push_back(not_a_mapping(place));
            return true;
        }
        for (const Entry& entry : value.node->entries) {
            const std::size_t price = 1 + entry.key->text.size() / usual_key;  // looking costs as much as adding
            if (budget_ < price) return false;
            budget_ -= price;
            if (keys_.find(entry.key->text) != nullptr) continue;
            entries_.push_back({entry.key, entry.value, &place});
            keys_.appended();
        }
        return true;
    }

    std::pmr::vector<Entry>& entries_;
    Keys& keys_;
    std::size_t& budget_;
    std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

bool finish_mapping(Node& mapping, std::size_t& budget, std::vector<Diagnostic>& diagnostics) {
    if (is_final(mapping.entries)) return true;
    const std::pmr::vector<Entry> written = std::move(mapping.entries);
    mapping.entries.clear();
    mapping.entries.reserve(written.size());
    Keys keys(mapping.entries);
    for (const Entry& entry : written) {
        if (is_merge_key(*entry.key)) continue;
        if (const Node* first = keys.find(entry.key->text)) {
            if (diagnostics.size() < max_diagnostics) diagnostics.push_back(duplicate(*entry.key, *first));
            continue;
        }
        mapping.entries.push_back(entry);
        keys.appended();
    }
    Merger merger(mapping.entries, keys, budget, diagnostics);
    for (const Entry& entry : written) {
        if (is_merge_key(*entry.key) && !merger.merge(entry.value)) return false;
    }
    return true;
}

}  // namespace gyre::config

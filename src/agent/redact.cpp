#include "agent/redact.h"

#include <algorithm>

namespace gyre::agent {
namespace {

constexpr std::string_view mask = "****";

constexpr std::size_t pair_words = (1 << 16) / 64;  // a bit for each pair of bytes

std::size_t pair_at(const unsigned char* bytes) { return (std::size_t{bytes[0]} << 8) | bytes[1]; }

bool has(const std::vector<std::uint64_t>& set, std::size_t pair) { return ((set[pair / 64] >> (pair % 64)) & 1) != 0; }

void add(std::vector<std::uint64_t>& set, std::size_t pair) { set[pair / 64] |= std::uint64_t{1} << (pair % 64); }

}  // namespace

SecretMatcher::SecretMatcher(const std::vector<std::string>& texts)
    : nodes_(1), roots_(256), first_pairs_(pair_words), near_pairs_(pair_words) {
    for (const auto& text : texts) {
        if (text.size() >= shortest_secret) insert(text);
    }
    link_failures();
}

std::shared_ptr<const SecretMatcher> SecretMatcher::for_secrets(const Environment& secrets) {
    return std::make_shared<const SecretMatcher>(secret_forms(secrets));
}

SecretMatcher::Index SecretMatcher::child_of(Index node, unsigned char byte) const {
    if (node == 0) return roots_[byte];
    Index child = nodes_[node].child;
    while (child != 0 && nodes_[child].byte != byte) child = nodes_[child].sibling;
    return child;
}

void SecretMatcher::insert(std::string_view text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    telling_ = std::min(telling_, text.size() / 2);
    add(first_pairs_, pair_at(bytes));
    for (std::size_t at = 0; at < 3; ++at) add(near_pairs_, pair_at(bytes + at));
    Index node = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        Index child = child_of(node, byte);
        if (child == 0) {
            child = static_cast<Index>(nodes_.size());
            nodes_.push_back({.sibling = nodes_[node].child, .depth = nodes_[node].depth + 1, .byte = byte});
            nodes_[node].child = child;
            if (node == 0) roots_[byte] = child;
        }
        node = child;
    }
    nodes_[node].matched = static_cast<std::uint32_t>(text.size());
}

// Breadth first: a node's failure is the longest proper end of what it matched that begins another text.
void SecretMatcher::link_failures() {
    std::vector<Index> queue;
    queue.reserve(nodes_.size());
    for (Index child = nodes_[0].child; child != 0; child = nodes_[child].sibling) queue.push_back(child);
    for (std::size_t at = 0; at < queue.size(); ++at) {
        const Index node = queue[at];
        for (Index child = nodes_[node].child; child != 0; child = nodes_[child].sibling) {
            nodes_[child].fail = next(nodes_[node].fail, nodes_[child].byte);
            nodes_[child].matched = std::max(nodes_[child].matched, nodes_[nodes_[child].fail].matched);
            queue.push_back(child);
        }
    }
}

SecretMatcher::Index SecretMatcher::next(Index node, unsigned char byte) const {
    while (true) {
        const Index child = child_of(node, byte);
        if (child != 0 || node == 0) return child;
        node = nodes_[node].fail;
    }
}

// Three places at a time: a text that begins at one of them has the pair behind them among its first four bytes.
std::size_t SecretMatcher::skip(std::string_view bytes, std::size_t at) const {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    for (; at + 3 < bytes.size(); at += 3) {
        if (!has(near_pairs_, pair_at(data + at + 2))) continue;
        for (std::size_t place = at; place < at + 3; ++place) {
            if (has(first_pairs_, pair_at(data + place))) return place;
        }
    }
    for (; at + 1 < bytes.size(); ++at) {
        if (has(first_pairs_, pair_at(data + at))) return at;
    }
    return at < bytes.size() && roots_[data[at]] != 0 ? at : bytes.size();
}

void Redactor::mark(Region region) {
    while (!regions_.empty() && regions_.back().end >= region.begin) {
        region.begin = std::min(region.begin, regions_.back().begin);
        regions_.pop_back();
    }
    regions_.push_back(region);
}

void Redactor::scan(std::string_view bytes) {
    const auto& matcher = *matcher_;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (node_ == 0) {
            at = matcher.skip(bytes, at);
            if (at == bytes.size()) break;
        }
        node_ = matcher.next(node_, static_cast<unsigned char>(bytes[at]));
        if (const auto length = matcher.nodes_[node_].matched; length > 0) {
            const std::uint64_t end = position_ + at + 1;
            mark({end - length, end});
        }
    }
    position_ += bytes.size();
}

void Redactor::feed(std::string_view bytes, const Sink& sink) {
    if (bytes.empty()) return;
    if (matcher_->empty()) return sink(bytes);
    const std::uint64_t start = position_;
    scan(bytes);
    const std::uint64_t safe = position_ - matcher_->nodes_[node_].depth;
    if (safe > given_) give(safe, bytes, start, sink);
    // What is left begins in `held_` or in `bytes`.
    if (given_ >= start) {
        held_.assign(bytes.substr(static_cast<std::size_t>(given_ - start)));
    } else {
        held_.erase(0, held_.size() - static_cast<std::size_t>(start - given_));
        held_ += bytes;
    }
}

void Redactor::give(std::uint64_t until, std::string_view bytes, std::uint64_t start, const Sink& sink) {
    const std::uint64_t held_from = start - held_.size();
    const auto plain = [&](std::uint64_t from, std::uint64_t to) {
        if (from < start && from < to) {
            const auto end = std::min(to, start);
            sink(std::string_view(held_).substr(static_cast<std::size_t>(from - held_from),
                                                static_cast<std::size_t>(end - from)));
            from = end;
        }
        if (from < to) sink(bytes.substr(static_cast<std::size_t>(from - start), static_cast<std::size_t>(to - from)));
    };
    std::size_t done = 0;
    for (auto& region : regions_) {
        if (region.begin >= until) break;
        const std::uint64_t begin = std::max(region.begin, given_);
        if (given_ < begin) plain(given_, begin);
        const bool goes_on = masked_to_ != 0 && begin <= masked_to_;
        if (!goes_on) sink(mask);
        given_ = masked_to_ = std::min(region.end, until);
        if (region.end > until) break;
        ++done;
    }
    regions_.erase(regions_.begin(), regions_.begin() + static_cast<std::ptrdiff_t>(done));
    if (given_ < until) plain(given_, until);
    given_ = until;
}

void Redactor::idle(const Sink& sink) {
    // A longer beginning of a secret stays: it would tell too much, and ordinary text seldom ends in one. What was
    // given out of it already counts: else each idle moment would let another byte go.
    std::uint64_t telling = matcher_->nodes_[node_].depth;
    const std::uint64_t begin = position_ - telling;
    for (const auto& region : regions_) telling -= region.end - std::max({region.begin, begin, given_});
    if (telling < matcher_->telling()) end(sink);
}

void Redactor::end(const Sink& sink) {
    if (held_.empty()) return;
    give(position_, {}, position_, sink);
    held_.clear();
}

}  // namespace gyre::agent

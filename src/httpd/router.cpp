#include "httpd/router.h"

#include <map>
#include <stdexcept>
#include <string_view>

namespace gyre::httpd {

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> plain;    // :x
    std::unique_ptr<Node> slashed;  // {x}
    std::unique_ptr<Node> rest;     // *x
    std::map<std::string, const Route*, std::less<>> methods;
};

namespace {

enum class SegmentKind { literal, plain, slashed, rest };

struct PatternSegment {
    SegmentKind kind;
    std::string name;
};

PatternSegment read_segment(std::string_view text) {
    if (text.starts_with(':')) return {SegmentKind::plain, std::string(text.substr(1))};
    if (text.starts_with('*')) return {SegmentKind::rest, std::string(text.substr(1))};
    if (text.starts_with('{')) return {SegmentKind::slashed, std::string(text.substr(1, text.size() - 2))};
    return {SegmentKind::literal, std::string(text)};
}

std::vector<PatternSegment> read_pattern(std::string_view pattern) {
    std::vector<PatternSegment> segments;
    while (pattern.starts_with('/') && pattern.size() > 1) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        segments.push_back(read_segment(pattern.substr(0, end)));
        pattern.remove_prefix(end);
    }
    return segments;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return false;
    }
    return true;
}

bool has_slash(std::string_view text) { return text.find_first_of("/\\") != std::string_view::npos; }

// The values of the placeholders, in the order of the pattern; their names belong to the route that is found.
template <typename Node>
const Node* walk(const Node& node, const std::vector<std::string>& segments, std::size_t at,
                 std::vector<std::string>& values) {
    if (at == segments.size()) return node.methods.empty() ? nullptr : &node;
    const auto& segment = segments[at];
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
        if (const auto* found = walk(*literal->second, segments, at + 1, values)) return found;
    }
    const auto descend = [&](const Node* child) -> const Node* {
        if (!child) return nullptr;
        values.push_back(segment);
        if (const auto* found = walk(*child, segments, at + 1, values)) return found;
        values.pop_back();
        return nullptr;
    };
    if (has_slash(segment) || is_uuid(segment)) {
        if (const auto* found = descend(node.slashed.get())) return found;
    }
    if (!segment.empty() && !has_slash(segment)) {
        if (const auto* found = descend(node.plain.get())) return found;
    }
    if (!node.rest) return nullptr;
    std::string joined = segment;
    for (std::size_t i = at + 1; i < segments.size(); ++i) joined += "/" + segments[i];
    values.push_back(std::move(joined));
    return node.rest.get();
}

Pairs name_values(const Route& route, std::vector<std::string> values) {
    Pairs params;
    std::size_t next = 0;
    for (auto& segment : read_pattern(route.pattern)) {
        if (segment.kind != SegmentKind::literal) {
            params.emplace_back(std::move(segment.name), std::move(values[next++]));
        }
    }
    return params;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route route) {
    Node* node = root_.get();
    for (const auto& segment : read_pattern(route.pattern)) {
        auto& child = segment.kind == SegmentKind::literal   ? node->literals[segment.name]
                      : segment.kind == SegmentKind::plain   ? node->plain
                      : segment.kind == SegmentKind::slashed ? node->slashed
                                                             : node->rest;
        if (!child) child = std::make_unique<Node>();
        node = child.get();
    }
    routes_.push_back(std::make_unique<Route>(std::move(route)));
    const Route& kept = *routes_.back();
    if (!node->methods.emplace(kept.method, &kept).second) {
        throw std::logic_error("two routes for " + kept.method + " " + kept.pattern);
    }
}

void Router::fallback(Route route) { fallback_ = std::make_unique<Route>(std::move(route)); }

Router::Match Router::match(const std::string& method, const std::vector<std::string>& segments) const {
    std::vector<std::string> values;
    const Node* node = walk(*root_, segments, 0, values);
    const bool reads = method == "GET" || method == "HEAD";
    if (!node) {
        if (fallback_ && reads) return Found{fallback_.get(), {}};
        return NoPath{};
    }
    auto found = node->methods.find(method);
    if (found == node->methods.end() && method == "HEAD") found = node->methods.find("GET");
    if (found != node->methods.end()) return Found{found->second, name_values(*found->second, std::move(values))};
    std::string allow;
    for (const auto& [name, route] : node->methods) allow += (allow.empty() ? "" : ", ") + name;
    return NoMethod{allow};
}

std::vector<const Route*> Router::routes() const {
    std::vector<const Route*> all;
    all.reserve(routes_.size());
    for (const auto& route : routes_) all.push_back(route.get());
    return all;
}

}  // namespace gyre::httpd

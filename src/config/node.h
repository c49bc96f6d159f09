#pragma once

// The tree of a YAML document, with exact places. Aliases stay shared: an alias is a second pointer to the node its
// anchor named, never a copy, so a small text stays a small tree whatever its aliases would expand to. Merge keys are
// already applied: a mapping's entries are its own, then those merged in that it does not have itself.

#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "config/source.h"

namespace gyre::config {

enum class NodeKind : std::uint8_t {
    null,  // nothing, `~` or `null`
    scalar,
    sequence,
    mapping,
    broken,  // has been reported already; say nothing more about it
};
enum class ScalarStyle : std::uint8_t { plain, quoted, block };

struct Node;

// A use of a node: in place, or through an alias, whose own place is `alias`.
struct Item {
    const Node* node = nullptr;
    const Node* alias = nullptr;  // text: the anchor's name
};

struct Entry {
    const Node* key = nullptr;  // a scalar
    Item value;
    const Node* merge = nullptr;  // the alias or mapping given to `<<` that brought the entry; null for own entries
};

struct Node {
    NodeKind kind = NodeKind::null;
    ScalarStyle style = ScalarStyle::plain;
    bool made = false;         // by the compiler in the place of a scalar with references
    std::uint16_t height = 0;  // how many collections are within each other from here on, aliases followed
    Span span;
    const Source* source = nullptr;
    std::string text;                 // of a scalar: as written (escapes and folds resolved), never reformatted
    std::pmr::vector<Item> items;     // of a sequence
    std::pmr::vector<Entry> entries;  // of a mapping, keys unique

    const Entry* find(std::string_view key) const;
};

// Owns the nodes of one source; nodes keep their addresses. What they consist of is freed with the document, all at
// once. One that was moved from has nothing, and may only be destroyed.
class Document {
public:
    const std::pmr::deque<Node>& nodes() const { return tree_->nodes; }
    const Node* root() const { return tree_->root; }  // null when the text could not be read
    void set_root(const Node* root) { tree_->root = root; }

    // One more, empty.
    Node& add(NodeKind kind, Span span, const Source& source) {
        return tree_->nodes.emplace_back(Node{.kind = kind,
                                              .span = span,
                                              .source = &source,
                                              .items = std::pmr::vector<Item>(&tree_->memory),
                                              .entries = std::pmr::vector<Entry>(&tree_->memory)});
    }

private:
    struct Tree {
        std::pmr::monotonic_buffer_resource memory{16U << 10U};
        std::pmr::deque<Node> nodes{&memory};
        const Node* root = nullptr;
    };
    std::unique_ptr<Tree> tree_ = std::make_unique<Tree>();  // in one place: the nodes lie in its memory
};

}  // namespace gyre::config

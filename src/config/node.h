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
// once.
struct Document {
    Document() = default;
    Document(Document&&) = default;
    Document& operator=(Document&&) = delete;  // would copy the nodes to other memory
    ~Document() = default;

    using Memory = std::pmr::monotonic_buffer_resource;
    std::unique_ptr<Memory> memory = std::make_unique<Memory>(16U << 10U);
    std::pmr::deque<Node> nodes{memory.get()};
    const Node* root = nullptr;  // null when the text could not be read
};

}  // namespace gyre::config

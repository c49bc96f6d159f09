#pragma once

// YAML text -> Document. Reads by libyaml's event stream (its parser does not recurse, keeps the start and the end of
// each token, and looks ahead at most 1024 characters), so every limit bites while reading, before memory is spent.
// Words like `yes` and `3.10` stay text; config/scalar.h says what they mean.

#include <optional>
#include <vector>

#include "config/diagnostic.h"
#include "config/node.h"

namespace gyre::config {

struct ReadLimits {
    std::size_t bytes = 2U << 20U;
    std::size_t nodes = 100'000;           // aliases count as nodes
    std::size_t depth = 256;               // of collections in collections: 100 conditions take 200
    std::size_t height = 320;              // the same, where aliases stand for what they name: readers recurse on it
    std::size_t merged_entries = 100'000;  // entries that merge keys copy (as pointers), long keys as several
};

// Reports everything wrong with the text as YAML. `root` is null after an error that ends reading; after duplicate keys
// and the like the rest is still there, with `broken` nodes in the place of what is unknown.
// The source must outlive the document.
Document read(const Source& source, std::vector<Diagnostic>& diagnostics, const ReadLimits& limits = {});

// A diagnostic with place and excerpt filled in.
Diagnostic diagnose(const Source& source, Code code, Span span, std::string message);

}  // namespace gyre::config

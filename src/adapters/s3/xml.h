#pragma once

// An answer of S3 in XML as a tree of elements, with text and without attributes. Answers come from outside: their
// bytes are bounded by whoever read them, depth and count of elements here, and a DTD is refused. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::s3 {

struct Element {
    std::string name;  // without a namespace's prefix
    std::string text;
    std::vector<Element> children;

    const Element* child(std::string_view wanted) const;  // the first of that name
    std::string text_of(std::string_view wanted) const;   // of the first child of that name; else empty
};

Result<Element> parse_xml(std::string_view bytes);
std::string xml_escape(std::string_view text);

}  // namespace gyre::s3

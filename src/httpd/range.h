#pragma once

// Which bytes of a body a "Range" header asks for (RFC 9110, section 14). Pure.

#include <cstdint>

#include "httpd/message.h"

namespace gyre::httpd {

enum class RangeKind {
    whole,          // 200: no header, one that must be ignored (HEAD, If-Range, wrong form), or several ranges
    part,           // 206: `length` bytes from `from`, at least one
    unsatisfiable,  // 416: it begins behind the end
};

struct Range {
    RangeKind kind = RangeKind::whole;
    std::int64_t from = 0;
    std::int64_t length = 0;  // whole: the size; unsatisfiable: 0
};

// `size`: of the whole body in bytes.
Range range_of(const Request& request, std::int64_t size);

// The value of the Content-Range header that goes with a part or an unsatisfiable range.
std::string content_range(const Range& range, std::int64_t size);

}  // namespace gyre::httpd

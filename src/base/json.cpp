#include "base/json.h"

namespace gyre {

Result<json::value> parse_json(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.bytes) {
        return too_large("the JSON document has " + std::to_string(text.size()) + " bytes; the limit is " +
                         std::to_string(limits.bytes));
    }
    json::parse_options options;
    options.max_depth = limits.depth;
    json::stream_parser parser({}, options);
    json::error_code failed;
    const std::size_t used = parser.write(text.data(), text.size(), failed);
    if (!failed) parser.finish(failed);
    if (failed) return invalid("not valid JSON near byte " + std::to_string(used) + ": " + failed.message());
    return parser.release();
}

}  // namespace gyre

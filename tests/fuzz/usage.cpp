#include "base/json.h"
#include "fuzz/entries.h"
#include "model/resource_usage.h"

namespace gyre::fuzz {

// What an agent tells of the CPU, memory, disk and network of a job; it is kept, and read whenever somebody asks.
std::string usage(std::string_view bytes) {
    const auto read = read_usage(bytes);
    if (!read) return read.error().message.empty() ? "a refusal says nothing" : "";
    const std::string written = to_json_text(*read);
    const auto again = read_usage(written);
    if (!again) return "a usage cannot be read again: " + again.error().message + " " + written;
    if (!(*again == *read)) return "a usage reads differently: " + written;
    const auto share = cpu_share(*read);
    return share && !(*share >= 0) ? "a job used less than no CPU: " + written : "";
}

}  // namespace gyre::fuzz

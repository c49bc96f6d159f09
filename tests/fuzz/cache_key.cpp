#include "agent/cache_key.h"

#include "base/utf8.h"
#include "fuzz/entries.h"

namespace gyre::fuzz {

// A key that can be stored, or a reason.
std::string cache_key(std::string_view bytes) {
    const agent::KeyFacts facts{
        .branch = "main",
        .build_number = "12",
        .revision = "0123456789abcdef",
        .epoch = "1700000000",
        .arch = "linux-amd64-6_85",
        .variable = [](const std::string& name) { return name; },
        .checksum = [](const std::string& path) -> Result<std::string> {
            if (path.size() % 3 == 0) return not_found("no file '" + path + "'");
            return std::string("c2Vl+/=");
        },
    };
    const auto key = agent::evaluate_key(bytes, facts);
    if (!key) return key.error().message.empty() ? "a refusal says nothing" : "";
    if (key->empty() || key->size() > agent::longest_key) return "a key of " + std::to_string(key->size()) + " bytes";
    if (valid_utf8(*key) != *key) return "the key is not UTF-8";
    if (key->find_first_of(",\r\n") != std::string::npos || key->find('\0') != std::string::npos)
        return "the key has a forbidden character";
    return {};
}

}  // namespace gyre::fuzz

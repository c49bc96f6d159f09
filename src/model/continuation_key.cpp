#include "model/continuation_key.h"

#include "base/digest.h"

namespace gyre {
namespace {

constexpr std::size_t signature_size = 64;  // hexadecimal digits of a SHA-256

}  // namespace

std::string continuation_key(const std::string& secret, const PipelineId& pipeline) {
    return pipeline.text + "." + to_hex(hmac_sha256(secret, "continuation\n" + pipeline.text));
}

std::optional<PipelineId> pipeline_of_key(const std::string& secret, std::string_view key) {
    constexpr std::size_t longest = 200;
    if (key.size() > longest || key.size() <= signature_size + 1) return std::nullopt;
    PipelineId pipeline{std::string(key.substr(0, key.size() - signature_size - 1))};
    if (!equal_in_constant_time(key, continuation_key(secret, pipeline))) return std::nullopt;
    return pipeline;
}

}  // namespace gyre

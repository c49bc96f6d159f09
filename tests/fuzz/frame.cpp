#include "base/json.h"
#include "fuzz/entries.h"
#include "model/job_manifest.h"
#include "wire/agent_protocol.h"
#include "wire/supervisor_protocol.h"

namespace gyre::fuzz {
namespace {

// What was read is written so that it reads the same.
template <typename T>
std::string check(const json::value& from) {
    const auto read = from_json<T>(from);
    if (!read) return read.error().message.empty() ? "a refusal says nothing" : "";
    const std::string written = to_json_text(*read);
    const auto again = from_json_text<T>(written, {.bytes = written.size(), .depth = 64});
    if (!again) return "a frame cannot be read again: " + again.error().message + " " + written;
    return to_json_text(*again) == written ? "" : "a frame reads differently: " + written;
}

}  // namespace

// The frames between server, agent and supervisor.
std::string frame(std::string_view bytes) {
    const auto value = parse_json(bytes);
    if (!value) return value.error().message.empty() ? "a refusal says nothing" : "";
    for (const auto& one :
         {check<wire::Report>, check<wire::SpawnRequest>, check<wire::SignalRequest>, check<wire::ClaimRequest>,
          check<wire::Assignment>, check<wire::HeartbeatAnswer>, check<wire::StepReports>, check<wire::Layers>,
          check<wire::TestBatch>, check<wire::Finish>}) {
        if (std::string wrong = one(*value); !wrong.empty()) return wrong;
    }
    // What an agent told is kept, and read whenever somebody asks.
    if (const auto manifest = read_manifest(bytes); manifest && !read_manifest(to_json_text(*manifest)))
        return "a manifest cannot be read again";
    return {};
}

}  // namespace gyre::fuzz

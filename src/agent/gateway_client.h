#pragma once

// The agent's end of wire/agent_protocol.h, one typed call each, over one kept connection. Not thread-safe: each thread
// has its own GatewayClient.
//
// Errors: conflict = fenced off, the attempt is over (JobControl has been told); unavailable = try again; the others
// mean that this call will never succeed. keep_trying() repeats a call with the back-off of the protocol.
//
// Calls on their way end early when their end has come (TryUntil).

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/job_control.h"
#include "base/http_client.h"
#include "base/result.h"
#include "model/resource_usage.h"
#include "wire/agent_protocol.h"
#include "wire/other_tasks.h"

namespace gyre::agent {

// Bytes of a file that are sent: the descriptor stays the caller's.
struct FilePart {
    int file = -1;
    std::int64_t offset = 0;
    std::int64_t length = 0;
};

enum class TryUntil {
    stopping,
    fenced
};  // for the steps of a job; for what must be delivered even when it is canceled

class GatewayClient {
public:
    GatewayClient(const http::Endpoint& server, const AttemptId& attempt, const std::string& token, JobControl& control,
                  TryUntil until = TryUntil::fenced);

    // One more for another thread, whose calls on their way end when `event` is readable.
    GatewayClient another(int event) const;

    Result<wire::HeartbeatAnswer> heartbeat(const wire::Heartbeat& heartbeat, std::chrono::milliseconds patience);
    Result<void> report(const wire::StepReports& reports);
    // Both answer the length that is stored now. It differs from offset + length when the server had less, or more.
    Result<std::int64_t> put_output(int step, const FilePart& part);
    Result<std::int64_t> put_blob(const std::string& sha256, std::int64_t total, const FilePart& part);
    // `rest`: what comes from `stored` on.
    Result<std::int64_t> put_blob(const std::string& sha256, std::int64_t total, std::int64_t stored,
                                  std::string_view rest);
    Result<wire::BlobNames> lacking_blobs(const wire::BlobNames& names);
    Result<bool> has_blob(const std::string& sha256);
    Result<void> get_blob(const std::string& sha256, const http::BodySink& sink);  // not_found
    Result<std::optional<CacheEntry>> find_cache(const std::vector<std::string>& keys);
    Result<bool> add_cache(const CacheEntry& entry);  // false: the key existed already
    Result<wire::Layers> workspace();
    Result<void> add_layer(const WorkspaceLayer& layer);
    Result<void> add_artifact(const Artifact& artifact);
    Result<void> add_tests(const wire::TestBatch& batch);
    Result<wire::EarlierTests> earlier_tests();
    Result<wire::OtherTasks> other_tasks();
    Result<void> tell_ssh(const wire::SshEvents& events);
    Result<void> tell_usage(const ResourceUsage& so_far, std::chrono::milliseconds patience);
    Result<void> finish(const wire::Finish& finish);

    // The last call reached nobody: the server's socket refuses connections or is not there.
    bool was_refused() const { return client_.was_refused(); }
    JobControl& control() { return *control_; }

private:
    GatewayClient(const http::Endpoint& server, int cancel, std::string base, std::string authorization,
                  JobControl& control);
    Result<http::Response> call(http::Request request, const http::BodySink& sink = {});
    Result<http::Response> post(const std::string& path, std::string body);
    Result<std::int64_t> put_part(std::string target, const FilePart& part);

    http::Client client_;
    std::string base_;
    std::string authorization_;
    JobControl* control_;
};

// Waits between tries grow from 50 ms to 5 s; to 250 ms only while a unix socket refuses, which costs nothing to ask.
class BackOff {
public:
    std::chrono::milliseconds next(bool refused);
    void reset() { span_ = std::chrono::milliseconds(0); }

private:
    std::chrono::milliseconds span_{0};
};

template <typename Call>
auto keep_trying(GatewayClient& gateway, TryUntil until, Call call) -> decltype(call()) {
    BackOff back_off;
    auto& control = gateway.control();
    const int event = until == TryUntil::fenced ? control.fence_event() : control.stop_event();
    while (true) {
        if (until == TryUntil::stopping && control.is_stopping())
            return unavailable("the job is stopping: " + control.why());
        auto result = call();
        if (result || result.error().fault != Fault::unavailable) return result;
        if (!sleep_unless(event, back_off.next(gateway.was_refused()))) return result;
    }
}

}  // namespace gyre::agent

#include "apps/gyre/job_run.h"

#include "apps/gyre/cli.h"
#include "base/http_client.h"

namespace gyre::apps {

std::string target_of(const NamedRun& run, const std::string& what) {
    std::string target = "/api/v2/gyre/project/" + http::url_encode(run.slug) + "/job/" + std::to_string(run.number) +
                         what + "?task=" + std::to_string(run.task);
    if (run.attempt > 0) target += "&attempt=" + std::to_string(run.attempt);
    return target;
}

Result<JobRun> read_run(const json::value& answer) {
    const auto* object = answer.if_object();
    const auto* manifest = object ? object->if_contains("manifest") : nullptr;
    const auto* steps = object ? object->if_contains("steps") : nullptr;
    if (!manifest || !steps) return invalid("the server's answer has no manifest: is it of another version?");
    JobRun run;
    GYRE_TRY_ASSIGN(run.manifest, read_manifest(json::serialize(*manifest)));
    GYRE_TRY_ASSIGN(run.steps, from_json<std::vector<StepRecord>>(*steps));
    run.status = text_of(answer, "status");
    return run;
}

}  // namespace gyre::apps

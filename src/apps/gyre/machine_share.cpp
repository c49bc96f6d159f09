#include "apps/gyre/machine_share.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "adapters/local/capacity.h"
#include "agent/executors/cdi.h"
#include "apps/gyre/objects.h"
#include "httpd/server.h"

namespace gyre::apps {
namespace {

std::string host_name() {
    char name[256] = "localhost";
    gethostname(name, sizeof name - 1);
    return name;
}

constexpr const char* elsewhere = "elsewhere";

int gpus_here(const ServerSettings& settings) {
    if (settings.gpus == elsewhere) return 0;
    int number = 0;
    const auto* end = settings.gpus.data() + settings.gpus.size();
    if (std::from_chars(settings.gpus.data(), end, number).ptr == end) return number;
    return static_cast<int>(std::ranges::count_if(agent::find_gpus(settings.cdi_directories), agent::is_there));
}

}  // namespace

std::string client_of(const ServerSettings& settings) {
    return settings.client.empty() ? host_name() : settings.client;
}

Resources offered(const ServerSettings& settings) {
    Resources machine = adapters::machine_resources();
    if (settings.cpus > 0) machine.millicpus = settings.cpus * 1000;
    if (settings.memory_mb > 0) machine.memory_mb = settings.memory_mb;
    Resources offered =
        adapters::offered_resources(machine, {settings.reserve_cpus * 1000, settings.reserve_memory_mb});
    offered.gpus = gpus_here(settings);
    return offered;
}

std::optional<int> gpus_of_a_job(const ServerSettings& settings) {
    if (settings.gpus == elsewhere) return std::nullopt;
    return gpus_here(settings);
}

wire::Limits limits_of(const ServerSettings& settings) {
    wire::Limits limits;
    limits.job_ms = settings.job_timeout_ms;
    limits.step_output_bytes = settings.step_output_bytes;
    return limits;
}

// Those that wait for objects elsewhere must leave some to the others.
int workers_of(const ServerSettings& settings) {
    const int usual = httpd::ServerLimits{}.worker_threads;
    return settings.objects.empty() ? usual : usual + calls_to_objects;
}

}  // namespace gyre::apps

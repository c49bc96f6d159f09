#include "config/keys.h"

#include <algorithm>
#include <array>

namespace gyre::config {
namespace {

using namespace shape;

constexpr Shapes environment_shapes = mapping | list | text | nothing;
constexpr Shapes condition = text | boolean | mapping | list | nothing;  // a list: of a parameter of type steps
constexpr Shapes any = text | mapping | list | nothing;
constexpr Since v2 = Since::v2;
constexpr Since v2_1 = Since::v2_1;
constexpr Standing supported = Standing::supported;

constexpr std::array top_level_keys{
    KeySpec{"version", text, v2, supported, true},
    KeySpec{"jobs", mapping | nothing, v2, supported, false, {}, &keys::job},
    KeySpec{"workflows", mapping | nothing, v2, supported, false, {}, &keys::workflow},
    KeySpec{"setup", boolean, v2_1},
    KeySpec{"orbs", mapping | nothing, v2_1, supported, false, {}, &keys::orb},
    KeySpec{"commands", mapping | nothing, v2_1, supported, false, {}, &keys::command},
    KeySpec{"executors", mapping | nothing, v2_1, supported, false, {}, &keys::executor},
    KeySpec{"parameters", mapping | nothing, v2_1, supported, false, {}, &keys::parameter},
    KeySpec{"job-groups", mapping | nothing, v2_1, supported, false, {}, &keys::job_group},
};

constexpr std::array job_keys{
    KeySpec{"docker", list, v2, supported, false, {}, &keys::docker_entry},
    KeySpec{"machine", text | boolean | mapping, v2, supported, false, {}, &keys::machine},
    KeySpec{"macos", mapping, v2, supported, false, {}, &keys::macos},
    KeySpec{"executor", text | mapping, v2_1},
    KeySpec{.name = "steps", .shapes = list, .vital = true},
    KeySpec{"shell", text | list},
    KeySpec{"working_directory", text},
    KeySpec{"parallelism", integer},
    KeySpec{"environment", environment_shapes},
    KeySpec{"resource_class", text},
    KeySpec{"type", text},
    KeySpec{"description", text | nothing},
    KeySpec{"parameters", mapping | nothing, v2_1},
    KeySpec{"branches", mapping, v2, Standing::deprecated, false, "use 'filters' in a workflow", &keys::ref_filter},
    KeySpec{"circleci_ip_ranges", boolean, v2, Standing::ignored, false, "jobs use the addresses of their machine"},
    KeySpec{"retention", mapping, v2, Standing::ignored, false, "the server's settings say how long things are kept"},
};

constexpr std::string_view no_cloud_login =
    "agents log in to registries with a name and a password; write them into 'auth'";

constexpr std::array docker_entry_keys{
    KeySpec{"image", text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"entrypoint", text | list},
    KeySpec{"command", text | list},
    KeySpec{"user", text},
    KeySpec{"environment", environment_shapes},
    KeySpec{"auth", mapping, v2, supported, false, {}, &keys::docker_auth},
    KeySpec{"aws_auth", mapping, v2, Standing::ignored, false, no_cloud_login},
    KeySpec{"gcp_auth", mapping, v2, Standing::ignored, false, no_cloud_login},
};

constexpr std::array docker_auth_keys{
    KeySpec{"username", text, v2, supported, true},
    KeySpec{"password", text, v2, supported, true},
};

constexpr std::array machine_keys{
    KeySpec{"image", text},        KeySpec{"docker_layer_caching", boolean},
    KeySpec{"enabled", boolean},   KeySpec{"resource_class", text},
    KeySpec{"shell", text | list},
};

constexpr std::array macos_keys{
    KeySpec{"xcode", text, v2, supported, true},
    KeySpec{"resource_class", text},
    KeySpec{"shell", text | list},
};

constexpr std::array workflow_keys{
    KeySpec{"jobs", list, v2, supported, true, {}, &keys::workflow_job},
    KeySpec{"triggers", list, v2, supported, false, {}, &keys::trigger},
    KeySpec{"when", condition, v2_1},
    KeySpec{"unless", condition, v2_1},
    KeySpec{"max_auto_reruns", integer},
};

constexpr std::array workflow_job_keys{
    KeySpec{"requires", list | nothing},
    KeySpec{"name", text},
    KeySpec{"context", text | list | nothing},
    KeySpec{"type", text},
    KeySpec{"filters", mapping | text | nothing, v2, supported, false, {}, &keys::filters},
    KeySpec{"matrix", mapping, v2_1, supported, false, {}, &keys::matrix},
    KeySpec{"pre-steps", list, v2_1},
    KeySpec{"post-steps", list, v2_1},
    KeySpec{"serial-group", text},
    KeySpec{"override-with", text, v2_1, Standing::ignored, false,
            "the job that the entry names runs, not that of an orb"},
};

constexpr std::array job_group_keys{
    KeySpec{"jobs", list, v2, supported, true, {}, &keys::workflow_job},
};

constexpr std::array group_entry_keys{
    KeySpec{"requires", list | nothing},
    KeySpec{"name", text},
    KeySpec{"filters", mapping | text | nothing, v2, supported, false, {}, &keys::filters},
    KeySpec{"serial-group", text},
};

constexpr std::array matrix_keys{
    KeySpec{"parameters", mapping, v2_1, supported, true},
    KeySpec{"exclude", list | nothing, v2_1},
    KeySpec{"alias", text, v2_1},
};

constexpr std::array parameter_keys{
    KeySpec{"type", text, v2_1, supported, true},
    KeySpec{"description", text | nothing, v2_1},
    KeySpec{"default", any, v2_1},
    KeySpec{"enum", list, v2_1},
};

constexpr std::array command_keys{
    KeySpec{"description", text | nothing, v2_1},
    KeySpec{"parameters", mapping | nothing, v2_1, supported, false, {}, &keys::parameter},
    KeySpec{"steps", list, v2_1, supported, true},
};

constexpr std::array executor_keys{
    KeySpec{"docker", list, v2_1, supported, false, {}, &keys::docker_entry},
    KeySpec{"machine", text | boolean | mapping, v2_1, supported, false, {}, &keys::machine},
    KeySpec{"macos", mapping, v2_1, supported, false, {}, &keys::macos},
    KeySpec{"shell", text | list, v2_1},
    KeySpec{"working_directory", text, v2_1},
    KeySpec{"environment", environment_shapes, v2_1},
    KeySpec{"resource_class", text, v2_1},
    KeySpec{"description", text | nothing, v2_1},
    KeySpec{"parameters", mapping | nothing, v2_1, supported, false, {}, &keys::parameter},
};

constexpr std::array orb_keys{
    KeySpec{"version", text, v2_1},
    KeySpec{"description", text | nothing, v2_1},
    KeySpec{"display", mapping | nothing, v2_1},
    KeySpec{"orbs", mapping | nothing, v2_1, supported, false, {}, &keys::orb},
    KeySpec{"commands", mapping | nothing, v2_1, supported, false, {}, &keys::command},
    KeySpec{"executors", mapping | nothing, v2_1, supported, false, {}, &keys::executor},
    KeySpec{"jobs", mapping | nothing, v2_1, supported, false, {}, &keys::job},
    KeySpec{"examples", mapping | nothing, v2_1},
};

constexpr std::array matches_keys{
    KeySpec{"pattern", text, v2_1, supported, true},
    KeySpec{"value", text | nothing, v2_1, supported, true},
};

constexpr std::array filters_keys{
    KeySpec{"branches", mapping | nothing, v2, supported, false, {}, &keys::ref_filter},
    KeySpec{"tags", mapping | nothing, v2, supported, false, {}, &keys::ref_filter},
};

constexpr std::array ref_filter_keys{
    KeySpec{"only", text | list | nothing},
    KeySpec{"ignore", text | list | nothing},
};

constexpr std::array trigger_keys{
    KeySpec{"schedule", mapping, v2, supported, true, {}, &keys::schedule},
};

constexpr std::array schedule_keys{
    KeySpec{"cron", text, v2, supported, true},
    KeySpec{"filters", mapping, v2, supported, true, {}, &keys::schedule_filters},
};

constexpr std::array schedule_filters_keys{
    KeySpec{"branches", mapping, v2, supported, true, {}, &keys::ref_filter},
};

}  // namespace

namespace keys {
const MappingSpec top_level{"the config", top_level_keys, true};
const MappingSpec job{"a job", job_keys, false, Lenient::in_2_0};
const MappingSpec docker_entry{"a docker entry", docker_entry_keys};
const MappingSpec docker_auth{"'auth'", docker_auth_keys};
const MappingSpec machine{"'machine'", machine_keys};
const MappingSpec macos{"'macos'", macos_keys};
const MappingSpec workflow{"a workflow", workflow_keys};
const MappingSpec workflow_job{"a workflow's job", workflow_job_keys, false, Lenient::always};
const MappingSpec job_group{"a job group", job_group_keys};
const MappingSpec group_entry{"the entry of a job group", group_entry_keys};
const MappingSpec filters{"'filters'", filters_keys};
const MappingSpec ref_filter{"a filter", ref_filter_keys};
const MappingSpec matrix{"'matrix'", matrix_keys};
const MappingSpec parameter{"a parameter", parameter_keys};
const MappingSpec command{"a command", command_keys};
const MappingSpec executor{"an executor", executor_keys};
const MappingSpec orb{"an orb", orb_keys, false, Lenient::always};
const MappingSpec matches{"'matches'", matches_keys};
const MappingSpec trigger{"a trigger", trigger_keys};
const MappingSpec schedule{"'schedule'", schedule_keys};
const MappingSpec schedule_filters{"a schedule's filters", schedule_filters_keys};
}  // namespace keys

const KeySpec* MappingSpec::find(std::string_view key) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeySpec& one) {
        return one.name.size() == key.size() && one.name.front() == key.front() && one.name == key;
    });
    return found == keys.end() ? nullptr : &*found;
}

std::string describe(Shapes shapes) {
    constexpr std::array<std::pair<Shapes, std::string_view>, 5> words{{{shape::text, "text"},
                                                                        {shape::boolean, "true or false"},
                                                                        {shape::integer, "a whole number"},
                                                                        {shape::mapping, "a mapping"},
                                                                        {shape::list, "a list"}}};
    std::string text;
    for (const auto& [bit, word] : words) {
        if ((shapes & bit) == 0) continue;
        if (!text.empty()) text += " or ";
        text += word;
    }
    return text;
}

}  // namespace gyre::config

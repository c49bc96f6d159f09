#include "config/step_keys.h"

#include <algorithm>

namespace gyre::config {
namespace {

using namespace shape;

constexpr Since v2 = Since::v2;
constexpr Standing supported = Standing::supported;

constexpr std::array run_keys{
    KeySpec{"command", text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"shell", text | list},
    KeySpec{"environment", mapping | list | text | nothing},
    KeySpec{"background", boolean},
    KeySpec{"working_directory", text},
    KeySpec{"no_output_timeout", text},
    KeySpec{"when", text},
    KeySpec{"max_auto_reruns", integer},
    KeySpec{"auto_rerun_delay", text},
};

constexpr std::array checkout_keys{
    KeySpec{"path", text}, KeySpec{"method", text}, KeySpec{"depth", integer},
    KeySpec{"name", text}, KeySpec{"when", text},
};

constexpr std::array save_cache_keys{
    KeySpec{"key", text, v2, supported, true},
    KeySpec{"paths", list | text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"when", text},
};

constexpr std::array restore_cache_keys{
    KeySpec{"key", text},
    KeySpec{"keys", list},
    KeySpec{"name", text},
    KeySpec{"when", text},
    KeySpec{"paths", list, v2, Standing::ignored, false, "a cache is restored to where it was saved from"},
};

constexpr std::array persist_keys{
    KeySpec{"root", text, v2, supported, true},
    KeySpec{"paths", list | text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"when", text},
};

constexpr std::array attach_keys{
    KeySpec{"at", text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"when", text},
};

constexpr std::array store_artifacts_keys{
    KeySpec{"path", text, v2, supported, true},
    KeySpec{"destination", text},
    KeySpec{"name", text},
    KeySpec{"when", text},
};

constexpr std::array store_test_results_keys{
    KeySpec{"path", text, v2, supported, true},
    KeySpec{"name", text},
    KeySpec{"when", text},
    KeySpec{"destination", text, v2, Standing::ignored, false, "test results are shown with the job"},
};

constexpr std::array add_ssh_keys_keys{
    KeySpec{"fingerprints", list},
    KeySpec{"name", text},
    KeySpec{"when", text},
};

constexpr std::array setup_remote_docker_keys{
    KeySpec{"docker_layer_caching", boolean},
    KeySpec{"version", text},
    KeySpec{"name", text},
    KeySpec{"when", text},
    KeySpec{"prefer_same_region", boolean, v2, Standing::ignored, false, "the server has one region"},
    KeySpec{"reusable", boolean, v2, Standing::ignored, false, "it is a leftover of version 1"},
};

constexpr std::array condition_keys{
    KeySpec{"condition", text | boolean | mapping | list | nothing, Since::v2_1, supported, true},
    KeySpec{"steps", list, Since::v2_1, supported, true},
};

// Attributes that nothing knows do nothing; so it is elsewhere, and real configs have them.
constexpr MappingSpec attributes(std::string_view step, KeyTable keys) { return {step, keys, false, Lenient::always}; }

const std::array specs{
    StepSpec{.kind = StepKind::run, .attributes = attributes("run", run_keys), .text = true},
    StepSpec{.kind = StepKind::deploy, .attributes = attributes("deploy", run_keys), .text = true},
    StepSpec{.kind = StepKind::checkout, .attributes = attributes("checkout", checkout_keys), .bare = true},
    StepSpec{.kind = StepKind::save_cache, .attributes = attributes("save_cache", save_cache_keys)},
    StepSpec{.kind = StepKind::restore_cache, .attributes = attributes("restore_cache", restore_cache_keys)},
    StepSpec{.kind = StepKind::persist_to_workspace, .attributes = attributes("persist_to_workspace", persist_keys)},
    StepSpec{.kind = StepKind::attach_workspace, .attributes = attributes("attach_workspace", attach_keys)},
    StepSpec{.kind = StepKind::store_artifacts, .attributes = attributes("store_artifacts", store_artifacts_keys)},
    StepSpec{.kind = StepKind::store_test_results,
             .attributes = attributes("store_test_results", store_test_results_keys)},
    StepSpec{.kind = StepKind::add_ssh_keys, .attributes = attributes("add_ssh_keys", add_ssh_keys_keys), .bare = true},
    StepSpec{.kind = StepKind::setup_remote_docker,
             .attributes = attributes("setup_remote_docker", setup_remote_docker_keys),
             .bare = true},
    StepSpec{.kind = StepKind::when, .attributes = {"when", condition_keys}, .since = Since::v2_1},
    StepSpec{.kind = StepKind::unless, .attributes = {"unless", condition_keys}, .since = Since::v2_1},
    StepSpec{.kind = StepKind::steps, .attributes = {"steps", {}}, .since = Since::v2_1},
};

}  // namespace

std::span<const StepSpec> step_specs() { return specs; }

const StepSpec* find_step(std::string_view name) {
    std::string wanted(name);
    std::replace(wanted.begin(), wanted.end(), '-', '_');
    const auto found =
        std::find_if(specs.begin(), specs.end(), [&](const StepSpec& one) { return one.attributes.name == wanted; });
    return found == specs.end() ? nullptr : &*found;
}

}  // namespace gyre::config

#pragma once

// The steps of a job, fully resolved: what `config` compiles and the agent carries out. Durations are milliseconds.
// Paths are as written; `~` and relative paths are resolved by the agent inside the job (config-language.md section 5).

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/enum_names.h"

namespace gyre {

struct EnvVar {
    std::string name;
    std::string value;
    bool operator==(const EnvVar&) const = default;
};
BOOST_DESCRIBE_STRUCT(EnvVar, (), (name, value))
using Environment = std::vector<EnvVar>;  // in order; a later entry of the same name wins

// When a step runs, seen from the steps before it.
enum class StepCondition { on_success, on_fail, always };
constexpr EnumNames<StepCondition, 3> enum_names(StepCondition) {
    return {{{StepCondition::on_success, "on_success"},
             {StepCondition::on_fail, "on_fail"},
             {StepCondition::always, "always"}}};
}

struct RunStep {
    static constexpr std::string_view kind = "run";
    std::string name;  // the command's text where none was given
    std::string command;
    std::string shell;  // empty: the job's shell
    Environment environment;
    std::string working_directory;  // empty: the job's
    bool background = false;
    std::int64_t no_output_timeout_ms = 600'000;
    StepCondition when = StepCondition::on_success;
    int max_auto_reruns = 0;
    std::int64_t auto_rerun_delay_ms = 0;
    bool deploy = false;  // the deprecated `deploy` step: with parallelism > 1 it runs on index 0 only
    bool operator==(const RunStep&) const = default;
};
// How much of the history a checkout brings.
enum class CheckoutMethod { full, blobless, shallow };
constexpr EnumNames<CheckoutMethod, 3> enum_names(CheckoutMethod) {
    return {
        {{CheckoutMethod::full, "full"}, {CheckoutMethod::blobless, "blobless"}, {CheckoutMethod::shallow, "shallow"}}};
}
struct CheckoutStep {
    static constexpr std::string_view kind = "checkout";
    std::string name = "Checkout code";
    std::string path;  // empty: the working directory
    CheckoutMethod method = CheckoutMethod::full;
    int depth = 0;  // of a shallow one: how many commits; 0: one
    StepCondition when = StepCondition::on_success;
    bool operator==(const CheckoutStep&) const = default;
};
struct SaveCacheStep {
    static constexpr std::string_view kind = "save_cache";
    std::string name = "Saving Cache";
    std::string key;  // template, evaluated in the job
    std::vector<std::string> paths;
    StepCondition when = StepCondition::on_success;
    bool operator==(const SaveCacheStep&) const = default;
};
struct RestoreCacheStep {
    static constexpr std::string_view kind = "restore_cache";
    std::string name = "Restoring Cache";
    std::vector<std::string> keys;  // templates, tried in order, each a prefix
    StepCondition when = StepCondition::on_success;
    bool operator==(const RestoreCacheStep&) const = default;
};
struct PersistToWorkspaceStep {
    static constexpr std::string_view kind = "persist_to_workspace";
    std::string name = "Persisting to Workspace";
    std::string root;
    std::vector<std::string> paths;  // globs relative to root
    StepCondition when = StepCondition::on_success;
    bool operator==(const PersistToWorkspaceStep&) const = default;
};
struct AttachWorkspaceStep {
    static constexpr std::string_view kind = "attach_workspace";
    std::string name = "Attaching Workspace";
    std::string at;
    StepCondition when = StepCondition::on_success;
    bool operator==(const AttachWorkspaceStep&) const = default;
};
struct StoreArtifactsStep {
    static constexpr std::string_view kind = "store_artifacts";
    std::string name = "Uploading Artifacts";
    std::string path;
    std::string destination;  // empty: derived from path
    StepCondition when = StepCondition::always;
    bool operator==(const StoreArtifactsStep&) const = default;
};
struct StoreTestResultsStep {
    static constexpr std::string_view kind = "store_test_results";
    std::string name = "Uploading Test Results";
    std::string path;
    StepCondition when = StepCondition::always;
    bool operator==(const StoreTestResultsStep&) const = default;
};

struct AddSshKeysStep {
    static constexpr std::string_view kind = "add_ssh_keys";
    std::string name = "Adding SSH Keys";
    std::vector<std::string> fingerprints;  // empty: all additional keys of the project
    StepCondition when = StepCondition::on_success;
    bool operator==(const AddSshKeysStep&) const = default;
};
struct SetupRemoteDockerStep {
    static constexpr std::string_view kind = "setup_remote_docker";
    std::string name = "Setup a remote Docker engine";
    std::string version;
    bool docker_layer_caching = false;
    StepCondition when = StepCondition::on_success;
    bool operator==(const SetupRemoteDockerStep&) const = default;
};

using Step =
    std::variant<RunStep, CheckoutStep, SaveCacheStep, RestoreCacheStep, PersistToWorkspaceStep, AttachWorkspaceStep,
                 StoreArtifactsStep, StoreTestResultsStep, AddSshKeysStep, SetupRemoteDockerStep>;

BOOST_DESCRIBE_STRUCT(RunStep, (),
                      (name, command, shell, environment, working_directory, background, no_output_timeout_ms, when,
                       max_auto_reruns, auto_rerun_delay_ms, deploy))
BOOST_DESCRIBE_STRUCT(CheckoutStep, (), (name, path, method, depth, when))
BOOST_DESCRIBE_STRUCT(SaveCacheStep, (), (name, key, paths, when))
BOOST_DESCRIBE_STRUCT(RestoreCacheStep, (), (name, keys, when))
BOOST_DESCRIBE_STRUCT(PersistToWorkspaceStep, (), (name, root, paths, when))
BOOST_DESCRIBE_STRUCT(AttachWorkspaceStep, (), (name, at, when))
BOOST_DESCRIBE_STRUCT(StoreArtifactsStep, (), (name, path, destination, when))
BOOST_DESCRIBE_STRUCT(StoreTestResultsStep, (), (name, path, when))
BOOST_DESCRIBE_STRUCT(AddSshKeysStep, (), (name, fingerprints, when))
BOOST_DESCRIBE_STRUCT(SetupRemoteDockerStep, (), (name, version, docker_layer_caching, when))

inline const std::string& name_of(const Step& step) {
    return std::visit([](const auto& kind) -> const std::string& { return kind.name; }, step);
}
inline StepCondition condition_of(const Step& step) {
    return std::visit([](const auto& kind) { return kind.when; }, step);
}

}  // namespace gyre

#pragma once

// The step kinds of the language, each with the table of its keys.

#include <array>
#include <string_view>

#include "config/keys.h"

namespace gyre::config {

enum class StepKind {
    run,
    deploy,
    checkout,
    save_cache,
    restore_cache,
    persist_to_workspace,
    attach_workspace,
    store_artifacts,
    store_test_results,
    add_ssh_keys,
    setup_remote_docker,
    when,
    unless,
    steps,  // the value of a parameter of type steps
};

struct StepSpec {
    StepKind kind;
    MappingSpec attributes;  // its name is the step's name
    bool bare = false;       // may be written without attributes
    bool text = false;       // may be written with text in place of attributes
    Since since = Since::v2;
};

std::span<const StepSpec> step_specs();
// By name. A name may be written with '-' for '_', as old configs do.
const StepSpec* find_step(std::string_view name);

}  // namespace gyre::config

#include "conductor/handover.h"

namespace gyre::conductor {

Result<void> check_handover(const Pipeline& pipeline, const HandedOver& handed, Timestamp at) {
    if (pipeline.state != PipelineState::setup_pending)
        return conflict("this pipeline waits for no config: only one with `setup: true` in its config does");
    if (at - pipeline.created_at > longest_setup)
        return conflict("too late: a config may be handed over within 6 hours from the pipeline's beginning");
    for (const auto& [name, value] : handed.parameters) {
        if (pipeline.trigger.parameters.contains(name) || pipeline.trigger.parameter_texts.contains(name))
            return invalid("Conflicting pipeline parameters: '" + name +
                           "' was given when the pipeline was triggered, and cannot be given again");
    }
    return {};
}

Result<void> answer_again(const Pipeline& pipeline, const HandedOver& handed) {
    const Continuation& taken = *pipeline.continuation;
    if (taken.config_source != handed.config || taken.parameters != handed.parameters)
        return conflict("another config was handed over for this pipeline already: the key counts once");
    if (pipeline.state != PipelineState::errored) return {};
    std::string said;
    for (const auto& error : pipeline.errors) said += (said.empty() ? "" : "\n") + error.message;
    return invalid(std::move(said));
}

}  // namespace gyre::conductor

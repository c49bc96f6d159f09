// Steps of the language for which this agent has nothing to offer: they say so, and what to do instead.

#include <fmt/format.h>

#include "agent/steps/steps.h"

namespace gyre::agent {

StepEnd carry_out(const AddSshKeysStep& step, Job&, const Output& output) {
    if (step.fingerprints.empty()) {
        output->say("No additional SSH keys are stored for this project; nothing to add.");
        return {};
    }
    for (const std::string& one : step.fingerprints)
        output->say(fmt::format("No SSH key with the fingerprint {}", one));
    return StepEnd::failed("the project has no SSH key with these fingerprints: this server cannot store keys yet");
}

StepEnd carry_out(const SetupRemoteDockerStep&, Job&, const Output& output) {
    const std::string why =
        "this agent cannot give a job a Docker engine yet: use a machine executor on a host that has one";
    output->say(why);
    return StepEnd::failed(why);
}

}  // namespace gyre::agent

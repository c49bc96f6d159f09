// Steps of the language for which this agent has nothing to offer: they say so, and what to do instead.

#include "agent/steps/steps.h"

namespace gyre::agent {

StepEnd carry_out(const SetupRemoteDockerStep&, Job&, const Output& output) {
    const std::string why =
        "this agent cannot give a job a Docker engine yet: use a machine executor on a host that has one";
    output->say(why);
    return StepEnd::failed(why);
}

}  // namespace gyre::agent

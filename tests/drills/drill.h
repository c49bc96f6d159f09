#pragma once

// One job that goes through gates, so that a drill can stop the world at a chosen moment of it, and a second job that
// needs the first. A seed chooses the moment; waiting is for progress that is seen, never for time.

#include <map>
#include <string>

#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {

// The moments of a round.
enum class Moment { triggered, first_part, second_part, third_part, last_word, second_job };

struct Choice {
    Moment moment = Moment::triggered;
    bool goes_on_meanwhile = false;  // the job takes its next step while the victim is dead
};

class Drill : public Story {
protected:
    // Starts the server and runs the jobs once undisturbed; then rounds, until one fails: $GYRE_DRILL_ROUNDS of them
    // (default 20), whose seeds begin with $GYRE_DRILL_SEED (default 1).
    void run_rounds();
    virtual void round(const Choice& choice) = 0;

    Pipeline trigger();
    void go_to(const Pipeline& pipeline, Moment moment);
    // Opens gates until the pipeline is over.
    void go_on(const Pipeline& pipeline);
    bool is_at_a_gate(Moment moment) const;

    // SHA-256 of the output of each `run` step, by job and step.
    std::map<std::string, std::string> digests(const Pipeline& pipeline);
    const std::map<std::string, std::string>& undisturbed() const { return undisturbed_; }

    Gate& gate() { return gate_; }
    std::map<std::string, int> visits;  // to each gate in this round

    void pass();  // waits for somebody at the gate and lets it go on

private:
    void prepare();
    void try_round(unsigned seed);

    Gate gate_;
    std::map<std::string, std::string> undisturbed_;
};

}  // namespace gyre::test

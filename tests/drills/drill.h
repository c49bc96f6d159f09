#pragma once

// One job that goes through gates, so that a drill can stop the world at a chosen moment of it, two copies of another
// that run beside it, and a job that needs the first. A seed chooses the moment; waiting is for progress that is seen,
// never for time.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {

// The moments of a round, in the order of their coming. At the parts, the job and both copies stand at gates. The
// others are seen in the job's record and pass by: what is hit may be what comes next.
enum class Moment {
    triggered,
    prepare,
    checkout,
    first_part,
    second_part,
    third_part,
    between_steps,
    save_cache,
    persist,
    last_step,
    second_job,
    teardown,
};
inline constexpr unsigned moments = 12;

struct Choice {
    Moment moment = Moment::triggered;
    bool goes_on_meanwhile = false;  // the job takes its next step while the victim is dead
    unsigned seed = 0;               // for what else a drill chooses
};

// $GYRE_DRILL_ROUNDS; else $GYRE_DRILL_TIMES for each phase, counted from seed 1; else that many.
unsigned rounds_wanted(unsigned otherwise, unsigned phases = moments);
unsigned first_seed();  // $GYRE_DRILL_SEED, or 1

class Drill : public Story {
protected:
    // Starts the server and runs the jobs once undisturbed; then rounds_wanted(), until one fails. As many rounds as
    // there are phases hit each of them.
    void run_rounds(unsigned rounds = moments, unsigned phases = moments);
    virtual void round(const Choice& choice) = 0;

    Pipeline trigger();
    void go_to(const Pipeline& pipeline, Moment moment);
    // Opens gates until the pipeline is over.
    void go_on(const Pipeline& pipeline, std::chrono::seconds patience = default_patience);
    bool is_at_a_gate(Moment moment) const;
    // Waits until the job's step is in its record, as running or ended.
    static void wait_for_step(const Pipeline& pipeline, const std::string& step, bool ended = false);

    // It went as without the drill: its status, the visits to its gates, its output.
    void expect_undisturbed(const Pipeline& pipeline);
    // Each task was tried once, and succeeded.
    static void expect_one_attempt_each(const Pipeline& pipeline);
    // No step of any attempt says that it still runs.
    static void expect_all_steps_ended(const Pipeline& pipeline);
    // SHA-256 of the output of each `run` step, by job and step.
    std::map<std::string, std::string> digests(const Pipeline& pipeline);
    const std::map<std::string, std::string>& undisturbed() const { return undisturbed_; }

    Gate& gate() { return gate_; }
    std::map<std::string, int> visits;  // to each gate in this round

    void start_server();
    void pass();  // waits for the job at the gate and lets it go on
    void prepare();
    virtual void server_started() {}  // before anything runs
    User user = current_user();       // who runs the server
    std::string sandbox = "host";
    std::vector<std::string> environment;  // the server's, on top
    std::vector<std::string> flags;        // the same

private:
    void try_round(unsigned seed);

    Gate gate_;    // of the job
    Gate crowds_;  // of the copies
    std::map<std::string, std::string> undisturbed_;
};

}  // namespace gyre::test

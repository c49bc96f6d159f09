#pragma once

// An agent as the server sees it: claims, beats, reports steps, sends output from its spool at offsets, tells the end
// until it is heard, and holds to the fencing rule of the protocol. Its job is a matter of chance; what it prints is
// given by its attempt. It lives on its machine and dies at any moment.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/network.h"
#include "simulation/watcher.h"
#include "wire/agent_protocol.h"

namespace gyre::simulation {

// What agents say of their own trouble.
inline constexpr std::string_view engine_away = "the container engine is away";
inline constexpr std::string_view out_of_reach = "the server was out of reach";

class Agent final : public std::enable_shared_from_this<Agent> {
public:
    struct Facts {
        std::string client;
        int process = 0;
        bool local = true;
    };
    Agent(Stage& stage, Watcher& watcher, Link& link, Facts facts)
        : stage_(stage), watcher_(watcher), link_(link), facts_(std::move(facts)) {}

    void start(std::function<void()> leave);  // `leave`: the process ends by itself
    void die();                               // at once, with all it has not delivered
    bool has_attempt() const { return work_.has_value(); }

private:
    enum class Stop { none, canceled, lease_lost, fenced };
    struct Output {
        std::int64_t printed = 0;
        std::int64_t acknowledged = 0;
    };
    struct Work {
        wire::Assignment assignment;
        Stop stop = Stop::none;
        std::string why;
        Duration renewed_at{};
        bool last_beat_failed = false;
        bool acting = false;
        std::size_t next_step = 0;
        bool over = false;  // nothing of the job runs any more
        Outcome outcome;
        std::map<int, Output> output;  // by step
        std::map<int, StepRecord> reports;
        bool sending_reports = false;
        bool sending_output = false;
        bool telling_end = false;
        Duration pause{};
    };

    // In this life of the agent.
    void soon(Duration delay, void (Agent::*act)());
    void call(const std::string& method, const std::string& path, std::string body, Duration patience,
              void (Agent::*hear)(const Answer&));

    void claim();
    void claim_answered(const Answer& answer);
    void leave();

    void begin(wire::Assignment assignment);
    void beat();
    void beat_answered(const Answer& answer);
    void stop(Stop why, std::string sentence);
    Duration time_left() const;

    void next_step();
    void print(int step, std::int64_t bytes);
    void report(int step, StepStatus status);
    void step_over();
    void end_job(Outcome outcome);
    void stop_job();

    void send_reports();
    void reports_answered(const Answer& answer);
    void send_output();
    void output_answered(const Answer& answer);
    void tell_end();
    void end_answered(const Answer& answer);
    // Whether the answer says that the attempt is over.
    bool fenced_by(const Answer& answer);
    Duration back_off();

    Stage& stage_;
    Watcher& watcher_;
    Link& link_;
    Facts facts_;
    std::function<void()> leave_;
    bool dead_ = false;
    bool had_contact_ = false;
    Duration last_contact_{};
    Duration claim_pause_{};
    std::optional<Work> work_;
    int step_running_ = -1;
    int step_sent_ = -1;              // whose output is on its way
    std::map<int, StepRecord> sent_;  // reports on their way
};

}  // namespace gyre::simulation

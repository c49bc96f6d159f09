#include "simulation/simulation.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <set>

#include "placement/turns.h"
#include "simulation/workload.h"

namespace gyre::simulation {
namespace {

constexpr Duration glance{500};                           // between looks at what can only be seen over time
constexpr Duration after_trouble{8'000};                  // the server looks again, after trouble, within so long
constexpr Duration longest_calm = std::chrono::hours{3};  // until all must have ended

Resources random_size(Dice& dice) {
    const int cpus = dice.between(1, 8);
    return {cpus * 1000, cpus * 2048};
}

// How bad it will be; a third of the seeds have fine weather, and only single mishaps.
Weather random_weather(Dice& dice) {
    if (dice.percent(33)) return {};
    return {.lost = dice.percent(50) ? dice.between(1, 200) : 0,
            .doubled = dice.percent(50) ? dice.between(1, 200) : 0,
            .late = dice.percent(50) ? dice.between(1, 200) : 0,
            .store_fails = dice.percent(50) ? dice.between(1, 40) : 0,
            .crashes = dice.percent(50) ? dice.between(1, 5) : 0,
            .agent_dies = dice.percent(50) ? dice.between(1, 100) : 0};
}

// A server on its machine.
struct Place {
    Place(Stage& stage, Disk& disk, Watcher& watcher, Remote& remote, Machine::Facts facts, Duration heartbeat)
        : machine(stage, watcher, std::move(facts)), server(stage, disk, watcher, remote, machine, heartbeat) {}
    Machine machine;
    Server server;
};

class Run {
public:
    Run(std::uint64_t seed, const Options& options)
        : stage_(seed, options.tracing, options.planted),
          watcher_(stage_, disk_.state),
          places_(make_places()),
          workload_(stage_, disk_, watcher_, remote_, servers()) {}
    ~Run() { stage_.over = true; }

    Report report();

private:
    std::vector<std::unique_ptr<Place>> make_places();
    std::vector<Server*> servers();
    Place& some_place() {
        return *places_[static_cast<std::size_t>(stage_.dice.between(1, static_cast<int>(places_.size()))) - 1];
    }
    void play();
    void plan_trouble(Duration within);
    void trouble();
    void cut(Machine& machine);
    void set_clock();
    void power_cut(Place& place);
    void calm_down();
    void glance_now_and_then();
    bool is_well(const Place& place) const;

    Stage stage_;
    Disk disk_;
    Watcher watcher_;
    Remote remote_;
    std::vector<std::unique_ptr<Place>> places_;
    Workload workload_;
    bool over_ = false;
    Duration calm_since_{};
};

// A third of the seeds has two servers on one database, each with a machine of its own.
std::vector<std::unique_ptr<Place>> Run::make_places() {
    const Duration heartbeat{stage_.dice.percent(50) ? 1'000 : 5'000};
    const bool local = stage_.dice.percent(60);
    std::vector<std::unique_ptr<Place>> places;
    for (int i = stage_.dice.percent(33) ? 2 : 1; i > 0; --i) {
        Machine::Facts facts{"m" + std::to_string(i), random_size(stage_.dice), local};
        places.push_back(std::make_unique<Place>(stage_, disk_, watcher_, remote_, std::move(facts), heartbeat));
    }
    return places;
}

std::vector<Server*> Run::servers() {
    std::vector<Server*> all;
    for (const auto& place : places_) all.push_back(&place->server);
    return all;
}

void Run::plan_trouble(Duration within) {
    for (int count = stage_.dice.between(0, 8); count > 0; --count)
        stage_.time.after(stage_.dice.span(Duration{0}, within), [this] { trouble(); });
}

void Run::trouble() {
    if (stage_.calm) return;
    Dice& dice = stage_.dice;
    const auto away = dice.span(Duration{500}, Duration{20'000});
    Place& place = some_place();
    switch (dice.between(1, 10)) {
        case 1:
            return place.server.die();
        case 2:
            return power_cut(place);
        case 3:
            return place.server.freeze(dice.span(Duration{100}, Duration{40'000}));
        case 4:
        case 5:
            return cut(place.machine);
        case 6: {
            const auto working = place.machine.working();
            if (!working.empty()) place.machine.kill(dice.one_of(working));
            return;
        }
        case 7:
            stage_.trace.say("the disk is full for {} ms", away.count());
            stage_.weather.disk_full = true;
            return stage_.time.after(away, [this] {
                stage_.weather.disk_full = false;
                stage_.last_trouble = stage_.time.elapsed();
            });
        case 8:
            remote_.away = true;
            return stage_.time.after(away, [this] { remote_.away = false; });
        case 9:
            return set_clock();
        case 10:
            return place.server.lose_database(dice.span(Duration{500}, Duration{10'000}));
    }
}

// Of all machines. Who waits for a time of the clock may wait for it a little longer.
void Run::set_clock() {
    using std::chrono::hours;
    const Duration by = stage_.dice.one_of(std::vector<Duration>{Duration{5'000}, hours{1}, hours{24}});
    const bool back = stage_.dice.percent(50);
    stage_.trace.say("the clock is set {} by {} s", back ? "back" : "forward", by.count() / 1000);
    stage_.time.set_clock(back ? -by : by);
    stage_.last_trouble = std::max(stage_.last_trouble, stage_.time.elapsed() + placement::longest_retry_wait);
}

void Run::cut(Machine& machine) {
    const int how = stage_.dice.between(1, 3);
    const auto span = stage_.dice.percent(10) ? Duration{600'000} : stage_.dice.span(Duration{500}, Duration{60'000});
    stage_.trace.say("the network is cut for {} ms{}", span.count(),
                     how == 1   ? ""
                     : how == 2 ? " towards the server"
                                : " towards the agents");
    machine.link().cut(how != 3, how != 2);
    stage_.time.after(span, [&machine] { machine.link().cut(false, false); });
}

// The machine is off; agents that run elsewhere go on. One server alone has its database on its machine. That of
// several has one of its own: here it fails only together with all of them.
void Run::power_cut(Place& place) {
    const bool all = places_.size() == 1 || stage_.dice.percent(50);
    stage_.trace.say("power fails {}", all ? "everywhere" : "on " + place.machine.facts().name);
    for (const auto& each : places_) {
        if (!all && each.get() != &place) continue;
        each->server.die();
        if (each->machine.facts().local) each->machine.kill_all();
    }
    if (all) disk_.lose_power();
}

void Run::calm_down() {
    stage_.trace.say("all is calm");
    stage_.calm = true;
    calm_since_ = stage_.time.elapsed();
    stage_.weather = {};
    remote_.away = false;
    for (const auto& place : places_) place->machine.link().cut(false, false);
    stage_.last_trouble = std::max(stage_.last_trouble, stage_.time.elapsed());
    workload_.calm_down();
}

bool Run::is_well(const Place& place) const {
    return place.server.is_well() && !stage_.weather.disk_full &&
           stage_.time.elapsed() - stage_.last_trouble > after_trouble;
}

void Run::glance_now_and_then() {
    stage_.time.after(glance, [this] {
        std::set<std::string> reachable;
        for (const auto& place : places_) {
            if (is_well(*place)) reachable.insert(place->machine.facts().name);
        }
        watcher_.look_for_idleness(reachable);
        if (!watcher_.findings().empty()) over_ = true;
        const bool all_well = reachable.size() == places_.size();
        if (stage_.calm && workload_.is_done() && all_well && watcher_.all_ended()) over_ = true;
        if (stage_.calm && stage_.time.elapsed() - calm_since_ > longest_calm) {
            watcher_.found("all-ends", "three hours after the last trouble something still runs");
            over_ = true;
        }
        if (!over_) glance_now_and_then();
    });
}

void Run::play() {
    const auto storm = stage_.dice.span(Duration{20'000}, Duration{240'000});
    workload_.make_projects(stage_.dice.between(1, 3));
    workload_.begin(stage_.dice.between(1, 8), stage_.dice.between(0, 6), storm);
    stage_.weather = random_weather(stage_.dice);
    plan_trouble(storm);
    stage_.time.after(storm, [this] { calm_down(); });
    for (const auto& place : places_) {
        for (const auto& other : places_) {
            if (other != place) place->server.knows(other->server);
        }
    }
    for (const auto& place : places_) place->server.start();
    glance_now_and_then();
    while (!over_ && stage_.time.step()) {
    }
    if (!watcher_.findings().empty()) return;
    disk_.lose_power();  // what was promised is on the disk
    watcher_.look_at_the_end();
}

Report Run::report() {
    try {
        play();
    } catch (const std::exception& bug) {
        watcher_.found("no-exception", bug.what());
    }
    Report report{.findings = watcher_.findings(), .trace = stage_.trace.fold()};
    report.happenings = stage_.time.happened();
    report.simulated = stage_.time.elapsed();
    report.workflows = static_cast<int>(disk_.state.lock()->workflows.size());
    report.attempts = watcher_.attempts();
    return report;
}

}  // namespace

Report simulate(std::uint64_t seed, const Options& options) { return Run(seed, options).report(); }

std::string text_of(const std::vector<workflow::Finding>& findings) {
    std::string text;
    for (const auto& [rule, sentence] : findings) text += rule + ": " + sentence + "\n";
    return text;
}

}  // namespace gyre::simulation

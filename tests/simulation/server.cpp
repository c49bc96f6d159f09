#include "simulation/server.h"

#include <utility>

#include "adapters/memory/live.h"
#include "base/json.h"
#include "model/attempt_name.h"

namespace gyre::simulation {

namespace {

constexpr Duration look_around_every{2'000};  // as apps/gyre/neighbours.h
constexpr Duration gone_after{20'000};
constexpr Duration gone_too_early{5'000};  // a planted fault
constexpr Duration poll_every{30'000};
constexpr Duration longest_nap{5'000};

// "<attempt id>" of a call of its agent; empty: another call.
std::string attempt_of(const Call& call) {
    constexpr std::string_view prefix = "/agent/v1/attempts/";
    if (!call.target.starts_with(prefix)) return "";
    return call.target.substr(prefix.size(), call.target.find('/', prefix.size()) - prefix.size());
}

// Between intake and conductor: a planted fault.
class PlantedDoor final : public FrontDoor {
public:
    PlantedDoor(Stage& stage, FrontDoor& door) : stage_(stage), door_(door) {}
    Result<PipelineId> trigger(const Trigger& given) override {
        Trigger trigger = given;
        if (stage_.has(Planted::tick_twice) && trigger.kind == TriggerKind::schedule)
            trigger.id.text += "#" + stage_.dice.uuid();
        return door_.trigger(trigger);
    }
    Result<void> continue_pipeline(const HandedOver& handed) override { return door_.continue_pipeline(handed); }
    Result<void> handle(const Event& event) override { return door_.handle(event); }
    Result<void> cancel_workflow(const WorkflowId& workflow, const std::string& by) override {
        return door_.cancel_workflow(workflow, by);
    }
    Result<WorkflowId> rerun(const WorkflowId& workflow, const RerunWish& wish, const std::string& by) override {
        return door_.rerun(workflow, wish, by);
    }

private:
    Stage& stage_;
    FrontDoor& door_;
};

// The gateway's clock: a planted fault.
class PlantedClock final : public Clock {
public:
    explicit PlantedClock(Stage& stage) : stage_(stage) {}
    Timestamp now() const override { return stage_.time.now(); }
    std::chrono::steady_clock::time_point steady() const override {
        if (!stage_.has(Planted::steady_time_jumps)) return stage_.time.steady();
        return stage_.time.steady() + stage_.time.clock_set_by();
    }

private:
    Stage& stage_;
};

}  // namespace

// What a crash takes. In the order in which the parts need one another; what goes on in them goes first.
struct Server::Life {
    struct Bell final : DispatchBell {
        explicit Bell(Server& to) : server(to) {}
        void ring() override {
            if (server.stage_.has(Planted::bell_not_rung)) return;
            server.life_->ring();
            server.tell_others([](Server& other) { other.life_->ring(); });
        }
        Server& server;
    };
    struct Stops final : StopBell {
        explicit Stops(Server& to) : server(to) {}
        void stop(const AttemptRef& attempt, const std::string& reason) override {
            server.life_->gateway.stop(attempt, reason);
            server.tell_others([=](Server& other) { other.life_->gateway.stop(attempt, reason); });
        }
        Server& server;
    };

    Life(Server& server, const gateway::GatewaySettings& settings);

    void ring();
    intake::PushPorts push_ports() {
        return {stores.projects, stores.pushes,   door, server.remote_, server.stage_.time,
                pushes_at_work,  stores.schedules};
    }

    Server& server;
    ServerStores stores;
    PlantedClock clock;
    memory::MemoryLive live;
    SimulatedLauncher launcher;
    Bell bell;
    conductor::Conductor conductor;
    PlantedDoor door;
    intake::PushesAtWork pushes_at_work;
    intake::ScheduleLoop schedules;
    gateway::Gateway gateway;
    Stops stops;
    conductor::EffectLoop effects;
    dispatch::Dispatcher dispatcher;
    httpd::Router router;
    bool effects_planned = false;
    bool dispatch_planned = false;
    std::uint64_t dispatch_look = 0;
    bool leases_planned = false;
    std::uint64_t schedules_look = 0;
    Duration heard_since{};  // the database has heard this server without a pause
    Duration last_said{};
    std::list<std::shared_ptr<SimulatedExchange>> exchanges;
};

Server::Life::Life(Server& to, const gateway::GatewaySettings& settings)
    : server(to),
      stores(to.stage_, to.watcher_, to.disk_),
      clock(to.stage_),
      launcher(to.machine_),
      bell(to),
      conductor({stores.workflows,
                 stores.projects,
                 to.remote_,
                 live,
                 to.stage_.time,
                 bell,
                 [&to] { to.carry_out_effects(); },
                 {},
                 to.stage_.dice,
                 [&to] { to.soon(Duration{0}, [&to] { to.fire_schedules(); }); }}),
      door(to.stage_, conductor),
      schedules({stores.projects, stores.schedules, door, to.remote_, to.stage_.time}, 1),
      gateway({conductor, stores.workflows, stores.queue, stores.records, stores.output, stores.blobs, stores.keepsakes,
               stores.test_history, launcher, live, clock},
              gateway::assignment_source(
                  stores.workflows, stores.projects, [] { return "http://ci.test"; }, "secret"),
              settings),
      stops(to),
      effects(stores.outbox, stops, conductor),
      dispatcher({stores.queue, conductor, gateway, launcher, to.stage_.time},
                 {.client = to.machine_.facts().name, .offered = to.machine_.facts().total}),
      heard_since(to.stage_.time.elapsed()),
      last_said(heard_since) {
    gateway.add_routes(router);
}

Server::Server(Stage& stage, Disk& disk, Watcher& watcher, Remote& remote, Machine& machine, Duration heartbeat)
    : stage_(stage), disk_(disk), watcher_(watcher), remote_(remote), machine_(machine), heartbeat_(heartbeat) {
    machine_.connect(*this);
    watcher_.machine(machine_.facts().name, machine_.facts().total);
    machine_.bury = [this](int process) {
        // The launcher hears of it a moment later; one that is down never does.
        if (life_) soon(stage_.dice.span(Duration{0}, Duration{5}), [this, process] { life_->launcher.died(process); });
    };
}

Server::~Server() { machine_.bury = nullptr; }

FrontDoor& Server::door() { return life_->conductor; }

void Server::guarded(const std::function<void()>& act) {
    const auto life = life_;  // it must outlive what happens in it
    try {
        act();
    } catch (const Crash&) {
        die();
    }
}

void Server::soon(Duration delay, std::function<void()> act) {
    stage_.time.after(delay, [this, weak = std::weak_ptr(life_), act = std::move(act)]() mutable {
        const auto life = weak.lock();
        if (!life || life != life_) return;
        const auto thaw = frozen_until_ - stage_.time.elapsed();
        if (thaw > Duration{0}) return soon(thaw, std::move(act));
        guarded(act);
    });
}

// Words may get lost: each server looks by itself, too.
void Server::tell_others(const std::function<void(Server&)>& word) {
    for (auto* other : others_) {
        if (stage_.weather.lost > 0 && stage_.dice.permille(stage_.weather.lost)) {
            stage_.last_trouble = std::max(stage_.last_trouble, stage_.time.elapsed());
            continue;
        }
        other->soon(stage_.dice.span(Duration{1}, Duration{20}), [other, word] { word(*other); });
    }
}

void Server::start() {
    if (life_) return;
    stage_.trace.say("server on {} starts", machine_.facts().name);
    gateway::GatewaySettings settings{.client = machine_.facts().name,
                                      .launch_key = launch_key,
                                      .heartbeat = heartbeat_,
                                      .lease = Duration{15'000},
                                      .others_take_over = !is_alone()};
    life_ = std::make_shared<Life>(*this, settings);
    stage_.last_trouble = stage_.time.elapsed();
    guarded([this] { begin(); });
}

void Server::begin() {
    // Others must not take it for gone while it works, as it was before.
    if (!is_alone() && !say_alive()) {
        stage_.trace.say("server on {} cannot say that it is there, and ends", machine_.facts().name);
        die();
        return;
    }
    if (!life_->gateway.adopt()) {
        stage_.trace.say("server on {} cannot read its stores, and ends", machine_.facts().name);
        die();
        return;
    }
    if (stage_.has(Planted::timers_reset)) {
        auto state = disk_.state.lock();
        for (auto& workflow : state->workflows) {
            for (auto& job : workflow.jobs) {
                for (auto& task : job.tasks) {
                    if (task.status == TaskStatus::queued) task.queued_at = stage_.time.now();
                }
            }
        }
    }
    carry_out_effects();
    life_->ring();
    look_after_leases();
    fire_schedules();
    look_at_remotes();
    if (!is_alone()) look_around();
}

Result<void> Server::say_alive() {
    return life_->stores.trouble.around("servers.commit", [&]() -> Result<void> {
        disk_.servers[machine_.facts().name] = stage_.time.elapsed();
        return {};
    });
}

// As the installation's neighbours do (apps/gyre/neighbours.h), which stand on PostgreSQL.
void Server::look_around() {
    const auto now = stage_.time.elapsed();
    const auto said = say_alive();
    if (!said || now - life_->last_said > look_around_every * 3) life_->heard_since = now;
    life_->last_said = now;
    if (said) take_over();
    soon(look_around_every, [this] { look_around(); });
}

void Server::take_over() {
    const auto now = stage_.time.elapsed();
    const auto live = life_->stores.queue.live();
    if (!live) return;
    life_->gateway.fence_what_others_ended(*live);
    for (const auto& attempt : *live) {
        if (attempt.client == machine_.facts().name && attempt.stop_asked)
            life_->gateway.stop(attempt.attempt, "canceled");
    }
    const auto patience = stage_.has(Planted::taken_over_early) ? gone_too_early : gone_after;
    for (const auto& [name, seen] : disk_.servers) {
        if (now - life_->heard_since < patience || now - seen <= patience) continue;
        for (const auto& attempt : *live) {
            if (attempt.client != name) continue;
            stage_.trace.say("server on {} takes over {}", machine_.facts().name, attempt.attempt.id().text);
            const auto lost = life_->gateway.lose_of_another(attempt, "the server " + name + " is gone");
            if (!lost) break;
        }
    }
    life_->ring();
    carry_out_effects();
}

void Server::lose_database(Duration span) {
    const auto now = stage_.time.elapsed();
    // For longer, or again at once, others would take it for gone while it lives.
    if (!is_up() || now - database_lost_at_ < gone_after * 2) return;
    database_lost_at_ = now;
    stage_.trace.say("the database is out of reach of the server on {} for {} ms", machine_.facts().name, span.count());
    life_->stores.out_of_reach_until(now + span);
}

Result<intake::Received> Server::announce(const Project& project, const intake::Push& push) {
    Result<intake::Received> answer = unavailable("the server does not answer");
    if (!is_well()) return answer;
    auto told = push;
    if (stage_.has(Planted::delivery_twice)) told.delivery = stage_.dice.uuid();
    guarded([&] { answer = intake::receive_push(life_->push_ports(), project, told); });
    return answer;
}

Result<void> Server::look_at_remote(const Project& project) {
    Result<void> answer = unavailable("the server does not answer");
    if (!is_well()) return answer;
    guarded([&] { answer = intake::look_at(life_->push_ports(), project); });
    return answer;
}

void Server::look_at_remotes() {
    if (stage_.calm) return;
    const auto projects = life_->stores.projects.all();
    if (projects) {
        for (const auto& project : *projects) {
            const auto looked = intake::look_at(life_->push_ports(), project);
            if (!looked) stage_.trace.say("  look at {}: {}", project.slug, looked.error().message);
        }
    }
    soon(poll_every, [this] { look_at_remotes(); });
}

// Sleeps by the wall clock: one that is set forward wakes it.
void Server::fire_schedules() {
    if (stage_.calm) return;
    const auto look = ++life_->schedules_look;
    const auto next = life_->schedules.round();
    const auto nap = std::clamp(next - stage_.time.now(), Duration{1}, longest_nap);
    soon(nap, [this, look] {
        if (look == life_->schedules_look) fire_schedules();
    });
}

void Server::die() {
    if (!life_) return;
    stage_.trace.say("server on {} is dead", machine_.facts().name);
    stage_.last_trouble = stage_.time.elapsed();
    const auto life = std::exchange(life_, nullptr);
    life->exchanges.clear();
    frozen_until_ = {};
    stage_.time.after(stage_.dice.span(Duration{100}, stage_.dice.percent(20) ? Duration{60'000} : Duration{3'000}),
                      [this] { start(); });
}

void Server::freeze(Duration span) {
    if (!is_up()) return;
    stage_.trace.say("server on {} stands still for {} ms", machine_.facts().name, span.count());
    frozen_until_ = std::max(frozen_until_, stage_.time.elapsed() + span);
    stage_.last_trouble = std::max(stage_.last_trouble, frozen_until_);
}

void Server::receive(const Call& call, Reply reply) {
    // A frozen server's socket takes the call; who answers is the server that thaws.
    soon(Duration{0}, [this, call, reply = std::move(reply)] {
        const auto later = [this](Duration delay, std::function<void()> act) { soon(delay, std::move(act)); };
        std::erase_if(life_->exchanges, [](const auto& exchange) { return exchange->is_over(); });
        const Call let_in = redirected(call);
        const auto exchange =
            std::make_shared<SimulatedExchange>(stage_, later, let_in, spoiled(call, watched(let_in, reply)));
        life_->exchanges.push_back(exchange);
        exchange->handle(life_->router);
        look_after_leases();
    });
}

// What agents hear of the leases of their attempts.
Reply Server::watched(const Call& call, const Reply& reply) {
    const auto attempt = attempt_of(call);
    if (attempt.empty()) {
        if (!stage_.has(Planted::fencing_left_out)) return reply;
        return [this, reply](Answer answer) {
            const auto given = from_json_text<wire::Assignment>(answer.body, {.bytes = 16 << 20, .depth = 64});
            if (answer.is(200) && given) tokens_[given->attempt.id().text] = given->token;
            reply(std::move(answer));
        };
    }
    return [this, attempt, reply, beats = call.target.ends_with("/heartbeat")](Answer answer) {
        if (answer.is(200)) watcher_.heard(attempt);
        if (answer.is(200) && beats) watcher_.renewed(attempt);
        reply(std::move(answer));
    };
}

// A planted fault: the task's name is enough, whichever attempt speaks.
Call Server::redirected(const Call& call) {
    const auto attempt = attempt_of(call);
    const auto ref = parse_attempt_id(attempt);
    if (!stage_.has(Planted::fencing_left_out) || !ref) return call;
    const auto held = disk_.state.lock();
    const auto* job = held->find_job(ref->job);
    if (!job || ref->task >= std::ssize(job->tasks)) return call;
    const auto& task = job->tasks[static_cast<std::size_t>(ref->task)];
    if (task.status != TaskStatus::running) return call;
    const auto lives = AttemptRef{ref->job, ref->task, task.attempts.back().number}.id().text;
    const auto token = tokens_.find(lives);
    if (lives == attempt || token == tokens_.end()) return call;
    Call other = call;
    other.target.replace(other.target.find(attempt), attempt.size(), lives);
    other.authorization = "Bearer " + token->second;
    return other;
}

Reply Server::spoiled(const Call& call, const Reply& reply) {
    const bool claims = call.target.ends_with("/claim");
    if (stage_.has(Planted::old_token_renews) && call.target.ends_with("/heartbeat")) {
        return [reply](Answer answer) {
            if (answer.is(401) || answer.is(409))
                answer = {Answer::Kind::answered, 200, to_json_text(wire::HeartbeatAnswer{})};
            reply(std::move(answer));
        };
    }
    if (stage_.has(Planted::offer_handed_out_twice) && claims) {
        return [this, reply](Answer answer) {
            if (answer.is(204) && !last_assignment_.empty() && stage_.dice.percent(30))
                answer = {Answer::Kind::answered, 200, last_assignment_};
            if (answer.is(200)) last_assignment_ = answer.body;
            reply(std::move(answer));
        };
    }
    return reply;
}

void Server::Life::ring() {
    dispatcher.ring();
    if (std::exchange(dispatch_planned, true)) return;
    server.soon(server.stage_.dice.span(Duration{0}, Duration{3}), [to = &server] { to->turn_dispatch(); });
}

void Server::turn_dispatch() {
    life_->dispatch_planned = false;
    const auto look = ++life_->dispatch_look;
    const auto again = life_->dispatcher.turn();
    stage_.trace.say("  dispatch on {} has looked, and leaves {} waiting", machine_.facts().name,
                     life_->dispatcher.counts().run);
    if (stage_.has(Planted::bell_not_rung)) {
        soon(Duration{10'000}, [this] { turn_dispatch(); });
        return;
    }
    if (again) {
        soon(*again, [this, look] {
            if (look == life_->dispatch_look && !life_->dispatch_planned) turn_dispatch();
        });
    }
    look_after_leases();
}

void Server::carry_out_effects() {
    if (std::exchange(life_->effects_planned, true)) return;
    soon(stage_.dice.span(Duration{0}, Duration{3}), [this] {
        life_->effects_planned = false;
        if (life_->effects.carry_out_pending()) return;
        soon(Duration{1'000}, [this] { carry_out_effects(); });
    });
}

// As the gateway's own watcher: it sleeps until the next lease could end, but not for long.
void Server::look_after_leases() {
    if (!life_ || life_->leases_planned) return;
    const auto next = life_->gateway.next_lease_end();
    if (!next) return;
    life_->leases_planned = true;
    const auto left = std::chrono::ceil<Duration>(*next - life_->clock.steady());
    const auto nap = std::clamp(left, Duration{0}, Duration{15'000} / 4);
    const auto planned = stage_.time.elapsed() + nap;
    soon(nap, [this, planned] { look_at_leases(planned); });
}

void Server::look_at_leases(Duration planned) {
    life_->leases_planned = false;
    const auto late = stage_.has(Planted::leases_never_end) ? Duration{60'000} : stage_.time.elapsed() - planned;
    life_->gateway.look_at_leases(late);
    look_after_leases();
}

}  // namespace gyre::simulation

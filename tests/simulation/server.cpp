#include "simulation/server.h"

#include <utility>

#include "adapters/memory/live.h"

namespace gyre::simulation {

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

    Server& server;
    ServerStores stores;
    memory::MemoryLive live;
    SimulatedLauncher launcher;
    Bell bell;
    conductor::Conductor conductor;
    gateway::Gateway gateway;
    Stops stops;
    conductor::EffectLoop effects;
    dispatch::Dispatcher dispatcher;
    httpd::Router router;
    bool effects_planned = false;
    bool dispatch_planned = false;
    std::uint64_t dispatch_look = 0;
    bool leases_planned = false;
    std::list<std::shared_ptr<SimulatedExchange>> exchanges;
};

Server::Life::Life(Server& to, const gateway::GatewaySettings& settings)
    : server(to),
      stores(to.stage_, to.watcher_, to.disk_),
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
                 to.stage_.dice}),
      gateway({conductor, stores.workflows, stores.queue, stores.records, stores.output, stores.blobs, stores.keepsakes,
               launcher, live, to.stage_.time},
              gateway::assignment_source(stores.workflows, stores.projects, "http://ci.test", "secret"), settings),
      stops(to),
      effects(stores.outbox, stops, conductor),
      dispatcher({stores.queue, conductor, gateway, launcher, to.stage_.time},
                 {.client = to.machine_.facts().name, .offered = to.machine_.facts().total}) {
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

void Server::tell_others(const std::function<void(Server&)>& word) {
    for (auto* other : others_) {
        other->soon(stage_.dice.span(Duration{1}, Duration{20}), [other, word] { word(*other); });
    }
}

void Server::start() {
    if (life_) return;
    stage_.trace.say("server on {} starts", machine_.facts().name);
    gateway::GatewaySettings settings{
        .client = machine_.facts().name, .launch_key = launch_key, .heartbeat = heartbeat_, .lease = Duration{15'000}};
    life_ = std::make_shared<Life>(*this, settings);
    stage_.last_trouble = stage_.time.elapsed();
    guarded([this] { begin(); });
}

void Server::begin() {
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
        const auto exchange = std::make_shared<SimulatedExchange>(stage_, later, call, spoiled(call, reply));
        life_->exchanges.push_back(exchange);
        exchange->handle(life_->router);
        look_after_leases();
    });
}

Reply Server::spoiled(const Call& call, const Reply& reply) {
    const bool claims = call.target.ends_with("/claim");
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
    const auto left = std::chrono::ceil<Duration>(*next - stage_.time.steady());
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

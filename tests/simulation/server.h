#pragma once

// One server: the product's own loops, put together as the installation does it, and driven from the timeline instead
// of by threads. It may die at any operation of a store, be frozen for a while, and be started again; what it holds in
// memory is gone then, and what was going on in it.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conductor/conductor.h"
#include "conductor/effect_loop.h"
#include "dispatch/dispatcher.h"
#include "gateway/gateway.h"
#include "intake/push.h"
#include "intake/schedule_loop.h"
#include "simulation/disk.h"
#include "simulation/exchange.h"
#include "simulation/machine.h"
#include "simulation/remote.h"
#include "simulation/stores.h"

namespace gyre::simulation {

inline const std::string launch_key = "the key of the simulation";

class Server final : public Listener {
public:
    Server(Stage& stage, Disk& disk, Watcher& watcher, Remote& remote, Machine& machine,
           Duration heartbeat = Duration{1'000});
    ~Server() override;

    void start();  // nothing when it runs
    void die();
    void freeze(Duration span);
    // The database is out of its reach; others may reach it.
    void lose_database(Duration span);
    bool is_up() const { return life_ != nullptr; }
    bool is_well() const { return is_up() && frozen_until_ <= stage_.time.elapsed(); }
    Machine& machine() { return machine_; }
    // Another server on the same database: what happens here, it hears soon.
    void knows(Server& other) { others_.push_back(&other); }

    bool listens() const override { return is_up(); }
    void receive(const Call& call, Reply reply) override;

    // A person's wish, by the API. `unavailable` when the server is not there, or dies over it.
    template <typename T>
    Result<T> ask(const std::function<Result<T>(FrontDoor&)>& wish) {
        Result<T> answer = unavailable("the server does not answer");
        if (!is_well()) return answer;
        guarded([&] { answer = wish(door()); });
        if (is_up()) look_after_leases();
        return answer;
    }
    // A hook's announcement; unavailable as above.
    Result<intake::Received> announce(const Project& project, const intake::Push& push);
    // Compares what is known of a project's refs with its remote.
    Result<void> look_at_remote(const Project& project);

private:
    struct Life;

    FrontDoor& door();
    void guarded(const std::function<void()>& act);
    // Within this life, once the server is not frozen.
    void soon(Duration delay, std::function<void()> act);
    void begin();
    void tell_others(const std::function<void(Server&)>& word);
    bool is_alone() const { return others_.empty(); }
    Result<void> say_alive();
    void look_around();
    void take_over();
    Call redirected(const Call& call);
    Reply spoiled(const Call& call, const Reply& reply);
    Reply watched(const Call& call, const Reply& reply);
    void turn_dispatch();
    void fire_schedules();
    void look_at_remotes();
    void carry_out_effects();
    void look_after_leases();
    void look_at_leases(Duration planned);

    Stage& stage_;
    Disk& disk_;
    Watcher& watcher_;
    Remote& remote_;
    Machine& machine_;
    Duration heartbeat_;
    std::vector<Server*> others_;
    Duration frozen_until_{};
    std::string last_assignment_;                // for a planted fault
    std::map<std::string, std::string> tokens_;  // likewise, by attempt id
    Duration database_lost_at_{-1'000'000};
    std::shared_ptr<Life> life_;
};

}  // namespace gyre::simulation

#pragma once

// The server's end of wire/agent_protocol.h: hands placed attempts to agents, checks their tokens, keeps their leases,
// stores what they send, and tells the conductor how attempts end. Leases live in memory; a heartbeat writes nothing.
//
// Thread-safe. An attempt that loses its agent becomes TaskLost exactly once: whoever fences its holder says so, and no
// call of that agent is let in from then on. The object must outlive the HTTP server that its routes are added to.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/assignment.h"
#include "gateway/claims.h"
#include "gateway/holders.h"
#include "gateway/ssh_desk.h"
#include "httpd/router.h"
#include "ports/blob_store.h"
#include "ports/front_door.h"
#include "ports/keepsakes.h"
#include "ports/launcher.h"
#include "ports/live.h"
#include "ports/offers.h"
#include "ports/output_store.h"
#include "ports/run_records.h"
#include "ports/task_queue.h"
#include "ports/test_history.h"
#include "ports/workflow_store.h"

namespace gyre::gateway {

struct GatewayPorts {
    FrontDoor& front_door;
    WorkflowStore& workflows;
    TaskQueue& queue;
    RunRecords& records;
    OutputStore& outputs;
    BlobStore& blobs;
    Keepsakes& keepsakes;
    TestHistory& test_history;
    Launcher& launcher;
    Live& live;
    const Clock& clock;
    SshDesk* ssh = nullptr;  // none: nobody comes into jobs by SSH
};

struct GatewaySettings {
    std::string client;               // whose attempts this one looks after; empty: all
    std::string launch_key;           // what agents show to claim; the launcher gives it to them
    Duration heartbeat{1'000};        // also how long a wish to stop may take to reach an agent
    Duration lease{15'000};           // what agents are told
    Duration lease_slack{1'000};      // we wait this much longer than they do
    Duration grace_at_start{15'000};  // on top, for agents that could not reach us while we were down or stood still
    wire::Limits limits;
    bool others_take_over = false;  // when this server is gone; agents do not go on without it for longer than a lease
    Duration past_limit = std::chrono::minutes(30);  // beyond limits.job_ms, for an agent to end its job and report
};

class Gateway final : public Offers, public StopBell {
public:
    Gateway(GatewayPorts ports, AssignmentSource assignments, GatewaySettings settings);
    ~Gateway() override;  // stops
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    void add_routes(httpd::Router& router);

    Result<void> start();  // adopts, then watches leases on a thread of its own
    // Also hands out no attempts from now on: who stops dismisses the agents that wait for one.
    void stop();
    // Reads the live attempts: their agents are known from now on. Public, as the next, for those who drive it
    // themselves.
    Result<void> adopt();
    // Ends the attempts whose lease is over, and those far beyond the limit of a job: their agents speak, and do not do
    // what they were told. The thread calls it. `late`: so much after the thread
    // meant to look. Then this process stood still, and could not hear its agents: they get the grace of a start.
    void look_at_leases(Duration late = Duration{0});

    // When the next lease of those that agents hold ends; nothing when none holds any. For health.
    std::optional<Leases::Instant> next_lease_end() { return holders_.next_expiry(); }

    void offer(const AttemptRef& attempt) override;
    void withdraw(const AttemptRef& attempt) override { claims_.withdraw(attempt); }
    int waiting() const override { return claims_.offered(); }
    void stop(const AttemptRef& attempt, const std::string& reason) override;

    // An attempt of another server, which is gone: it is lost, as if its lease had ended here. Not tried again by
    // itself when it is `unavailable`: by then the other may have come back, and its agent run.
    Result<void> lose_of_another(const LiveAttempt& attempt, const std::string& reason);
    // Others took this server for gone, and lost some of its attempts: their agents are fenced off. `live`: what is
    // live as the database has it.
    void fence_what_others_ended(const std::vector<LiveAttempt>& live);

private:
    using Answer = Result<httpd::Response>;
    using Call = Answer (Gateway::*)(const HolderHandle&, httpd::Request&);

    httpd::Task<void> claim(httpd::Exchange& exchange);
    Result<std::string> claim_now(const wire::ClaimRequest& request, const Claims::TicketHandle& ticket, bool local);
    HolderHandle holder_of(const wire::ClaimRequest& request);
    Result<std::string> answer_again(const HolderHandle& holder, const wire::ClaimRequest& request, bool local);
    // `put_off`: what this claim came by that may be handed out later; nobody else is offered it before the claim ends.
    Result<std::string> claim_offered(const wire::ClaimRequest& request, const Claims::TicketHandle& ticket, bool local,
                                      std::vector<AttemptRef>& put_off);
    Result<std::string> assign(const AttemptRef& attempt, const wire::ClaimRequest& request, bool local,
                               std::vector<AttemptRef>& put_off);
    Result<HolderHandle> prepare(const AttemptRef& attempt, const wire::ClaimRequest& request,
                                 std::vector<AttemptRef>& put_off);
    Error give_up(const AttemptRef& attempt, const Error& error);
    Result<std::string> assignment_text(const AttemptRef& attempt, const std::string& token);
    Result<std::string> take(const HolderHandle& holder, const wire::ClaimRequest& request, bool local);
    Error refuse_ended(const HolderHandle& holder);

    std::optional<httpd::Response> admit(httpd::Request& request);
    Result<void> check_past_token(const std::string& attempt_id, const std::string& token_hash);
    void add_call(httpd::Router& router, std::string method, std::string path, Call call, std::size_t body_limit);
    void add_stream(httpd::Router& router, std::string method, std::string path,
                    httpd::Task<void> (Gateway::*stream)(httpd::Exchange&));

    Answer heartbeat(const HolderHandle& holder, httpd::Request& request);
    Answer steps(const HolderHandle& holder, httpd::Request& request);
    Result<void> save_steps(const HolderHandle& holder, std::vector<StepRecord> reported, Durable durable);
    Answer find_cache(const HolderHandle& holder, httpd::Request& request);
    Answer add_cache(const HolderHandle& holder, httpd::Request& request);
    Answer workspace(const HolderHandle& holder, httpd::Request& request);
    Answer add_layer(const HolderHandle& holder, httpd::Request& request);
    Answer add_artifact(const HolderHandle& holder, httpd::Request& request);
    Answer add_tests(const HolderHandle& holder, httpd::Request& request);
    Answer tell_tests(const HolderHandle& holder, httpd::Request& request);
    Answer note_ssh(const HolderHandle& holder, httpd::Request& request);
    Answer note_usage(const HolderHandle& holder, httpd::Request& request);
    Answer tell_other_tasks(const HolderHandle& holder, httpd::Request& request);
    Answer finish(const HolderHandle& holder, httpd::Request& request);
    Answer finish_again(const AttemptRef& attempt, const Outcome& outcome);
    Result<CacheScope> cache_scope(const Holder& holder);
    Result<void> save_manifest(const Holder& holder, std::string body);
    Result<void> save_usage(Holder& holder, const std::string& body);
    Answer lacking_blobs(const HolderHandle& holder, httpd::Request& request);
    // Both touch what they measure. `invalid` when something of it is not there.
    Result<std::int64_t> blob_size(const std::string& name);
    Result<std::int64_t> tree_size(const std::string& name);
    Result<std::int64_t> chunks_size(const std::string& list);

    // Of blobs that turn out to be damaged or gone. True: such a cache was found by this attempt, and is forgotten.
    void note_found(Holder& holder, CacheEntry cache);
    bool forget_lost(Holder& holder, const std::string& name);
    httpd::Response refuse_blob(const HolderHandle& holder, const std::string& name, const Error& error);

    httpd::Task<void> put_output(httpd::Exchange& exchange);
    httpd::Task<void> put_blob(httpd::Exchange& exchange);
    httpd::Task<void> get_blob(httpd::Exchange& exchange);
    void publish(NewsKind kind, const Holder& holder, int step, std::int64_t length);

    void end_unclaimed(const AttemptRef& attempt);
    void lose(const AttemptId& attempt, const std::string& reason);
    Result<void> record_loss(Holder& holder, const std::string& lost_by);
    Result<void> end_steps(Holder& holder, StepStatus as);
    void watch();
    void wake_watcher();

    GatewayPorts ports_;
    AssignmentSource assignments_;
    GatewaySettings settings_;
    Claims claims_;
    Holders holders_;
    std::mutex claim_turn_;  // one claim is carried out at a time
    bool closed_ = false;    // no more of them; guarded by it

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread watcher_;
};

}  // namespace gyre::gateway

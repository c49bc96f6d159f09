#pragma once

// What the handlers of the API share: ports, settings, and the ways to register a route. A handler is a free function
// `Result<Response> name(Desk&, Request&)`; errors become answers in one place. Everything it refers to outlives it.

#include <functional>
#include <initializer_list>
#include <string>

#include "api/door.h"
#include "api/wishes.h"
#include "httpd/router.h"
#include "identity/vault.h"
#include "output/tail.h"
#include "ports/audit_log.h"
#include "ports/blob_store.h"
#include "ports/context_store.h"
#include "ports/front_door.h"
#include "ports/orb_store.h"
#include "ports/pipeline_reads.h"
#include "ports/project_store.h"
#include "ports/queue_rules.h"
#include "ports/queue_view.h"
#include "ports/schedule_store.h"
#include "ports/ssh_store.h"
#include "ports/task_queue.h"

namespace gyre::api {

using httpd::Request;
using httpd::Response;
using Answer = Result<Response>;

struct ApiPorts {
    FrontDoor& front_door;
    PipelineReads& reads;
    WorkflowStore& workflows;
    ProjectStore& projects;
    TokenStore& tokens;
    RunRecords& records;
    OutputStore& outputs;
    BlobStore& blobs;
    TaskQueue& queue;
    OrbStore& orbs;
    Live& live;
    WaitReasons& wait_reasons;
    const Clock& clock;
    ScheduleStore& schedules;
    QueueRuleStore& queue_rules;
    const QueueView& queue_view;
    SshStore& ssh;
    AuditLog& audit;
    DispatchBell& dispatch;
    identity::Vault& vault;
    ContextStore& contexts;
    SecretStore& secrets;  // for what is said of forks; values go through the vault
};

struct ApiSettings {
    std::string base_url;     // of the site, without a slash at its end; empty: as the request's Host says
    std::string signing_key;  // random, the same for the life of the data directory
};

class Desk {
public:
    Desk(ApiPorts ports, Wishes wishes, ApiSettings settings);

    using Handler = Answer (*)(Desk&, Request&);
    static constexpr std::size_t large_body = std::size_t{8} << 20;  // of JSON: a text may grow sixfold in it
    using Stream = httpd::Task<void> (*)(Desk&, httpd::Exchange&);

    // Routes that need a caller. Those that change something run on worker threads, and those that read much.
    void get(httpd::Router& router, const std::string& pattern, Handler handler);
    void get_much(httpd::Router& router, const std::string& pattern, Handler handler);
    void post(httpd::Router& router, const std::string& pattern, Handler handler);
    void post_large(httpd::Router& router, const std::string& pattern, Handler handler);  // up to large_body bytes
    void put(httpd::Router& router, const std::string& pattern, Handler handler);
    void remove(httpd::Router& router, const std::string& pattern, Handler handler);
    void get_stream(httpd::Router& router, const std::string& pattern, Stream stream);
    // The same below "<front>/<project slug>", in all forms of a slug; see slug_of.
    void get_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler);
    void get_much_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler);
    void post_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler);
    void get_stream_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Stream stream);
    void remove_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler);
    void patch_of_project(httpd::Router& router, const std::string& front, const std::string& rest, Handler handler);
    // POSTs that reach a remote: they run outside (httpd/router.h), those of one remote one after another.
    void post_outside(httpd::Router& router, const std::string& pattern, Handler handler, httpd::Lane lane);
    void post_outside_of_project(httpd::Router& router, const std::string& front, const std::string& rest,
                                 Handler handler);
    // The same, for the project's hook as well; see Door::admit_push.
    void post_outside_of_hook(httpd::Router& router, const std::string& front, const std::string& rest,
                              Handler handler);

    // The project that the path names: "gh/org/repo" or "git/name" as segments, as one encoded segment, or its id.
    Result<Project> project_of(const Request& request) const;
    std::string base_url(const Request& request) const;
    output::OutputPorts output_ports() const { return {ports.outputs, ports.records, ports.workflows, ports.live}; }

    ApiPorts ports;
    Wishes wishes;
    ApiSettings settings;
    Door door;

private:
    static constexpr std::size_t usual_body = std::size_t{1} << 20;

    void add(httpd::Router& router, const std::string& method, const std::string& pattern, Handler handler,
             httpd::RunsOn runs_on);
    void add(httpd::Router& router, const std::string& method, const std::string& pattern, Handler handler,
             httpd::RunsOn runs_on, httpd::Gatekeeper gatekeeper, std::size_t body_limit = usual_body,
             httpd::Lane lane = nullptr);
    httpd::Lane lane_of_project() const;
};

// An empty body is an empty object.
Result<json::object> body_object(const Request& request, JsonLimits limits = {});
// A member that is a string, absent or null (both: ""); any other type is `invalid`.
Result<std::string> text_member(const json::object& object, std::string_view name);
// Whether all members have these names; `invalid` with them otherwise: a typing mistake must not be taken for a
// default.
Result<void> check_members(const json::object& object, std::initializer_list<std::string_view> known);

}  // namespace gyre::api

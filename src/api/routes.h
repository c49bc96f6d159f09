#pragma once

// The route groups of the API, one file each. Each adds its routes to the router; the desk must outlive it.

#include "api/desk.h"

namespace gyre::api {

void add_project_routes(Desk& desk, httpd::Router& router);       // /api/v2/me, project(s), hooks' pushes
void add_pipeline_routes(Desk& desk, httpd::Router& router);      // /api/v2/pipeline, .../project/<slug>/pipeline
void add_workflow_routes(Desk& desk, httpd::Router& router);      // /api/v2/workflow
void add_job_routes(Desk& desk, httpd::Router& router);           // /api/v2/project/<slug>/job, artifacts, tests, tasks
void add_queue_routes(Desk& desk, httpd::Router& router);         // /api/v2/gyre/queue, shares, limits, promote
void add_v1_routes(Desk& desk, httpd::Router& router);            // /api/v1.1 and its older name /api/v1
void add_variable_routes(Desk& desk, httpd::Router& router);      // .../project/<slug>/envvar, v2 and v1.1
void add_context_routes(Desk& desk, httpd::Router& router);       // /api/v2/context
void add_ssh_key_routes(Desk& desk, httpd::Router& router);       // .../project/<slug>/ssh-key, own and v1.1
void add_checkout_key_routes(Desk& desk, httpd::Router& router);  // .../project/<slug>/checkout-key, v2 and v1.1
void add_registry_routes(Desk& desk, httpd::Router& router);      // /api/v2/gyre/registries
void add_ssh_routes(Desk& desk, httpd::Router& router);       // /api/v2/gyre/ssh-keys, .../job/<n>/ssh, audit-events
void add_manifest_routes(Desk& desk, httpd::Router& router);  // .../job/<n>/manifest, trees
void add_usage_routes(Desk& desk, httpd::Router& router);     // .../job/<n>/usage
void add_output_routes(Desk& desk, httpd::Router& router);    // outputs, with a token or by a signed address
void add_private_output_routes(Desk& desk, httpd::Router& router);  // /api/private/output
void add_stream_routes(Desk& desk, httpd::Router& router);          // events, artifacts' bytes
void add_orb_routes(Desk& desk, httpd::Router& router);             // /api/v2/gyre/orbs
void add_schedule_routes(Desk& desk, httpd::Router& router);        // /api/v2/gyre/schedules
void add_session_routes(Desk& desk, httpd::Router& router);         // /api/v2/gyre/session

}  // namespace gyre::api

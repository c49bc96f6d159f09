#pragma once

// Api: everything that people, browsers and programs ask of a server. REST v2, REST v1.1, our own extensions under
// /api/v2/gyre, artifacts and outputs. See docs/api/openapi.yaml. Everything needs a token but health, the UI's files,
// signing in, outputs whose address is signed, and /api/v2/openapi.json: the list of routes is the same in every
// installation and holds nothing of this one.

#include "api/desk.h"
#include "api/site.h"

namespace gyre::api {

class Api {
public:
    Api(ApiPorts ports, Wishes wishes, ApiSettings settings);

    // All routes of the API and /api/v2/openapi.json, which lists what the router has by then: call it last. The router
    // and this object live until the server has stopped.
    void add_routes(httpd::Router& router);

private:
    Desk desk_;
};

// The routes below /api as an OpenAPI 3 document: paths, methods and parameters.
json::object openapi_of(const httpd::Router& router);

}  // namespace gyre::api

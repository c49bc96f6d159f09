#pragma once

// The web UI's files, embedded in the executable: with ETags, strict headers, and /index.html for every address that
// the UI's own router knows. Health endpoints for monitors; both need no token.

#include <functional>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "httpd/router.h"

namespace gyre::api {

struct Asset {
    std::string_view path;  // "/index.html"
    std::string_view content_type;
    std::string_view bytes;  // outlives the server
    bool immutable = false;  // its name carries a hash of its content
};
void add_site(httpd::Router& router, std::vector<Asset> assets);

struct HealthReport {
    bool ready = false;
    json::value parts;    // for /ready; shown as they are
    json::value details;  // for /health-check; likewise
};
// /health-check (also /healthcheck, /status): this process answers, always with 200, and says how each part is.
// /ready: all of its parts are well (else 503).
void add_health(httpd::Router& router, std::function<HealthReport()> report);

}  // namespace gyre::api

#include "api/routes.h"

namespace gyre::api {

void add_session_routes(Desk& desk, httpd::Router& router) {
    const bool secure = desk.settings.base_url.starts_with("https://");
    const std::string pattern = "/api/v2/gyre/session";
    router.add({.method = "POST",
                .pattern = pattern,
                .handler = [&desk, secure](Request& request) { return desk.door.open_session(request, secure); },
                .body_limit = 4096});
    router.add({.method = "DELETE", .pattern = pattern, .handler = [&desk, secure](Request&) {
                    return desk.door.close_session(secure);
                }});
}

}  // namespace gyre::api

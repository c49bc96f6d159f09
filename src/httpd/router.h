#pragma once

// Router: which handler answers which method and path. Filled before the server starts, read-only afterwards (and so
// thread-safe). A pattern is made of segments:
//     /api/v2/pipeline/:id      :id   any one segment, without an (encoded) slash in it
//     /project/{slug}/job/:n    {slug} one segment that holds encoded slashes, or a UUID
//     /artifacts/*path          *path the rest, at least one segment, joined by '/'
// Literal segments are tried first, then {x}, then :x, then *x.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "httpd/exchange.h"
#include "httpd/message.h"

namespace gyre::httpd {

using Handler = std::function<Response(Request&)>;
using StreamHandler = std::function<Task<void>(Exchange&)>;
// Looks at the request before its body is read: an answer refuses it; otherwise it may set Request::caller.
using Gatekeeper = std::function<std::optional<Response>(Request&)>;
using Lane = std::function<std::string(const Request&)>;

enum class RunsOn {
    loop,     // answers from memory or a quick read
    worker,   // writes durably or reads much
    outside,  // asks a machine elsewhere, which may keep it waiting; in the lane that Route::lane names
};

struct Route {
    std::string method;
    std::string pattern;
    Handler handler;       // exactly one of
    StreamHandler stream;  // these two
    Gatekeeper gatekeeper;
    RunsOn runs_on = RunsOn::loop;
    Lane lane;  // of routes that run outside: whom the request asks, say a remote. Quick, never throws
    std::size_t body_limit = 1 << 20;  // bytes
};

class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // Two routes of the same method and pattern are a bug (std::logic_error).
    void add(Route route);
    // Answers GET requests that no pattern matches.
    void fallback(Route route);

    struct Found {
        const Route* route;
        Pairs params;
    };
    struct NoPath {};
    struct NoMethod {
        std::string allow;  // for the Allow header
    };
    using Match = std::variant<Found, NoPath, NoMethod>;
    Match match(const std::string& method, const std::vector<std::string>& segments) const;

    std::vector<const Route*> routes() const;  // in the order they were added, without the fallback

private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
    std::unique_ptr<Route> fallback_;
};

}  // namespace gyre::httpd

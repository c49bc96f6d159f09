#include "api/site.h"

#include <map>
#include <memory>

#include "base/digest.h"

namespace gyre::api {
namespace {

using httpd::Request;
using httpd::Response;

struct File {
    Asset asset;
    std::string etag;
};
using Files = std::map<std::string, File, std::less<>>;

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Response file_answer(const File& file, const Request& request) {
    Response response;
    response.with("etag", file.etag);
    response.with("cache-control", file.asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.header("if-none-match") == file.etag) {
        response.status = 304;
        return response;
    }
    response.lasting = file.asset.bytes;
    response.with("content-type", std::string(file.asset.content_type));
    response.with("content-security-policy", std::string(policy)).with("referrer-policy", "no-referrer");
    response.with("cross-origin-opener-policy", "same-origin").with("x-frame-options", "DENY");
    return response;
}

// Addresses of the API and of missing files must not look like pages.
bool is_page(const Request& request) {
    if (request.segments.empty()) return true;
    for (const char* other : {"api", "agent", "artifacts", "output", "assets"}) {
        if (request.segments.front() == other) return false;
    }
    return true;
}

Response site_answer(const Files& files, const Request& request) {
    const auto found = files.find(request.path);
    if (found != files.end()) return file_answer(found->second, request);
    const auto index = files.find("/index.html");
    if (!is_page(request)) return httpd::message_answer(404, "Not found.");
    if (index == files.end()) {
        return httpd::text_answer("Gyre is running. This build has no web UI; its API is under /api/v2.\n",
                                  request.segments.empty() ? 200 : 404);
    }
    return file_answer(index->second, request);
}

}  // namespace

void add_site(httpd::Router& router, std::vector<Asset> assets) {
    auto files = std::make_shared<Files>();
    for (const auto& asset : assets) {
        files->emplace(asset.path, File{asset, "\"" + sha256_hex(asset.bytes).substr(0, 16) + "\""});
    }
    router.fallback({.method = "GET", .pattern = "/", .handler = [files](Request& request) {
                         return site_answer(*files, request);
                     }});
}

void add_health(httpd::Router& router, std::function<HealthReport()> report) {
    for (const char* path : {"/health-check", "/healthcheck", "/status"}) {
        router.add({.method = "GET",
                    .pattern = path,
                    .handler =
                        [report](Request&) {
                            const auto found = report();
                            return httpd::json_answer(
                                json::object{{"status", found.ready ? "ok" : "impaired"}, {"services", found.details}});
                        },
                    .runs_on = httpd::RunsOn::worker});
    }
    router.add({.method = "GET",
                .pattern = "/ready",
                .handler =
                    [report = std::move(report)](Request&) {
                        const auto found = report();
                        return httpd::json_answer(json::object{{"ready", found.ready}, {"services", found.parts}},
                                                  found.ready ? 200 : 503);
                    },
                .runs_on = httpd::RunsOn::worker});
}

}  // namespace gyre::api

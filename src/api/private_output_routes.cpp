#include <algorithm>

#include "api/places.h"
#include "api/routes.h"
#include "httpd/exchange.h"
#include "httpd/range.h"

// /api/private/output: the raw output of a job's step, as older command lines, editors and browser extensions fetch it;
// they follow it by asking for "bytes=N-" again.

namespace gyre::api {

using httpd::Exchange;
using httpd::Task;

namespace {

constexpr std::int64_t piece_size = 256 << 10;

struct StepOutput {
    OutputName name;
    httpd::Range range;
    std::int64_t size = 0;  // by now
};

// Of the last attempt at the path's task (":index") of its job.
Result<OutputName> step_of(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(const auto scene, scene_of_request(desk, request));
    const Request numbers{.query = {{"index", request.param("index")}, {"step", request.param("step")}}};
    const auto index = numbers.query_number("index", -1, 0, 1'000'000);
    const auto step = numbers.query_number("step", -1, 0, 1'000'000);
    const auto& tasks = scene.job().tasks;
    const auto task = std::find_if(tasks.begin(), tasks.end(),
                                   [&](const gyre::Task& one) { return index.ok() && one.index == *index; });
    if (task == tasks.end() || task->attempts.empty() || !step) return not_found("There is no such step.");
    const OutputName name{{scene.job().id, task->index, task->attempts.back().number}, static_cast<int>(*step)};
    GYRE_TRY_ASSIGN(const auto steps, desk.ports.records.steps(name.attempt));
    const bool known = std::any_of(steps.begin(), steps.end(), [&](const auto& one) { return one.index == name.step; });
    return known ? Result<OutputName>(name) : not_found("There is no such step.");
}

Result<StepOutput> step_output(Desk& desk, const Request& request) {
    StepOutput output;
    GYRE_TRY_ASSIGN(output.name, step_of(desk, request));
    GYRE_TRY_ASSIGN(output.size, desk.ports.outputs.length(output.name));
    output.range = httpd::range_of(request, output.size);
    return output;
}

Response head_of(const StepOutput& output) {
    Response head;
    head.with("content-type", "text/plain; charset=utf-8").with("cache-control", "no-store");
    head.with("accept-ranges", "bytes").with("content-security-policy", "sandbox; default-src 'none'");
    head.with("content-length", std::to_string(output.range.length));
    if (output.range.kind == httpd::RangeKind::whole) return head;
    head.status = output.range.kind == httpd::RangeKind::part ? 206 : 416;
    return std::move(head).with("content-range", httpd::content_range(output.range, output.size));
}

// GET /api/private/output/raw/<slug>/<n>/output/<task>/<step>
Task<void> raw_output(Desk& desk, Exchange& exchange) {
    auto looking = httpd::on_worker(exchange, [&] { return step_output(desk, exchange.request()); });
    const auto output = co_await looking;
    if (!output) {
        auto refusing = exchange.answer(httpd::error_answer(output.error()));
        co_await refusing;
        co_return;
    }
    auto beginning = exchange.begin(head_of(*output));
    bool more = co_await beginning;
    std::int64_t at = output->range.from;
    const std::int64_t end = at + output->range.length;
    while (more && at < end) {
        const auto most = static_cast<std::size_t>(std::min(piece_size, end - at));
        auto reading = httpd::on_worker(exchange, [&] { return desk.ports.outputs.read(output->name, at, most); });
        auto piece = co_await reading;
        if (!piece || piece->empty()) {
            exchange.abort();
            co_return;
        }
        at += std::ssize(*piece);
        auto writing = exchange.write(std::move(*piece));
        more = co_await writing;
    }
}

// What steps print to standard error stands in their output.
Answer no_errors(Desk& desk, Request& request) {
    GYRE_TRY(step_of(desk, request));
    return Response{}.with("content-type", "text/plain; charset=utf-8");
}

}  // namespace

void add_private_output_routes(Desk& desk, httpd::Router& router) {
    desk.get_stream_of_project(router, "/api/private/output/raw", "/:n/output/:index/:step", raw_output);
    desk.get_much_of_project(router, "/api/private/output/raw", "/:n/error/:index/:step", no_errors);
}

}  // namespace gyre::api

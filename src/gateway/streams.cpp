#include "base/log.h"
#include "gateway/gateway.h"
#include "gateway/reports.h"

// The long calls of a running attempt: output and blobs, piece by piece.

namespace gyre::gateway {

using httpd::Exchange;
using httpd::message_answer;
using httpd::Response;

namespace {

constexpr std::size_t piece_size = 512 * 1024;
constexpr std::int64_t longest = std::int64_t{1} << 50;

Response length_answer(int status, std::int64_t length) {
    return httpd::json_answer(to_json(wire::Length{length}), status);
}

}  // namespace

void Gateway::publish(NewsKind kind, const Holder& holder, int step, std::int64_t length) {
    News news{.kind = kind, .project = holder.project.text};
    news.workflow = holder.workflow.text;
    news.job = holder.attempt.job.text;
    news.attempt = holder.attempt.id().text;
    news.step = step;
    news.length = length;
    ports_.live.publish(news);
}

httpd::Task<void> Gateway::put_output(Exchange& exchange) {
    const AttemptId attempt{exchange.request().param("id")};
    const auto holder = holders_.find(attempt);
    const auto offset = exchange.request().query_number("offset", 0, 0, longest);
    httpd::Request as_number{.query = {{"step", exchange.request().param("step")}}};
    const auto step = as_number.query_number("step", -1, 0, most_steps);
    // What agents keep of a step: its beginning up to the limit, a note, and the tail. More is no agent of ours.
    const std::int64_t most = settings_.limits.step_output_bytes * 2;
    Response answer = length_answer(200, 0);
    if (!holder) answer = message_answer(409, "this attempt is over: stop, and report no more");
    if (!offset) answer = httpd::error_answer(offset.error());
    if (!step) answer = httpd::error_answer(step.error());
    std::int64_t at = offset.value_or(0);
    while (answer.status == 200) {
        auto reading = exchange.read(piece_size);
        const auto piece = co_await reading;
        if (!piece) {
            answer = httpd::error_answer(piece.error());
        } else if (!holders_.find(attempt)) {
            answer = message_answer(409, "this attempt is over: stop, and report no more");
        } else if (piece->empty()) {
            answer = length_answer(200, at);
            break;
        } else if (at + static_cast<std::int64_t>(piece->size()) > most) {
            answer = message_answer(413, "the output of a step may have at most " + std::to_string(most) + " bytes");
        } else {
            const OutputName name{holder->attempt, static_cast<int>(*step)};
            auto appending = httpd::on_worker(exchange, [&] { return ports_.outputs.append(name, at, *piece); });
            const auto appended = co_await appending;
            if (!appended) {
                answer = httpd::error_answer(appended.error());
            } else if (!appended->accepted) {
                answer = length_answer(409, appended->length);
            } else {
                at = appended->length;
                publish(NewsKind::output, *holder, name.step, at);
            }
        }
    }
    auto answering = exchange.answer(std::move(answer));
    co_await answering;
}

httpd::Task<void> Gateway::put_blob(Exchange& exchange) {
    const auto& request = exchange.request();
    const std::string name = request.param("blob");
    const auto offset = request.query_number("offset", 0, 0, longest);
    const auto size = request.query_number("size", 0, 0, longest);
    Response answer = length_answer(200, 0);
    if (!is_blob_name(name)) answer = message_answer(400, "a blob is named by 64 lower-case hexadecimal digits");
    if (!offset) answer = httpd::error_answer(offset.error());
    if (!size) answer = httpd::error_answer(size.error());
    if (size && *size > settings_.limits.blob_bytes) {
        answer = message_answer(413, "a cache, workspace layer or artifact may have at most " +
                                         std::to_string(settings_.limits.blob_bytes) + " bytes");
    }
    std::int64_t at = offset.value_or(0);
    bool first = true;
    while (answer.status == 200) {
        auto reading = exchange.read(piece_size);
        const auto piece = co_await reading;
        if (!piece) {
            answer = httpd::error_answer(piece.error());
            break;
        }
        if (piece->empty() && !first) {
            answer = length_answer(200, at);
            break;
        }
        first = false;  // an empty blob, too, is appended once
        auto appending = httpd::on_worker(exchange, [&] { return ports_.blobs.append(name, at, *size, *piece); });
        const auto appended = co_await appending;
        if (appended) {
            at += static_cast<std::int64_t>(piece->size());
        } else if (appended.error().fault == Fault::conflict) {
            auto asking = httpd::on_worker(exchange, [&] { return ports_.blobs.partial_length(name); });
            const auto length = co_await asking;
            answer = length ? length_answer(409, *length) : httpd::error_answer(length.error());
        } else {
            // What does not hash to its name is the sender's mistake, and is gone.
            const bool mismatch = appended.error().fault == Fault::corrupt;
            answer = mismatch ? message_answer(400, appended.error().message) : httpd::error_answer(appended.error());
        }
    }
    auto answering = exchange.answer(std::move(answer));
    co_await answering;
}

httpd::Task<void> Gateway::get_blob(Exchange& exchange) {
    const std::string name = exchange.request().param("blob");
    if (!is_blob_name(name)) {
        auto refusing = exchange.answer(message_answer(400, "a blob is named by 64 lower-case hexadecimal digits"));
        co_await refusing;
        co_return;
    }
    const bool asks_only = exchange.request().method == "HEAD";
    auto opening = httpd::on_worker(exchange, [&] {
        if (asks_only) (void)ports_.blobs.touch(name);  // who asks goes on to name it
        return ports_.blobs.open(name);
    });
    const auto reader = co_await opening;
    const auto holder = holders_.find(AttemptId{exchange.request().param("id")});
    const auto refuse = [&](const Error& error) {
        return httpd::on_worker(exchange, [&] { return refuse_blob(holder, name, error); });
    };
    if (!reader && asks_only) {  // who sends it asks first whether it is here
        auto denying = exchange.answer(httpd::error_answer(reader.error()));
        co_await denying;
        co_return;
    }
    if (!reader) {
        auto looking = refuse(reader.error());
        auto refusing = exchange.answer(co_await looking);
        co_await refusing;
        co_return;
    }
    Response head;
    head.with("content-type", "application/octet-stream").with("content-length", std::to_string((*reader)->size()));
    if (asks_only) {
        auto telling = exchange.begin(std::move(head));
        co_await telling;
        co_return;
    }
    const auto read = [&] { return httpd::on_worker(exchange, [&] { return (*reader)->read(piece_size); }); };
    // Read before anything is said: of what is found damaged at once, the answer can still tell.
    auto reading = read();
    auto piece = co_await reading;
    if (!piece) {
        log::error("gateway", "a blob that an agent asked for cannot be read: {}", piece.error().message);
        auto looking = refuse(piece.error());
        auto refusing = exchange.answer(co_await looking);
        co_await refusing;
        co_return;
    }
    auto beginning = exchange.begin(std::move(head));
    bool more = co_await beginning;
    while (more && !piece->empty()) {
        auto writing = exchange.write(std::move(*piece));
        more = co_await writing;
        if (!more) co_return;
        auto reading_on = read();
        piece = co_await reading_on;
        if (!piece) {
            log::error("gateway", "a blob that an agent asked for cannot be read on: {}", piece.error().message);
            auto looking = refuse(piece.error());
            co_await looking;  // asked again, it will be told what became of it
            exchange.abort();  // never let broken bytes pass for whole
            co_return;
        }
    }
}

}  // namespace gyre::gateway

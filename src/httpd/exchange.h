#pragma once

// Exchange: one request and the answer to it, for handlers that stream or wait. Such a handler is a coroutine; it runs
// on the connection's own sequence of turns (never two turns at once) and is resumed there after each await.
// An exchange lives until its handler returns. Only what waker() gives may be used from other threads.

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "httpd/message.h"
#include "httpd/task.h"

namespace gyre::httpd {

enum class Woken {
    signal,    // the waker was called (perhaps before the wait began)
    timeout,   // nothing came for so long
    gone,      // the other end closed the connection: answering is useless
    stopping,  // the server stops: answer now, whatever there is
};

class Exchange {
public:
    virtual ~Exchange() = default;

    virtual Request& request() = 0;

    // The next piece of the body, at most `most` bytes; empty at its end. Errors: too_large (the route's limit),
    // invalid (broken framing), unavailable (the other end is gone or silent). After an error answer or return.
    virtual Task<Result<std::string>> read(std::size_t most) = 0;
    virtual Task<Result<std::string>> read_all(std::size_t limit) = 0;

    // Sends a whole answer.
    virtual Task<void> answer(Response response) = 0;

    // Or: begins an answer (its body is ignored), then write() any number of times; returning from the handler ends it.
    // With a "content-length" header exactly so many bytes must be written; otherwise the answer is chunked.
    // False: the other end is gone, or wants no body (HEAD).
    virtual Task<bool> begin(Response head) = 0;
    virtual Task<bool> write(std::string bytes) = 0;
    // Ends the connection at once, so that the other end sees an incomplete answer.
    virtual void abort() = 0;

    virtual Task<Woken> wait(Duration longest) = 0;
    // Makes the pending wait(), or the next one, return. Callable from any thread, at any time, as often as one likes.
    virtual std::function<void()> waker() = 0;

    // Runs `call` on a worker thread, for what may block on a disk or the network.
    virtual Task<void> work(std::function<void()> call) = 0;
};

// As Exchange::work, for a call with a value.
template <typename Call>
Task<std::invoke_result_t<Call>> on_worker(Exchange& exchange, Call call) {
    std::optional<std::invoke_result_t<Call>> value;
    auto working = exchange.work([&] { value.emplace(call()); });
    co_await working;
    co_return std::move(*value);
}

}  // namespace gyre::httpd

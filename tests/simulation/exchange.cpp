#include "simulation/exchange.h"

#include <utility>

namespace gyre::simulation {

using httpd::Response;
using httpd::Task;
using httpd::Woken;

namespace {

Running run(Task<void> task) { co_await task; }

}  // namespace

// Waits until somebody resumes it.
struct SimulatedExchange::Suspended {
    std::function<void(std::coroutine_handle<>)> begin;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const { begin(handle); }
    void await_resume() const noexcept {}
};

SimulatedExchange::SimulatedExchange(Stage& stage, Later later, const Call& call, Reply reply)
    : stage_(stage), later_(std::move(later)), reply_(std::move(reply)), unread_(call.body) {
    auto target = httpd::parse_target(call.target).value();
    request_.method = call.method;
    request_.path = std::move(target.path);
    request_.segments = std::move(target.segments);
    request_.query = std::move(target.query);
    request_.headers = {{"authorization", call.authorization}};
    request_.peer = call.local ? "unix" : "10.0.0.1";
    request_.local = call.local;
}

void SimulatedExchange::handle(const httpd::Router& router) {
    auto match = router.match(request_.method, request_.segments);
    auto* found = std::get_if<httpd::Router::Found>(&match);
    if (!found) return finish({.status = 404});
    request_.params = std::move(found->params);
    const httpd::Route& route = *found->route;
    if (route.gatekeeper) {
        if (auto refused = route.gatekeeper(request_)) return finish(std::move(*refused));
    }
    if (route.stream) {
        running_.emplace(run(route.stream(*this)));
        return running_->rethrow();
    }
    request_.body = std::exchange(unread_, {});
    if (route.runs_on == httpd::RunsOn::loop) return finish(route.handler(request_));
    later_(stage_.dice.span(Duration{0}, Duration{2}), [weak = weak_from_this(), &route] {
        if (const auto self = weak.lock()) self->finish(route.handler(self->request_));
    });
}

void SimulatedExchange::finish(Response response) {
    over_ = true;
    reply_({.kind = Answer::Kind::answered, .status = response.status, .body = std::string(response.bytes())});
}

void SimulatedExchange::resume(std::coroutine_handle<> handle) {
    handle.resume();
    running_->rethrow();
}

Task<Result<std::string>> SimulatedExchange::read(std::size_t most) {
    std::string piece = unread_.substr(0, most);
    unread_.erase(0, piece.size());
    co_return piece;
}

Task<Result<std::string>> SimulatedExchange::read_all(std::size_t /*limit*/) { co_return std::exchange(unread_, {}); }

Task<void> SimulatedExchange::answer(Response response) {
    finish(std::move(response));
    co_return;
}

Task<bool> SimulatedExchange::begin(Response head) {
    streamed_ = std::move(head);
    co_return true;
}

Task<bool> SimulatedExchange::write(std::string bytes) {
    streamed_->body += bytes;
    co_return true;
}

Task<Woken> SimulatedExchange::wait(Duration longest) {
    if (std::exchange(signalled_, false)) co_return Woken::signal;
    const auto number = ++wait_number_;
    Suspended suspended{[&](std::coroutine_handle<> handle) {
        waiter_ = handle;
        later_(longest, [weak = weak_from_this(), number] {
            const auto self = weak.lock();
            if (self && self->wait_number_ == number) self->wake(Woken::timeout);
        });
    }};
    co_await suspended;
    co_return woken_;
}

void SimulatedExchange::wake(Woken why) {
    if (!waiter_) return;
    woken_ = why;
    ++wait_number_;
    resume(std::exchange(waiter_, nullptr));
}

std::function<void()> SimulatedExchange::waker() {
    return [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || std::exchange(self->signalled_, true)) return;
        self->later_(Duration{0}, [weak] {
            const auto to = weak.lock();
            if (!to || !to->waiter_ || !std::exchange(to->signalled_, false)) return;
            to->wake(Woken::signal);
        });
    };
}

Task<void> SimulatedExchange::work(std::function<void()> call) {
    Suspended suspended{[&](std::coroutine_handle<> handle) {
        // Weak: what the server's memory held is gone when it dies, and its handlers with it.
        later_(stage_.dice.span(Duration{0}, Duration{2}), [weak = weak_from_this(), handle] {
            if (const auto self = weak.lock()) self->resume(handle);
        });
    }};
    co_await suspended;
    call();
}

}  // namespace gyre::simulation

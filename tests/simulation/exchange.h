#pragma once

// One call inside a simulated server: found by the product's own router, let in by its gatekeeper, answered by its
// handler. What a real server does on other threads happens here a moment later, so that calls get between one another.

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "httpd/router.h"
#include "simulation/network.h"

namespace gyre::simulation {

// A coroutine that somebody owns: destroyed with its owner, wherever it waits.
class Running {
public:
    struct promise_type {  // NOLINT(readability-identifier-naming): the language's name
        std::exception_ptr failure;
        Running get_return_object() { return Running(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { failure = std::current_exception(); }
    };
    explicit Running(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Running(Running&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Running& operator=(Running&&) = delete;
    ~Running() {
        if (handle_) handle_.destroy();
    }
    bool is_over() const { return handle_.done(); }
    void rethrow() const {
        if (is_over() && handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    }

private:
    std::coroutine_handle<promise_type> handle_;
};

class SimulatedExchange final : public httpd::Exchange, public std::enable_shared_from_this<SimulatedExchange> {
public:
    // Lets an act happen in this server after a while, unless it has died by then.
    using Later = std::function<void(Duration, std::function<void()>)>;

    SimulatedExchange(Stage& stage, Later later, const Call& call, Reply reply);

    void handle(const httpd::Router& router);
    bool is_over() const { return over_; }

    httpd::Request& request() override { return request_; }
    httpd::Task<Result<std::string>> read(std::size_t most) override;
    httpd::Task<Result<std::string>> read_all(std::size_t limit) override;
    httpd::Task<void> answer(httpd::Response response) override;
    httpd::Task<bool> begin(httpd::Response head) override;
    httpd::Task<bool> write(std::string bytes) override;
    void abort() override { over_ = true; }
    httpd::Task<httpd::Woken> wait(Duration longest) override;
    std::function<void()> waker() override;
    httpd::Task<void> work(std::function<void()> call) override;

private:
    struct Suspended;
    void finish(httpd::Response response);
    void resume(std::coroutine_handle<> handle);
    void wake(httpd::Woken why);

    Stage& stage_;
    Later later_;
    Reply reply_;
    httpd::Request request_;
    std::string unread_;
    std::optional<httpd::Response> streamed_;
    bool over_ = false;
    bool signalled_ = false;
    std::uint64_t wait_number_ = 0;
    std::coroutine_handle<> waiter_;
    httpd::Woken woken_ = httpd::Woken::timeout;
    std::optional<Running> running_;  // last: its frames use all of the above
};

}  // namespace gyre::simulation

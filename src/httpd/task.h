#pragma once

// Task<T>: a coroutine that starts when it is awaited and gives its value to whoever awaits it. It knows no threads and
// no I/O. Name a task before awaiting it (`auto reading = exchange.read(n); auto bytes = co_await reading;`): gcc 12
// miscompiles some temporaries inside co_await expressions.

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace gyre::httpd {

template <typename T = void>
class Task;

namespace task_detail {

// At its end a task goes on with the coroutine that awaits it.
struct Final {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
        return ended.promise().continuation;
    }
    void await_resume() noexcept {}
};

struct PromiseBase {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr failure;

    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() { failure = std::current_exception(); }
};

template <typename T>
struct Promise : PromiseBase {
    std::optional<T> value;

    Task<T> get_return_object();
    template <typename U>
    void return_value(U&& given) {
        value.emplace(std::forward<U>(given));
    }
    T take() {
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() {}
    void take() {
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace task_detail

template <typename T>
class [[nodiscard]] Task {
public:
    using promise_type = task_detail::Promise<T>;  // NOLINT(readability-identifier-naming): the language's name

    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        handle_.promise().continuation = awaiting;
        return handle_;
    }
    T await_resume() { return handle_.promise().take(); }

private:
    std::coroutine_handle<promise_type> handle_;
};

namespace task_detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace task_detail

// A coroutine that nobody awaits: it runs to its end and frees itself. An exception that leaves it ends the program.
struct Detached {
    struct promise_type {  // NOLINT(readability-identifier-naming): the language's name
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

// Runs the task to its end, keeping `owner` alive until then.
inline Detached run_detached(std::shared_ptr<void> owner, Task<void> task) {
    co_await task;
    owner.reset();
}

}  // namespace gyre::httpd

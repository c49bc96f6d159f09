#pragma once

// Guarded<T>: data that can be reached only while its lock is held.
//     Guarded<Map> map;   auto held = map.lock();   held->insert(...);

#include <mutex>
#include <utility>

namespace gyre {

template <typename T>
class Guarded {
public:
    class Held {
    public:
        Held(T& data, std::mutex& mutex) : lock_(mutex), data_(&data) {}
        T* operator->() const { return data_; }
        T& operator*() const { return *data_; }
        std::unique_lock<std::mutex>& raw_lock() { return lock_; }  // for condition variables only

    private:
        std::unique_lock<std::mutex> lock_;
        T* data_;
    };

    Guarded() = default;
    explicit Guarded(T data) : data_(std::move(data)) {}

    Held lock() { return Held(data_, mutex_); }

private:
    std::mutex mutex_;
    T data_{};
};

}  // namespace gyre

#pragma once

// The same at once from several threads: act(0), act(1), ... act(count - 1). Returns when all are done.

#include <thread>
#include <vector>

namespace gyre::contract {

template <typename Act>
void in_threads(int count, Act act) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (int number = 0; number < count; ++number) threads.emplace_back([&act, number] { act(number); });
    for (auto& thread : threads) thread.join();
}

}  // namespace gyre::contract

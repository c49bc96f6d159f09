#include "agent/background_outputs.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cstdint>

namespace gyre::agent {
namespace {

constexpr int idle_ms = 100;

}  // namespace

BackgroundOutputs::BackgroundOutputs() : news_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

BackgroundOutputs::~BackgroundOutputs() { finish(std::chrono::milliseconds(0)); }

void BackgroundOutputs::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(news_.get(), &one, sizeof one);
}

void BackgroundOutputs::adopt(std::shared_ptr<StepOutput> output) {
    const std::lock_guard lock(mutex_);
    adopted_.push_back(std::move(output));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wake();
}

void BackgroundOutputs::finish(std::chrono::milliseconds grace) {
    {
        const std::lock_guard lock(mutex_);
        if (!thread_.joinable()) return;
        finishing_ = true;
        deadline_ = std::chrono::steady_clock::now() + grace;
        wake();
    }
    thread_.join();
    thread_ = {};
}

// Waits for output, reads it, and lets go of held bytes where nothing came for a while.
void BackgroundOutputs::pump_round(std::vector<std::shared_ptr<StepOutput>>& outputs) {
    std::vector<pollfd> waiting{{news_.get(), POLLIN, 0}};
    bool holding = finishing_;
    for (const auto& output : outputs) {
        waiting.push_back({output->pipe(), POLLIN, 0});
        holding = holding || output->is_holding();
    }
    const int ready = ::poll(waiting.data(), waiting.size(), holding ? idle_ms : -1);
    if (waiting[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(news_.get(), &count, sizeof count);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (waiting[i + 1].revents != 0) {
            outputs[i]->pump();
        } else if (ready == 0) {
            outputs[i]->idle();
        }
    }
}

void BackgroundOutputs::run() {
    std::vector<std::shared_ptr<StepOutput>> outputs;
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            std::move(adopted_.begin(), adopted_.end(), std::back_inserter(outputs));
            adopted_.clear();
            if (finishing_ && (outputs.empty() || std::chrono::steady_clock::now() >= deadline_)) break;
        }
        pump_round(outputs);
        std::erase_if(outputs, [](const auto& output) {
            if (!output->has_ended()) return false;
            output->finish();
            return true;
        });
    }
    for (const auto& output : outputs) output->finish();
}

}  // namespace gyre::agent

#include "agent/held_gpus.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "agent/executors/small_files.h"
#include "agent/live_lock.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::milliseconds look_again{100};

std::string lock_of(const std::string& directory, const std::string& mark) {
    return directory + "/" + sha256_hex(mark).substr(0, 32);  // which may be too long for a file's name
}

// All of them, or none: descriptions may be made anew, with other names, while a job has a card.
std::vector<Fd> lock_marks(const std::string& directory, const std::vector<std::string>& marks) {
    std::vector<Fd> locks;
    for (const auto& mark : marks) {
        auto lock = try_lock(lock_of(directory, mark), O_CREAT);
        if (!lock) return {};
        locks.push_back(std::move(*lock));
    }
    return locks;
}

bool is_told_within(int cancel, std::chrono::milliseconds time) {
    pollfd told{cancel, POLLIN, 0};
    return ::poll(&told, 1, static_cast<int>(time.count())) > 0;
}

Error too_few(std::size_t known, int count) {
    const std::string have = known == 0 ? "none" : "only " + std::to_string(known);
    return not_found("this job wants " + std::to_string(count) + (count == 1 ? " GPU" : " GPUs") +
                     ", and this machine has " + have +
                     " that a CDI description names (nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml)");
}

}  // namespace

std::optional<HeldGpus> HeldGpus::take_now(const std::vector<CdiDevice>& known, std::size_t wanted,
                                           const std::string& directory) {
    const Fd alone = hold_directory(directory);  // of two that want several, one gets all of them
    HeldGpus held;
    for (const auto& device : known) {
        if (held.devices_.size() == wanted) break;
        auto locks = lock_marks(directory, marks_of(device, known));
        if (locks.empty()) continue;
        std::ranges::move(locks, std::back_inserter(held.locks_));
        held.devices_.push_back(device);
    }
    if (held.devices_.size() < wanted) return std::nullopt;
    return held;
}

Result<HeldGpus> HeldGpus::take(const std::vector<CdiDevice>& known, int count, const std::string& directory,
                                std::chrono::milliseconds patience, int cancel) {
    const auto wanted = static_cast<std::size_t>(std::max(count, 0));
    if (wanted > known.size()) return too_few(known.size(), count);
    if (wanted == 0) return HeldGpus();
    GYRE_TRY(make_directory(directory));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        if (auto held = take_now(known, wanted, directory)) return std::move(*held);
        if (std::chrono::steady_clock::now() >= deadline)
            return unavailable("the GPUs of this machine are still in use by other jobs");
        if (is_told_within(cancel, look_again)) return unavailable("the job was stopped");
    }
}

std::vector<std::string> HeldGpus::names() const {
    std::vector<std::string> names;
    for (const auto& device : devices_) names.push_back(device.full_name());
    return names;
}

}  // namespace gyre::agent

#include "support/shifted_clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "base/fd.h"

namespace gyre::test {
namespace {

std::atomic<std::int64_t>* shared_number(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file || ::ftruncate(file.get(), sizeof(std::int64_t)) != 0) throw std::runtime_error("cannot make " + path);
    void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("cannot map " + path);
    return static_cast<std::atomic<std::int64_t>*>(mapped);
}

}  // namespace

ShiftedClock::ShiftedClock() {
    char pattern[] = "/tmp/gyre-clocks.XXXXXX";
    if (::mkdtemp(pattern) == nullptr || ::chmod(pattern, 0755) != 0)
        throw std::runtime_error("cannot make a directory below /tmp");
    directory_ = pattern;
    for (const char* program : {"gyre", "gyre-agent"})
        clocks_[program] = shared_number(directory_ + "/" + std::string(program));
}

ShiftedClock::~ShiftedClock() {
    for (const auto& [program, number] : clocks_) ::munmap(number, sizeof(std::int64_t));
    std::error_code failed;
    std::filesystem::remove_all(directory_, failed);
}

std::string ShiftedClock::needs() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return "needs a build without sanitizers, whose libraries must be loaded first";
#else
    return "";
#endif
}

std::vector<std::string> ShiftedClock::environment() const {
    return {"LD_PRELOAD=" GYRE_CLOCK_SHIM, "GYRE_CLOCKS=" + directory_};
}

std::chrono::milliseconds ShiftedClock::server() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(clocks_.at("gyre")->load()));
}

void ShiftedClock::set(const std::string& program, std::chrono::milliseconds ahead) {
    clocks_.at(program)->store(std::chrono::nanoseconds(ahead).count());
}

}  // namespace gyre::test

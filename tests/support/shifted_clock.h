#pragma once

// The wall clocks of the server and of agents, set by the test while they run. What else runs here keeps the machine's
// clock, and so do the times of files.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gyre::test {

class ShiftedClock {
public:
    ShiftedClock();
    ~ShiftedClock();
    ShiftedClock(const ShiftedClock&) = delete;
    ShiftedClock& operator=(const ShiftedClock&) = delete;

    // Why clocks cannot be set here, for GTEST_SKIP; empty: they can.
    static std::string needs();

    // For the server, which gives it to its agents.
    std::vector<std::string> environment() const;
    // From the machine's clock; from now on.
    void set_server(std::chrono::milliseconds ahead) { set("gyre", ahead); }
    void set_agents(std::chrono::milliseconds ahead) { set("gyre-agent", ahead); }
    std::chrono::milliseconds server() const;

private:
    using Ahead = std::atomic<std::int64_t>;  // nanoseconds
    void set(const std::string& program, std::chrono::milliseconds ahead);

    std::string directory_;
    std::map<std::string, Ahead*> clocks_;  // by program, in files
};

}  // namespace gyre::test

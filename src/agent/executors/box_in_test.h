#pragma once

// Runs a script in a box of a test and says what came of it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "agent/executor.h"

namespace gyre::agent {

struct Ran {
    std::string output;
    ProcessEnd end;
    // The exit code, or a number below 0 and the reason in the output.
    int exit_code() {
        if (const auto* exited = std::get_if<ExitedWith>(&end)) return exited->code;
        if (const auto* killed = std::get_if<KilledBy>(&end)) return -killed->signal;
        if (const auto* never = std::get_if<NeverStarted>(&end)) output += never->reason;
        if (const auto* gone = std::get_if<BoxGone>(&end)) output += gone->reason;
        return -1000;
    }
};

inline Ran run_in(Box& box, const std::string& script, Environment environment = {}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const Fd reader(ends[0]);
    StandardFds fds;
    fds.out = Fd(ends[1]);
    fds.err = Fd(::fcntl(ends[1], F_DUPFD_CLOEXEC, 0));
    wire::SpawnRequest request;
    request.argv = {"/bin/sh", "-c", script};
    request.environment = std::move(environment);
    request.working_directory = "~";
    Ran ran;
    auto id = box.supervisor().spawn(std::move(request), std::move(fds));
    if (!id) throw std::runtime_error(id.error().message);
    char piece[4096];
    for (ssize_t got; (got = ::read(reader.get(), piece, sizeof piece)) > 0;)
        ran.output.append(piece, static_cast<std::size_t>(got));
    const auto end = box.supervisor().wait(*id, std::chrono::steady_clock::now() + std::chrono::seconds(60));
    ran.end = end ? *end : ProcessEnd{NeverStarted{"it did not end"}};
    return ran;
}

// What a job writes into its home and into temporary files is counted, where a box's disk is known.
inline void expect_files_are_counted(Box& box) {
    const auto meter = box.disk_meter();
    ASSERT_NE(meter, nullptr);
    const auto places = meter->places(-1);
    ASSERT_EQ(places.size(), 1U);
    EXPECT_TRUE(std::filesystem::exists(places.front())) << places.front();
    const auto before = meter->occupied(-1);
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ(
        run_in(box, "head -c 3000000 /dev/zero > ~/much; head -c 2000000 /dev/zero > /tmp/more; sync").exit_code(), 0);
    const auto after = meter->occupied(-1);
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_GE(*after - *before, 4'900'000);
    EXPECT_LE(*after - *before, 5'500'000);
    // Deeper than a path may be long, where an engine's own count ends.
    const std::string deep =
        "name=$(printf 'n%.0s' $(seq 200)); for i in $(seq 25); do mkdir $name; cd $name 2> /dev/null || break; done; "
        "head -c 3000000 /dev/zero > $name/much; sync";
    EXPECT_EQ(run_in(box, deep).exit_code(), 0);
    const auto counted = meter->occupied(-1);
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_GE(*counted - *after, 3'000'000);
}

}  // namespace gyre::agent

#pragma once

// For tests: SSH into a box, whatever executor made it.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "agent/executor.h"
#include "agent/ssh/guest_in_test.h"
#include "agent/ssh/server.h"

namespace gyre::agent::testing {

inline Result<std::unique_ptr<SshServer>> open_ssh(Box& box, const std::string& directory,
                                                   const std::string& host_key) {
    ::signal(SIGPIPE, SIG_IGN);
    return SshServer::open({.address = "127.0.0.1", .first_port = 20'000, .last_port = 29'999, .host_key = host_key},
                           {.supervisor = &box.supervisor(),
                            .environment = Environment{{"A", "b"}},
                            .working_directory = directory,
                            .helper = box.helper()},
                           {});
}

// Whatever a guest may wish, and that nothing of it outlives the box.
inline void expect_whole_ssh_into(Box& box, const std::string& directory, const std::string& host_key) {
    const Guest ann("ann");
    auto server = open_ssh(box, directory, host_key);
    ASSERT_TRUE(server) << server.error().message;
    (*server)->let_in({ann.as_guest()});
    expect_whole_ssh(ann, (*server)->port(), directory);
    const auto here = ann.does((*server)->port(), "echo from-ssh > left; cat /proc/self/cgroup; id");
    const auto again = ann.does((*server)->port(), "cat left");
    EXPECT_EQ(again.out, "from-ssh\n");
    EXPECT_EQ(here.exit_code, 0) << here.err;
    server->reset();
}

}  // namespace gyre::agent::testing

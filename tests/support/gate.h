#pragma once

// A point in a job's step where it stops until the test lets it go on: the step connects to a port of this machine,
// says its name and reads one line. So a test knows, without waiting for some time to pass, that the job has come this
// far, also while the server is dead.

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace gyre::test {

class Gate {
public:
    Gate();

    // Shell commands that pass the gate as `visitor` and leave what the gate said in $GATE. The gate's answer is read
    // by bash itself: nothing needs to be installed in the job.
    std::string command(const std::string& visitor = "visitor") const;

    // Waits until somebody stands before the gate; answers the name. Throws after a minute.
    std::string wait();
    // Lets those who stand there go on, each with this word; answers how many did.
    int open(std::string_view word = "go");
    // Has anybody come since the last wait() or open()?
    bool somebody_waits();

private:
    void let_in(int patience_ms);

    Fd listener_;
    int port_ = 0;
    struct Visitor {
        Fd connection;
        std::string name;
    };
    std::vector<Visitor> visitors_;
    std::size_t announced_ = 0;
};

}  // namespace gyre::test

#pragma once

// A disk that troubles a program under test: the program is started with a library of ours (disk_shim.cpp) between it
// and libc, and the test commands when writes fail, syncs fail or take long. It also knows what a power cut would
// leave: what was written and never synced, or whose sync failed, is not on the disk. Nobody but the program is
// troubled, and nothing of the machine is changed. Errors are thrown.

#include <cstdint>
#include <string>
#include <vector>

#include "support/disk_control.h"
#include "support/program.h"

namespace gyre::test {

struct DiskFault {
    int writes_fail_with = 0;  // errno
    bool only_growth = false;  // as on a full disk: what has its place already can be written
    int syncs_fail_with = 0;   // errno
    std::uint32_t every = 1;   // of the calls that can fail, one in so many does
    std::string only;          // files whose whole path is like this: "*/gyre.db"
    std::uint32_t sync_delay_ms = 0;
};
DiskFault full_disk();

class DiskTrouble {
public:
    // Of `program` (the name of its executable), which `user` runs.
    DiskTrouble(const std::string& program, const User& user);
    ~DiskTrouble();
    DiskTrouble(const DiskTrouble&) = delete;
    DiskTrouble& operator=(const DiskTrouble&) = delete;

    // What the program is started with.
    std::vector<std::string> environment() const;

    // Files below it, from now on; but those below `others`, which are not the program's alone, lose nothing.
    void watch(const std::string& directory, const std::string& others = "");

    void strike(const DiskFault& fault);
    void heal();
    std::uint64_t failures() const { return control_->failures.load(); }  // of this fault, so far

    // When the program is dead: takes from its files what a power cut takes. Only what was written since
    // watch() and the last forget_past() can be taken. Answers how many files lost something.
    int cut_power();
    void forget_past();  // what was written until now is on the disk, say we

private:
    std::string directory_;
    std::string below_;
    std::string others_;
    DiskControl* control_ = nullptr;
};

}  // namespace gyre::test

#pragma once

// What the library that stands between a program and its disk (disk_shim.cpp) and the test that commands it
// (disk_trouble.h) share: a file that both map, and a journal of all that the program wrote. Texts change only while
// nothing is armed.

#include <atomic>
#include <cstdint>

namespace gyre::test {

struct DiskControl {
    char program[32];  // the name of the only program that it is about
    char below[256];   // files whose paths begin so; empty: none yet

    std::atomic<std::uint32_t> armed;  // all that follows counts only then
    char only[64];                     // files whose whole path is like this (fnmatch); empty: all
    std::atomic<std::int32_t> writes_fail_with;
    std::atomic<std::uint32_t> only_growth;  // only writes that need more room on the disk fail
    std::atomic<std::int32_t> syncs_fail_with;
    std::atomic<std::uint32_t> every;  // of the calls that can fail, one in so many does
    std::atomic<std::uint32_t> sync_delay_ms;
    std::atomic<std::uint64_t> calls;  // that could fail
    std::atomic<std::uint64_t> failures;
};

// One entry of the journal; behind it stand `kept` bytes: what the write, or the cut, took away.
struct DiskEntry {
    enum Kind : std::uint32_t { write = 1, cut, synced, sync_failed };
    std::uint32_t kind;
    std::uint32_t kept;
    std::uint64_t device;
    std::uint64_t inode;
    std::uint64_t born;    // when the file was made: numbers of inodes are given again
    std::uint64_t size;    // of the file before
    std::uint64_t offset;  // of a write; the new size, of a cut
    std::uint64_t length;  // of a write
};

}  // namespace gyre::test

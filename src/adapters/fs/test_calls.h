#pragma once

// For this module's tests: calls of the system that go as the test wants. They stand before the C library's own, for
// the whole test program. One object of a kind at a time.

#include <functional>
#include <string>

namespace gyre::fs {

// Asked before each fsync and fdatasync, by the thread that makes it: the error that it shall fail with, or 0.
class SyncHook {
public:
    explicit SyncHook(std::function<int(const std::string& path)> hook);
    ~SyncHook();
    SyncHook(const SyncHook&) = delete;
    SyncHook& operator=(const SyncHook&) = delete;
};

// renameat2 knows no flags, as on the file systems of other machines.
class PlainRenames {
public:
    PlainRenames();
    ~PlainRenames();
    PlainRenames(const PlainRenames&) = delete;
    PlainRenames& operator=(const PlainRenames&) = delete;
};

}  // namespace gyre::fs

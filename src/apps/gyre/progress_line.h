#pragma once

// How far a long command is, on one line of standard error that is written again and again; only on a terminal.

#include <chrono>
#include <string>

#include "backup/contents.h"

namespace gyre::apps {

class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine();  // wipes the line
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    backup::Watch watch();  // of this object, which outlives it

private:
    void show(const backup::Progress& progress);

    bool shown_ = false;
    bool terminal_ = false;
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace gyre::apps

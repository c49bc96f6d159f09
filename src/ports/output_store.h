#pragma once

// The raw output bytes of steps, addressed by offset. append() is durable when it returns and is accepted exactly when
// `offset` equals the stored length; the answer is the length stored then, so that a sender can rewind or skip.
// read() may be called while the step still writes. Thread-safe.
//
// Errors: invalid (the name breaks is_output_name; a negative offset), unavailable (disk full: the message names the
// path, and nothing of the bytes is kept).

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/result.h"
#include "model/event.h"

namespace gyre {

struct OutputName {
    AttemptRef attempt;
    int step = 0;
};

// Whether an adapter may make a path of it: letters, digits and dashes, and bounded.
constexpr bool is_output_name(std::string_view job, int task, int attempt, int step) {
    if (job.empty() || job.size() > 100) return false;
    for (const char c : job) {
        if (!is_letter_or_digit(c) && c != '-') return false;
    }
    return task >= 0 && attempt >= 1 && step >= 0;
}
inline bool is_output_name(const OutputName& name) {
    return is_output_name(name.attempt.job.text, name.attempt.task, name.attempt.attempt, name.step);
}

struct Appended {
    bool accepted = false;
    std::int64_t length = 0;  // bytes stored now
};

// A place in an output, and how many lines end before it.
struct LineMark {
    std::int64_t offset = 0;
    std::int64_t ends = 0;
};

class OutputStore {
public:
    virtual ~OutputStore() = default;
    virtual Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) = 0;
    virtual Result<std::int64_t> length(const OutputName& name) = 0;  // 0 when there is none
    // Fewer bytes than asked for do not mean that there are no more; none do, for now.
    virtual Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) = 0;
    // Some place before which at most `ends` lines end, for whoever looks for a line: the later, the quicker it is
    // found.
    virtual Result<LineMark> mark(const OutputName& /*name*/, std::int64_t /*ends*/) { return LineMark{}; }
};

}  // namespace gyre

#pragma once

// The raw output bytes of steps, addressed by offset. append() is durable when it returns and is accepted exactly when
// `offset` equals the stored length; the answer is the length stored then, so that a sender can rewind or skip.
// read() may be called while the step still writes. Thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"

namespace gyre {

struct OutputName {
    AttemptRef attempt;
    int step = 0;
};

struct Appended {
    bool accepted = false;
    std::int64_t length = 0;  // bytes stored now
};

class OutputStore {
public:
    virtual ~OutputStore() = default;
    virtual Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) = 0;
    virtual Result<std::int64_t> length(const OutputName& name) = 0;  // 0 when there is none
    virtual Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) = 0;
};

}  // namespace gyre

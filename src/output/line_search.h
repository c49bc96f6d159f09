#pragma once

// Where a line of an output begins. Lines end with '\n', the last one perhaps without; however long they are. An output
// may be large, so a search goes a few megabytes a step; whoever has others to serve lets them in between.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "ports/output_store.h"

namespace gyre::output {

class LineSearch {
public:
    // `line`: 1 is the first.
    static LineSearch line(OutputStore& outputs, OutputName name, std::int64_t line);
    // The last lines as the output is when the search begins, at least one of them; of fewer lines, all.
    static LineSearch tail(OutputStore& outputs, OutputName name, std::int64_t lines);

    // The line's first byte; nothing: not found yet. not_found: there is no such line.
    Result<std::optional<std::int64_t>> step();

private:
    LineSearch(OutputStore& outputs, OutputName name, std::int64_t wanted, bool from_end)
        : outputs_(outputs), name_(std::move(name)), wanted_(wanted), from_end_(from_end) {}
    Result<void> begin();
    Result<std::optional<std::int64_t>> look_on();
    Result<std::optional<std::int64_t>> look_back();
    Result<std::string> window(std::int64_t from, std::int64_t to);
    Result<std::int64_t> check_there(std::int64_t offset);

    OutputStore& outputs_;
    OutputName name_;
    std::int64_t wanted_;  // so many lines end before the place; or so many lines from it on are there
    bool from_end_;
    bool begun_ = false;
    std::int64_t at_ = 0;    // where the search has come to
    std::int64_t ends_ = 0;  // of lines seen, or known to be there
    char last_ = '\n';       // byte before `at_`
};

}  // namespace gyre::output

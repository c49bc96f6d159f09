#pragma once

// Which of a list of tests are this task's: the options of `tests split` and `tests run`, and what they ask for.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "injob/arguments.h"
#include "injob/messages.h"
#include "injob/timings.h"

namespace gyre::injob {

enum class SplitBy { name, filesize, timings };

struct ShareWanted {
    SplitBy by = SplitBy::name;
    std::size_t index = 0;
    std::size_t total = 1;
    std::optional<TimingsType> type;  // none: the one that matches best
    std::int64_t time_default = 0;    // microseconds; 0: dealt out evenly beside the others
    std::string timings_file;         // empty: there is none
    bool counts = false;              // are said
    bool verbose = false;
};

// From options, and CIRCLE_NODE_INDEX, CIRCLE_NODE_TOTAL and CIRCLE_INTERNAL_TASK_DATA. `invalid` says what there is.
Result<ShareWanted> share_wanted(const Arguments& arguments);

// Names that the file or, without one, standard input lists. too_large beyond 64 MB.
Result<Words> names_from(const Arguments& arguments);

// This task's share. The shares of all tasks together are the list; says on standard error how it was split where
// there is something to say.
Words share_of(Words names, const ShareWanted& wanted);

// A file of the directory that CIRCLE_INTERNAL_TASK_DATA names; empty: it is not set.
std::string task_data_file(const char* name);

}  // namespace gyre::injob

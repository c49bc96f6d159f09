#pragma once

// What a job that is required must have ended as, in the words of `requires` (config-language.md section 7).

#include <string>
#include <string_view>
#include <vector>

#include "model/status.h"

namespace gyre::config {

// "success", "failed", "canceled", "unauthorized", "not_run", "terminal": the statuses that the word stands for; none
// for other words.
std::vector<JobStatus> statuses_of(std::string_view word);
const std::vector<std::string>& status_words();
// Words that stand for these statuses, in the same order.
std::vector<std::string> words_of(const std::vector<JobStatus>& statuses);

}  // namespace gyre::config

#include "config/status_words.h"

#include <algorithm>
#include <array>
#include <optional>

namespace gyre::config {
namespace {

struct StatusWord {
    std::string_view word;
    std::array<std::optional<JobStatus>, 3> statuses;
};

constexpr std::array<StatusWord, 5> words{{
    {"success", {JobStatus::success}},
    {"failed", {JobStatus::failed, JobStatus::timedout, JobStatus::infrastructure_fail}},
    {"canceled", {JobStatus::canceled}},
    {"unauthorized", {JobStatus::unauthorized}},
    {"not_run", {JobStatus::not_run}},
}};

}  // namespace

std::vector<JobStatus> statuses_of(std::string_view word) {
    std::vector<JobStatus> statuses;
    for (const StatusWord& one : words) {
        if (one.word != word && word != "terminal") continue;
        for (const auto& status : one.statuses) {
            if (status) statuses.push_back(*status);
        }
    }
    return statuses;
}

const std::vector<std::string>& status_words() {
    static const std::vector<std::string> all{"success", "failed", "canceled", "unauthorized", "not_run", "terminal"};
    return all;
}

std::vector<std::string> words_of(const std::vector<JobStatus>& statuses) {
    std::vector<std::string> found;
    for (const JobStatus status : statuses) {
        for (const StatusWord& one : words) {
            if (one.statuses.front() == status) found.emplace_back(one.word);
        }
    }
    return found;
}

}  // namespace gyre::config

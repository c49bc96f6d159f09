#pragma once

// `jobs`: what each job is, whether a workflow uses it or not.

#include <map>
#include <string>
#include <vector>

#include "config/context.h"
#include "model/plan.h"

namespace gyre::config {

struct ReadJob {
    Value key;  // its name, where it is defined
    JobSpec spec;
    JobType type = JobType::build;
    bool takes_parameters = false;  // 2.1; reported as not available yet
    Value branches;                 // the deprecated filter; means something without workflows only
    bool used = false;              // by any workflow of the config
    int planned = -1;               // index into Plan::jobs once it is there
};

class Jobs {
public:
    ReadJob* find(std::string_view name);
    std::vector<std::string> names() const;
    std::vector<ReadJob>& all() { return jobs_; }
    // Reports a second job of the same name in another case.
    void add(Context& context, ReadJob job);

private:
    std::vector<ReadJob> jobs_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::map<std::string, std::size_t> by_folded_name_;
};

// `value` may be null: no jobs.
Jobs read_jobs(Context& context, Value value);

}  // namespace gyre::config

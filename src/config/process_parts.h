#pragma once

// The parts of a processed config as YAML (config/process.h).

#include "config/workflow.h"
#include "config/yaml_writer.h"

namespace gyre::config {

Yaml yaml_of(const MadeJob& job);
Yaml yaml_of(const Step& step);
Yaml yaml_of(const Environment& environment);
// Jobs have their final names (config/job_names.h).
Yaml yaml_of(const WorkflowDraft& workflow, Jobs& jobs);
// Adds the job groups that the workflow uses, as far as they are not there.
void add_groups(Yaml& section, const WorkflowDraft& workflow, Jobs& jobs);

}  // namespace gyre::config

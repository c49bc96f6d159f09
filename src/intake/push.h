#pragma once

// From news about a ref of a project to triggers. A push is named by project, ref, old and new revision, so that the
// hook's word and what polling sees of the same push make one pipeline.
//
// Thread-safe. Errors: not_found (project, branch or tag), invalid, unavailable (remote).

#include <map>
#include <string>

#include "base/clock.h"
#include "model/project.h"
#include "ports/front_door.h"
#include "ports/git_remote.h"
#include "ports/project_store.h"

namespace gyre::intake {

struct PushPorts {
    ProjectStore& projects;
    FrontDoor& front_door;
    GitRemote& git;
    const Clock& clock;
};

// A ref that has moved: "refs/heads/main" or "refs/tags/v1" from `before` (empty or zeros: new) to `after`. A deleted
// ref (zeros) makes nothing. Answers the pipeline, or an empty id when there is nothing to do.
struct Push {
    std::string ref;
    std::string before;
    std::string after;
    std::string actor;
};
Result<PipelineId> receive_push(const PushPorts& ports, const Project& project, const Push& push);

// A person's or program's request: the newest commit of a branch (empty: the default branch) or a tag.
struct Ask {
    std::string branch;
    std::string tag;
    std::string actor;
    TriggerKind kind = TriggerKind::api;
};
Result<PipelineId> receive_request(const PushPorts& ports, const Project& project, const Ask& ask);

// Stores a new project after a first look at its remote: which branch is its default, and where its refs stand now, so
// that every push from here on makes a pipeline and the history does not. invalid: the remote cannot be read; conflict:
// the slug is taken.
Result<Project> add_project(const PushPorts& ports, Project project);

// Remembers where the refs stand without making pipelines.
Result<void> remember_refs(const PushPorts& ports, const Project& project,
                           const std::map<std::string, std::string>& refs);

// Whether remember_refs was done for the project.
Result<bool> knows_refs(const PushPorts& ports, const Project& project);

}  // namespace gyre::intake

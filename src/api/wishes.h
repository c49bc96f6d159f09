#pragma once

// What people ask of intake through the API. Filled by the composition in apps, so that api need not know intake.
// Errors: not_found (branch, tag), invalid, unavailable (the remote did not answer).

#include <functional>
#include <map>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "model/project.h"
#include "model/trigger.h"

namespace gyre::api {

struct WantedPipeline {
    std::string branch;  // neither: the default branch
    std::string tag;
    std::string actor;
    PipelineParameters parameters = {};
    std::map<std::string, std::string> parameter_texts = {};  // each takes the type that the config declares
};

struct SeenPush {
    std::string ref;  // "refs/heads/main"
    std::string before;
    std::string after;
    std::string actor;
    std::string delivery;  // an id of this announcement, where the hook gives one: the same again is the same push
};

struct NewProject {
    Project project;
    bool read = false;
    std::string refusal;  // of its remote
};

struct CheckedOrb {
    bool valid = false;
    std::string report;       // for people: every diagnostic with its place
    json::value diagnostics;  // an array, for programs
};

struct Wishes {
    std::function<Result<PipelineId>(const Project&, const WantedPipeline&)> pipeline;
    // An empty id: there was nothing to do (a deleted branch, a ref that makes no pipelines).
    std::function<Result<PipelineId>(const Project&, const SeenPush&)> push;
    // Stores a new project, once its remote was read: default branch, and what its refs are (they make no pipelines).
    // One over ssh that refuses, or that shall not be asked yet, is stored unread.
    std::function<Result<NewProject>(Project, bool look)> add_project;
    // Asks the remote now; pushes that nobody told of make their pipelines.
    std::function<Result<void>(const Project&)> look;
    // Whether the text is an orb; `reference` names it (acme/tools@1.2.3).
    std::function<CheckedOrb(const std::string& reference, const std::string& text)> check_orb;
};

}  // namespace gyre::api

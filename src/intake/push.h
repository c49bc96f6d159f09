#pragma once

// From news about a ref of a project to triggers. News is stored as a push first (ports/push_store.h), then triggered
// by the push's number: whatever dies in between, each push makes its pipeline once. What trail.h says decides which
// news is a push of its own.
//
// Thread-safe. Errors: not_found (project, branch or tag), invalid, unavailable (remote, store).

#include <map>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "model/project.h"
#include "ports/front_door.h"
#include "ports/git_remote.h"
#include "ports/project_store.h"
#include "ports/push_store.h"
#include "ports/schedule_store.h"

namespace gyre::intake {

// The pushes whose pipelines are being made just now: a look leaves them alone.
using PushesAtWork = Guarded<std::set<std::string>>;

struct PushPorts {
    ProjectStore& projects;
    PushStore& pushes;
    FrontDoor& front_door;
    GitRemote& git;
    const Clock& clock;
    PushesAtWork& at_work;
    ScheduleStore& schedules;  // a branch that is deleted loses its own
};

// A ref that has moved: "refs/heads/main" or "refs/tags/v1" from `before` to `after` (empty or zeros: none). A name
// that is not UTF-8 comes escaped (base/utf8.h); its pipeline says why it cannot be built.
struct Push {
    std::string ref;
    std::string before;
    std::string after;
    std::string actor;
    std::string delivery = {};  // an id of this announcement: the same one again makes nothing
};
struct Received {
    PipelineId pipeline;       // empty: there was nothing to do (a deleted ref, a ref that makes no pipelines)
    bool out_of_turn = false;  // other news is missing: look at the remote
};
// An error other than `invalid` means: stored, and made by the next look if not by the same call again.
Result<Received> receive_push(const PushPorts& ports, const Project& project, const Push& push);

// Compares the remote's refs with what was seen: what moved unannounced is a push, except at the first look, whose
// history makes no pipelines. Makes the pipelines that are still to be made. A push whose pipeline cannot be made and
// whose ref is gone from the remote is closed with that note.
Result<void> look_at(const PushPorts& ports, const Project& project);

// A person's or program's request: the newest commit of a branch (empty: the default branch) or a tag.
struct Ask {
    std::string branch;
    std::string tag;
    std::string actor;
    TriggerKind kind = TriggerKind::api;
    PipelineParameters parameters = {};
    std::map<std::string, std::string> parameter_texts = {};
};
Result<PipelineId> receive_request(const PushPorts& ports, const Project& project, const Ask& ask);

// Stores a new project after a first look at its remote: which branch is its default, and where its refs stand now, so
// that every push from here on makes a pipeline and the history does not. A remote over ssh that lets nobody in is no
// reason to store none: it needs a key first, and is looked at later. invalid: the remote cannot be read; conflict: the
// slug is taken.
enum class FirstLook { now, later };
struct AddedProject {
    Project project;
    bool read = false;
    std::string refusal;  // what the remote said, if it was asked
};
Result<AddedProject> add_project(const PushPorts& ports, Project project, FirstLook look = FirstLook::now);

}  // namespace gyre::intake

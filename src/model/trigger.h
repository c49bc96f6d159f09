#pragma once

// What makes a pipeline: a push seen by a hook or by polling, or a person's or program's request.

#include <boost/describe.hpp>

#include <map>
#include <string>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/json.h"
#include "model/ids.h"

namespace gyre {

enum class TriggerKind { webhook, api, schedule, local };
constexpr EnumNames<TriggerKind, 4> enum_names(TriggerKind) {
    return {{{TriggerKind::webhook, "webhook"},
             {TriggerKind::api, "api"},
             {TriggerKind::schedule, "schedule"},
             {TriggerKind::local, "local"}}};
}

struct CommitInfo {
    std::string subject;
    std::string body;
    std::string author_name;
    std::string author_email;
    std::string author_date;  // ISO 8601 with the committer's offset, as git prints it
    std::string committer_name;
    std::string committer_email;
    std::string committer_date;
    bool operator==(const CommitInfo&) const = default;
};
BOOST_DESCRIBE_STRUCT(CommitInfo, (),
                      (subject, body, author_name, author_email, author_date, committer_name, committer_email,
                       committer_date))

// Values for the parameters that a config declares, by name; each is a string, an integer, true or false.
using PipelineParameters = std::map<std::string, json::value>;

struct Trigger {
    EventId id;  // the delivery's own id where it has one: a second delivery of it makes nothing
    ProjectId project;
    TriggerKind kind = TriggerKind::api;
    std::string actor;   // login of who asked or pushed
    std::string branch;  // exactly one of branch and tag is set
    std::string tag;
    std::string revision;  // 40 hexadecimal digits
    CommitInfo commit;
    Timestamp received_at{};
    std::string only_workflow;  // non-empty: of the config's workflows, this one only
    std::string only_job;       // non-empty: this job alone, without what it requires (`gyre run --job`)
    std::string base_revision;  // where the ref stood before, as far as known
    PipelineParameters parameters;
    std::map<std::string, std::string> parameter_texts;  // as written on a command line: each takes the declared type
    std::string schedule_id;                             // of a schedule's trigger: which one it was
    std::string schedule_name;
    // Whose commits these are, when the project does not trust them: the slug of a fork that asks for a pull.
    std::string fork;
};
BOOST_DESCRIBE_STRUCT(Trigger, (),
                      (id, project, kind, actor, branch, tag, revision, commit, received_at, only_workflow, only_job,
                       base_revision, parameters, parameter_texts, schedule_id, schedule_name, fork))

}  // namespace gyre

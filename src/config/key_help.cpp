#include "config/key_help.h"

#include <algorithm>
#include <array>

namespace gyre::config {
namespace {

constexpr std::array helps{
    KeyHelp{"the config", "version", "The version of the language: 2.1, or 2 for old configs"},
    KeyHelp{"the config", "jobs", "The jobs, by name"},
    KeyHelp{"the config", "workflows", "Which jobs run, in which order and on which branches and tags"},
    KeyHelp{"the config", "setup", "true: this config finds out what the real config is, and continues with it"},
    KeyHelp{"the config", "orbs", "Orbs to import, by the name they have here"},
    KeyHelp{"the config", "commands", "Lists of steps that jobs can call by name"},
    KeyHelp{"the config", "executors", "Places to run that jobs can use by name"},
    KeyHelp{"the config", "parameters", "Parameters of the whole pipeline: << pipeline.parameters.name >>"},
    KeyHelp{"the config", "job-groups", "Groups of jobs that workflows can use as one"},

    KeyHelp{"a job", "type", "What kind of job this is; a build unless said otherwise"},
    KeyHelp{"a job", "executor", "The name of an executor, or a mapping with `name` and its arguments"},
    KeyHelp{"a job", "parallelism", "How many copies run at once, each with its own CIRCLE_NODE_INDEX"},
    KeyHelp{"a job", "branches", "Branches to run on (version 1 and 2 without workflows)"},
    KeyHelp{"a job", "circleci_ip_ranges", "Does nothing here"},
    KeyHelp{"a job", "retention", "Does nothing here"},
    KeyHelp{"", "docker", "The containers: steps run in the first, the others are services on localhost"},
    KeyHelp{"", "machine", "A whole machine: true, or a mapping with its image"},
    KeyHelp{"", "macos", "A machine with macOS and this version of Xcode"},
    KeyHelp{"", "steps", "What to do, one after the other"},
    KeyHelp{"", "shell", "The shell for `run` steps, such as /bin/bash -eo pipefail"},
    KeyHelp{"", "working_directory", "Where steps run; ~/project unless said otherwise"},
    KeyHelp{"", "environment", "Environment variables: a mapping of names to values"},
    KeyHelp{"", "resource_class", "How much CPU and memory, such as small, medium or large"},
    KeyHelp{"", "description", "What this is for, for people"},
    KeyHelp{"", "parameters", "What callers can choose, by name: << parameters.name >>"},

    KeyHelp{"a docker entry", "image", "The image, such as cimg/base:stable"},
    KeyHelp{"a docker entry", "name", "A host name under which the other containers reach this one"},
    KeyHelp{"a docker entry", "entrypoint", "Replaces the image's ENTRYPOINT"},
    KeyHelp{"a docker entry", "command", "Replaces the image's CMD"},
    KeyHelp{"a docker entry", "user", "The user that commands run as"},
    KeyHelp{"a docker entry", "auth", "User name and password for the registry; $NAME takes a variable"},
    KeyHelp{"a docker entry", "aws_auth", "Access to images in Amazon ECR"},
    KeyHelp{"a docker entry", "gcp_auth", "Access to images in Google's registry"},
    KeyHelp{"'auth'", "username", "The user's name at the registry"},
    KeyHelp{"'auth'", "password", "The password or token, as $NAME of a variable and not as itself"},

    KeyHelp{"'machine'", "image", "The machine's image"},
    KeyHelp{"'machine'", "docker_layer_caching", "Keep the layers of images between jobs"},
    KeyHelp{"'machine'", "enabled", "A leftover; true and false mean what `machine: true` and `false` do"},

    KeyHelp{"'macos'", "xcode", "The version of Xcode, such as 15.3.0"},

    KeyHelp{"a workflow", "jobs", "The jobs of the workflow, each by its name or as `name: options`"},
    KeyHelp{"a workflow", "triggers", "Schedules; a workflow with schedules does not run on pushes"},
    KeyHelp{"a workflow", "when", "Run only when this is true: an expression or a logic statement"},
    KeyHelp{"a workflow", "unless", "Run only when this is false: an expression or a logic statement"},
    KeyHelp{"a workflow", "max_auto_reruns", "How often to rerun from what failed, 1 to 5 times"},

    KeyHelp{"a workflow's job", "requires", "The jobs that have to end first, by their names in this workflow"},
    KeyHelp{"a workflow's job", "name", "The job's name in this workflow"},
    KeyHelp{"a workflow's job", "context", "The contexts whose secrets and variables the job gets"},
    KeyHelp{"a workflow's job", "type", "approval: wait for somebody to approve", "approval"},
    KeyHelp{"a workflow's job", "filters", "The branches and tags to run on, or an expression"},
    KeyHelp{"a workflow's job", "matrix", "Run the job once for each combination of values"},
    KeyHelp{"a workflow's job", "pre-steps", "Steps before those of the job"},
    KeyHelp{"a workflow's job", "post-steps", "Steps after those of the job"},
    KeyHelp{"a workflow's job", "serial-group", "Jobs of one group, in any pipeline, run one at a time"},
    KeyHelp{"a workflow's job", "override-with", "A job of an orb that takes this one's place where it exists"},

    KeyHelp{"a job group", "jobs", "Its jobs, as in a workflow; `requires` means others of the group"},
    KeyHelp{"the entry of a job group", "requires", "What has to end first; the group's first jobs wait for it"},
    KeyHelp{"the entry of a job group", "name", "The group's name in this workflow"},
    KeyHelp{"the entry of a job group", "filters", "The branches and tags to run on, beside those of its jobs"},
    KeyHelp{"the entry of a job group", "serial-group", "The whole group, in any pipeline, runs one at a time"},

    KeyHelp{"'matrix'", "parameters", "A list of values for each parameter"},
    KeyHelp{"'matrix'", "exclude", "Combinations to leave out, each with a value for every parameter"},
    KeyHelp{"'matrix'", "alias", "A name for all jobs of the matrix, for `requires`"},
    KeyHelp{"a parameter", "type", "What values it takes", "string boolean integer enum executor steps env_var_name"},
    KeyHelp{"a parameter", "default", "The value when none is given; without it the parameter must be given"},
    KeyHelp{"a parameter", "enum", "The possible values of a parameter of type enum"},
    KeyHelp{"an orb", "version", "The version of the language, 2.1"},
    KeyHelp{"an orb", "display", "Links that are shown with the orb"},
    KeyHelp{"an orb", "orbs", "Orbs that this one imports"},
    KeyHelp{"an orb", "commands", "Lists of steps: alias/name as a step"},
    KeyHelp{"an orb", "executors", "Places to run: `executor: alias/name`"},
    KeyHelp{"an orb", "jobs", "Jobs: alias/name in a workflow"},
    KeyHelp{"an orb", "examples", "Examples of how to use the orb"},
    KeyHelp{"'matches'", "pattern", "A regular expression that must match the whole value"},
    KeyHelp{"'matches'", "value", "The text to match"},

    KeyHelp{"'filters'", "branches", "The branches to run on; all unless said otherwise"},
    KeyHelp{"'filters'", "tags", "The tags to run on; none unless said otherwise"},
    KeyHelp{"a filter", "only", "Names, or /regular expressions/ that match the whole name"},
    KeyHelp{"a filter", "ignore", "Names, or /regular expressions/, to leave out; `only` goes first"},
    KeyHelp{"a trigger", "schedule", "A schedule"},
    KeyHelp{"'schedule'", "cron", "Minute, hour, day of the month, month, day of the week, in UTC: \"0 3 * * 1\""},
    KeyHelp{"'schedule'", "filters", "The branches to run on"},
    KeyHelp{"a schedule's filters", "branches", "The branches to run on"},

    KeyHelp{"", "name", "How the step is called in the output"},
    KeyHelp{"", "when", "Run it after a failure too, or only then", "on_success always on_fail"},
    KeyHelp{"run", "command", "The script"},
    KeyHelp{"", "command", "The script"},
    KeyHelp{"", "background", "true: go on with the next step at once; it is ended with the job"},
    KeyHelp{"", "no_output_timeout", "End the step when it has printed nothing for so long: 90s, 20m, 1.25h"},
    KeyHelp{"", "max_auto_reruns", "How often to try again when it fails, 1 to 5 times"},
    KeyHelp{"", "auto_rerun_delay", "How long to wait before that, up to 10m"},
    KeyHelp{"checkout", "path", "Where to put the working copy"},
    KeyHelp{"checkout", "method", "How much of the history to fetch", "full blobless shallow"},
    KeyHelp{"checkout", "depth", "How many commits a shallow checkout has"},
    KeyHelp{"save_cache", "key", "The cache's name; {{ checksum \"file\" }} makes it follow a file"},
    KeyHelp{"save_cache", "paths", "Files and directories to keep"},
    KeyHelp{"restore_cache", "key", "The start of a cache's name; the newest that fits is taken"},
    KeyHelp{"restore_cache", "keys", "Several of them; the first that fits any is taken"},
    KeyHelp{"restore_cache", "paths", "Does nothing here"},
    KeyHelp{"persist_to_workspace", "root", "The directory that `paths` start from"},
    KeyHelp{"persist_to_workspace", "paths", "Files, directories and patterns below `root`"},
    KeyHelp{"attach_workspace", "at", "Where to put what earlier jobs persisted"},
    KeyHelp{"store_artifacts", "path", "A file or directory"},
    KeyHelp{"store_artifacts", "destination", "What its name starts with among the artifacts"},
    KeyHelp{"store_test_results", "path", "A directory with JUnit files, or one of them"},
    KeyHelp{"store_test_results", "destination", "Does nothing here"},
    KeyHelp{"add_ssh_keys", "fingerprints", "Which of the project's keys; all unless said otherwise"},
    KeyHelp{"setup_remote_docker", "docker_layer_caching", "Keep the layers of images between jobs"},
    KeyHelp{"setup_remote_docker", "version", "The version of Docker"},
    KeyHelp{"setup_remote_docker", "prefer_same_region", "Does nothing here"},
    KeyHelp{"setup_remote_docker", "reusable", "Does nothing here"},
    KeyHelp{"when", "condition", "A logic statement or a value"},
    KeyHelp{"when", "steps", "Steps that are there only when it is true"},
    KeyHelp{"unless", "condition", "A logic statement or a value"},
    KeyHelp{"unless", "steps", "Steps that are there only when it is false"},
};

}  // namespace

const KeyHelp* help_of(std::string_view mapping, std::string_view key) {
    const auto find = [&](std::string_view in) {
        return std::find_if(helps.begin(), helps.end(),
                            [&](const KeyHelp& one) { return one.key == key && one.mapping == in; });
    };
    auto found = find(mapping);
    if (found == helps.end()) found = find("");
    return found == helps.end() ? nullptr : &*found;
}

}  // namespace gyre::config

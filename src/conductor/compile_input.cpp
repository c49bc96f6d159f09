#include "conductor/compile_input.h"

namespace gyre::conductor {
namespace {

using Values = std::map<std::string, config::Scalar, std::less<>>;

config::Scalar scalar_of(const json::value& value) {
    if (const auto* flag = value.if_bool()) return *flag;
    if (const auto* number = value.if_int64()) return *number;
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string_view source_of(TriggerKind kind) {
    return kind == TriggerKind::schedule ? "scheduled_pipeline" : name_of(kind);
}

std::string_view type_of(std::string_view slug) {
    if (slug.starts_with("gh/")) return "github";
    return slug.starts_with("bb/") ? "bitbucket" : "git";
}

void put(Values& values, std::string name, const std::string& text) {
    if (!text.empty()) values[std::move(name)] = text;
}

// "https://forge/org/repo", for remotes that are a forge's pages, too; empty for others.
std::string page_of(const Project& project) {
    std::string url = public_remote(project.remote);
    if (project.slug.starts_with("git/") || !url.starts_with("http")) return {};
    if (url.ends_with(".git")) url.resize(url.size() - 4);
    return url;
}

void put_project(Values& values, const Project& project) {
    put(values, "project.git_url", public_remote(project.remote));
    put(values, "project.slug", project.slug);
    values["project.type"] = std::string(type_of(project.slug));
    const auto name = project.slug.rfind('/');
    if (name == std::string::npos) return;
    const auto owner = project.slug.find('/');
    put(values, "git.repo_name", project.slug.substr(name + 1));
    if (owner < name) put(values, "git.repo_owner", project.slug.substr(owner + 1, name - owner - 1));
    put(values, "git.repo_url", page_of(project));
}

void put_trigger(Values& values, const Trigger& trigger, const Project& project) {
    put(values, "git.revision", trigger.revision);
    put(values, "git.base_revision", trigger.base_revision);
    values["git.branch.is_default"] = !trigger.branch.empty() && trigger.branch == project.default_branch;
    put(values, "git.commit.subject", trigger.commit.subject);
    put(values, "git.commit.body", trigger.commit.body);
    const auto page = page_of(project);
    if (!page.empty()) values["git.commit.url"] = page + "/commit/" + trigger.revision;
    values["trigger_source"] = std::string(source_of(trigger.kind));
    values["trigger.received_at"] = to_iso(trigger.received_at);
    put(values, "schedule.id", trigger.schedule_id);
    put(values, "schedule.name", trigger.schedule_name);
}

}  // namespace

config::CompileInput compile_input(const Pipeline& pipeline, const Project& project) {
    config::CompileInput input;
    input.file = ".circleci/config.yml";
    input.branch = pipeline.trigger.branch;
    input.tag = pipeline.trigger.tag;
    for (const auto& [name, value] : pipeline.trigger.parameters) input.parameters[name] = scalar_of(value);
    input.parameter_texts.insert(pipeline.trigger.parameter_texts.begin(), pipeline.trigger.parameter_texts.end());
    input.values["id"] = pipeline.id.text;
    input.values["number"] = pipeline.number;
    input.workflow = pipeline.trigger.only_workflow;
    put_project(input.values, project);
    put_trigger(input.values, pipeline.trigger, project);
    if (!pipeline.continuation) return input;
    input.is_continuation = true;
    input.file = "continued config.yml";  // not the file of the repository
    for (const auto& [name, value] : pipeline.continuation->parameters) input.parameters[name] = scalar_of(value);
    return input;
}

}  // namespace gyre::conductor

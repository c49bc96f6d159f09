#include "api/places.h"

#include <charconv>

namespace gyre::api {

const JobSpec* JobScene::spec() const {
    const int at = job().spec;
    if (at < 0 || static_cast<std::size_t>(at) >= pipeline.plan.jobs.size()) return nullptr;
    return &pipeline.plan.jobs[static_cast<std::size_t>(at)];
}

Result<JobScene> scene_of(Desk& desk, const JobPlace& place) {
    JobScene scene;
    GYRE_TRY_ASSIGN(scene.workflow, desk.ports.workflows.load(place.workflow));
    GYRE_TRY_ASSIGN(scene.pipeline, desk.ports.workflows.load_pipeline(scene.workflow.pipeline));
    GYRE_TRY_ASSIGN(scene.project, desk.ports.projects.by_id(scene.workflow.project));
    scene.position = place.position;
    if (scene.position >= scene.workflow.jobs.size()) return corrupt("the workflow has fewer jobs than its index says");
    return scene;
}

Result<JobScene> scene_of_request(Desk& desk, const Request& request) {
    GYRE_TRY_ASSIGN(const auto project, desk.project_of(request));
    GYRE_TRY_ASSIGN(const auto number, path_number(request, "n", "Job not found."));
    const auto place = desk.ports.reads.job_by_number(project.id, number);
    if (!place && place.error().fault == Fault::not_found) return not_found("Job not found.");
    if (!place) return place.error();
    return scene_of(desk, *place);
}

Result<std::int64_t> path_number(const Request& request, std::string_view name, const std::string& message) {
    const auto& text = request.param(name);
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < 1) return not_found(message);
    return number;
}

Result<Project> Slugs::of(const ProjectId& id) {
    if (const auto found = known_.find(id); found != known_.end()) return found->second;
    GYRE_TRY_ASSIGN(auto project, projects_.by_id(id));
    return known_.emplace(id, std::move(project)).first->second;
}

}  // namespace gyre::api

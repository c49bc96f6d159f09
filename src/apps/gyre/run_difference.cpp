#include "apps/gyre/run_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "apps/gyre/terminal.h"
#include "base/json.h"

namespace gyre::apps {
namespace {

constexpr const char* absent = "-";
constexpr std::size_t shown = 200;  // characters of a value

// Names of the run itself.
constexpr std::array<std::string_view, 8> of_the_run{"CIRCLE_BUILD_NUM",
                                                     "CIRCLE_PREVIOUS_BUILD_NUM",
                                                     "CIRCLE_BUILD_URL",
                                                     "CIRCLE_PIPELINE_ID",
                                                     "CIRCLE_WORKFLOW_ID",
                                                     "CIRCLE_WORKFLOW_JOB_ID",
                                                     "CIRCLE_WORKFLOW_WORKSPACE_ID",
                                                     "CIRCLE_SHA1"};

using Texts = std::map<std::string, std::string>;

class Comparison {
public:
    void compare(const std::string& what, const std::string& before, const std::string& after) {
        if (before != after) found_.push_back({what, shortened(before), shortened(after)});
    }
    // By name; what only one of them has is compared with nothing.
    void compare(const std::string& what, const Texts& before, const Texts& after) {
        Texts names = before;
        names.insert(after.begin(), after.end());
        for (const auto& [name, ignored] : names) compare(what + name, text_in(before, name), text_in(after, name));
    }
    std::vector<Difference> take() { return std::move(found_); }

private:
    static std::string text_in(const Texts& texts, const std::string& name) {
        const auto found = texts.find(name);
        return found == texts.end() ? absent : found->second;
    }
    static std::string shortened(const std::string& text) {
        return text.size() <= shown ? text : text.substr(0, shown) + "...";
    }

    std::vector<Difference> found_;
};

std::string image_text(const UsedImage& image) {
    return image.reference + " " + (image.digest.empty() ? image.id : image.digest);
}

Texts images_of(const JobManifest& manifest) {
    Texts images;
    for (std::size_t i = 0; i < manifest.images.size(); ++i) images[std::to_string(i)] = image_text(manifest.images[i]);
    return images;
}

// What a step sees, whichever level it comes from.
Texts variables_of(const JobManifest& manifest) {
    Texts variables;
    for (const auto& name : manifest.secrets) variables[name] = "(secret)";
    for (const auto* some : {&manifest.built_in, &manifest.job.environment}) {
        for (const auto& [name, value] : *some) variables[name] = value;
    }
    for (const auto name : of_the_run) variables.erase(std::string(name));
    return variables;
}

Texts caches_of(const JobManifest& manifest) {
    Texts caches;
    for (const auto& cache : manifest.caches) {
        std::string text = "none";
        if (cache.found) text = cache.found->key + " " + cache.found->blob + (cache.restored ? "" : " (not restored)");
        caches[std::to_string(cache.step)] = std::move(text);
    }
    return caches;
}

// By the job and task that made them: ids of jobs differ from run to run.
Texts layers_of(const JobManifest& manifest) {
    Texts layers;
    for (const auto& workspace : manifest.workspaces) {
        for (const auto& layer : workspace.layers)
            layers[layer.job_name + "[" + std::to_string(layer.task) + "]." + std::to_string(layer.sequence)] =
                layer.blob;
    }
    return layers;
}

Texts steps_of(const JobManifest& manifest) {
    Texts steps;
    for (std::size_t i = 0; i < manifest.job.steps.size(); ++i)
        steps[std::to_string(first_step + static_cast<int>(i))] =
            name_of(manifest.job.steps[i]) + ": " + to_json_text(manifest.job.steps[i]);
    return steps;
}

Texts ends_of(const JobRun& run) {
    Texts ends;
    for (const auto& step : run.steps) {
        if (step.type == "infrastructure" && step.index != 0) continue;  // SSH: who came in was no part of the run
        std::string text(name_of(step.status));
        if (step.exit_code) text += ", exit code " + std::to_string(*step.exit_code);
        ends[std::to_string(step.index) + " (" + step.name + ")"] = std::move(text);
    }
    return ends;
}

std::string limits_of(const JobManifest& manifest) {
    return std::to_string(manifest.resources.millicpus) + " millicpus, " +
           std::to_string(manifest.resources.memory_mb) + " MB, " + human_duration(manifest.job_ms);
}

std::string gpus_of(const JobManifest& manifest) { return fmt::format("{}", fmt::join(manifest.gpus, ", ")); }

}  // namespace

std::vector<Difference> differences(const JobRun& before, const JobRun& after) {
    const auto& a = before.manifest;
    const auto& b = after.manifest;
    Comparison comparison;
    comparison.compare("status", before.status, after.status);
    comparison.compare("project", a.project_slug, b.project_slug);
    comparison.compare("job", a.job_name, b.job_name);
    comparison.compare("task", std::to_string(a.attempt.task) + " of " + std::to_string(a.task_total),
                       std::to_string(b.attempt.task) + " of " + std::to_string(b.task_total));
    comparison.compare("commit", a.revision, b.revision);
    comparison.compare("branch", a.branch, b.branch);
    comparison.compare("tag", a.tag, b.tag);
    comparison.compare("executor", a.executor, b.executor);
    comparison.compare("image ", images_of(a), images_of(b));
    comparison.compare("containers", to_json_text(a.job.executor), to_json_text(b.job.executor));
    comparison.compare("limits", limits_of(a), limits_of(b));
    comparison.compare("GPUs", gpus_of(a), gpus_of(b));
    comparison.compare("shell", a.job.shell, b.job.shell);
    comparison.compare("working directory", a.job.working_directory, b.job.working_directory);
    comparison.compare("variable ", variables_of(a), variables_of(b));
    comparison.compare("cache of step ", caches_of(a), caches_of(b));
    comparison.compare("workspace layer ", layers_of(a), layers_of(b));
    comparison.compare("step ", steps_of(a), steps_of(b));
    comparison.compare("end of step ", ends_of(before), ends_of(after));
    comparison.compare("agent", a.agent, b.agent);
    comparison.compare("system", a.system, b.system);
    return comparison.take();
}

std::vector<Difference> durations(const JobRun& before, const JobRun& after) {
    std::vector<Difference> found;
    for (const auto& step : before.steps) {
        const auto same = std::find_if(after.steps.begin(), after.steps.end(), [&](const StepRecord& other) {
            return other.index == step.index && other.name == step.name;
        });
        if (same == after.steps.end() || step.status == StepStatus::skipped) continue;
        found.push_back({"step " + std::to_string(step.index) + " (" + step.name + ")",
                         human_duration(step.run_time_ms), human_duration(same->run_time_ms)});
    }
    return found;
}

}  // namespace gyre::apps

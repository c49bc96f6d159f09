#include "simulation/workload.h"

#include <fmt/format.h>

#include <algorithm>

namespace gyre::simulation {

void Workload::make_projects(int count) {
    auto state = disk_.state.lock();
    for (int i = 1; i <= count; ++i) {
        const Project project{.id = {stage_.dice.uuid()},
                              .slug = fmt::format("gh/acme/p{}", i),
                              .remote = fmt::format("/srv/p{}.git", i),
                              .default_branch = "main"};
        state->projects.push_back(project);
        state->looked_at.insert(project.id);
        projects_.push_back(project);
    }
}

void Workload::until_answered(Duration delay, Ask ask) {
    stage_.time.after(delay, [this, ask = std::move(ask)]() mutable {
        if (ask()) {
            --open_;
            return;
        }
        until_answered(stage_.dice.span(Duration{100}, Duration{3'000}), std::move(ask));
    });
}

void Workload::begin(int triggers, int wishes, Duration within) {
    for (int i = 1; i <= triggers; ++i) {
        const bool hook = stage_.dice.percent(70);
        stage_.time.after(stage_.dice.span(Duration{0}, within),
                          [this, i, hook] { hook ? push(i) : ask_for_pipeline(i); });
    }
    for (int i = 0; i < wishes; ++i) stage_.time.after(stage_.dice.span(Duration{0}, within), [this] { wish(); });
    approve_now_and_then();
}

// A ref moves; what its hook says of it may come once, again, later than the next one's, or never.
void Workload::push(int number) {
    const Project project = stage_.dice.one_of(projects_);
    const std::string ref = stage_.dice.percent(60) ? "refs/heads/main" : "refs/heads/topic";
    const auto revision = fmt::format("{:040x}", number);
    remote_.configs[revision] = random_config(stage_.dice);
    auto& head = remote_.refs[project.remote][ref];
    const intake::Push push{
        .ref = ref, .before = head, .after = revision, .actor = "ann", .delivery = fmt::format("delivery-{}", number)};
    head = revision;
    stage_.trace.say("{} of {} moves to {}", ref, project.slug, number);
    const int luck = stage_.dice.between(1, 100);
    const int deliveries = luck <= 10 ? 0 : luck <= 35 ? 2 : 1;
    for (int i = 0; i < deliveries; ++i) {
        ++open_;
        const bool late = i > 0 || stage_.dice.percent(20);
        until_answered(late ? stage_.dice.span(Duration{0}, Duration{10'000}) : Duration{0},
                       [this, project, push] { return announce(project, push); });
    }
}

bool Workload::announce(const Project& project, const intake::Push& push) {
    const auto received = some_server().announce(project, push);
    stage_.trace.say("{} of {}: {}", push.delivery, project.slug,
                     received ? "pipeline " + received->pipeline.text : received.error().message);
    if (received) watcher_.accepted({project.id.text + " " + push.after}, received->pipeline);
    if (!received && received.error().fault != Fault::unavailable)
        watcher_.found("trigger-taken", push.delivery + ": " + received.error().message);
    if (received && received->out_of_turn) look_soon(project, stage_.dice.span(Duration{0}, Duration{3'000}));
    return received.ok();
}

void Workload::look_soon(const Project& project, Duration delay) {
    ++open_;
    until_answered(delay, [this, project] { return some_server().look_at_remote(project).ok(); });
}

void Workload::calm_down() {
    for (const auto& project : projects_) {
        watcher_.heads(project.id, remote_.refs[project.remote]);
        look_soon(project, Duration{0});
    }
}

// By the API.
void Workload::ask_for_pipeline(int number) {
    const auto revision = fmt::format("{:040x}", number);
    remote_.configs[revision] = random_config(stage_.dice);
    const Trigger trigger{.id = {fmt::format("request-{}", number)},
                          .project = stage_.dice.one_of(projects_).id,
                          .kind = TriggerKind::api,
                          .actor = "ann",
                          .branch = stage_.dice.percent(60) ? "main" : "topic",
                          .revision = revision,
                          .received_at = stage_.time.now()};
    const int deliveries = stage_.dice.percent(25) ? 2 : 1;
    for (int i = 0; i < deliveries; ++i) {
        ++open_;
        until_answered(i == 0 ? Duration{0} : stage_.dice.span(Duration{0}, Duration{10'000}),
                       [this, trigger] { return deliver(trigger); });
    }
}

bool Workload::deliver(const Trigger& trigger) {
    const auto made = some_server().ask<PipelineId>([&](FrontDoor& door) { return door.trigger(trigger); });
    stage_.trace.say("trigger {}: {}", trigger.id.text, made ? "pipeline " + made->text : made.error().message);
    if (made) watcher_.accepted(trigger.id, *made);
    if (!made && made.error().fault != Fault::unavailable)
        watcher_.found("trigger-taken", "trigger " + trigger.id.text + ": " + made.error().message);
    return made.ok();
}

void Workload::wish() {
    std::vector<Workflow> going;
    std::vector<Workflow> ended;
    {
        const auto state = disk_.state.lock();
        for (const auto& workflow : state->workflows)
            (is_terminal(workflow.status) ? ended : going).push_back(workflow);
    }
    if (!going.empty() && stage_.dice.percent(60)) return cancel(stage_.dice.one_of(going));
    if (!ended.empty()) rerun(stage_.dice.one_of(ended));
}

void Workload::cancel(const Workflow& workflow) {
    const bool one = stage_.dice.percent(50);
    const auto job = one ? std::optional(stage_.dice.one_of(workflow.jobs).id) : std::nullopt;
    ++open_;
    until_answered(Duration{0}, [this, id = workflow.id, job] {
        const auto done = some_server().ask<void>([&](FrontDoor& door) {
            return job ? door.handle(CancelAsked{*job, "bob"}) : door.cancel_workflow(id, "bob");
        });
        stage_.trace.say("cancel of {} {}: {}", job ? "job" : "workflow", job ? job->text : id.text,
                         done ? "done" : done.error().message);
        if (done) watcher_.canceled(id, job);
        return done.ok() || done.error().fault != Fault::unavailable;
    });
}

void Workload::rerun(const Workflow& workflow) {
    const auto kind = stage_.dice.percent(50) ? RerunKind::from_start : RerunKind::from_failed;
    ++open_;
    until_answered(Duration{0}, [this, id = workflow.id, kind] {
        const auto made = some_server().ask<WorkflowId>([&](FrontDoor& door) { return door.rerun(id, kind, "bob"); });
        stage_.trace.say("rerun of workflow {}: {}", id.text, made ? made->text : made.error().message);
        if (made) watcher_.rerun(*made);
        return made.ok() || made.error().fault != Fault::unavailable;
    });
}

void Workload::approve_now_and_then() {
    stage_.time.after(stage_.dice.span(Duration{200}, Duration{5'000}), [this] {
        std::vector<JobId> waiting;
        {
            const auto state = disk_.state.lock();
            for (const auto& workflow : state->workflows) {
                for (const auto& job : workflow.jobs) {
                    if (job.status == JobStatus::on_hold) waiting.push_back(job.id);
                }
            }
        }
        for (const auto& job : waiting) {
            if (stage_.dice.percent(40)) continue;
            const auto done = some_server().ask<void>([&](FrontDoor& door) {
                return door.handle(ApproveAsked{job, "eve"});
            });
            stage_.trace.say("approval of job {}: {}", job.text, done ? "done" : done.error().message);
            if (done) watcher_.approved(job);
        }
        approve_now_and_then();
    });
}

}  // namespace gyre::simulation

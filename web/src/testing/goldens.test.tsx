// The server's own answers, as its tests hold them, shown by the pages: API and UI cannot drift apart unseen.
import { screen } from "@testing-library/react";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { Artifact, Job, JobTasks, Page, Pipeline, PipelineConfig, Project, TestCase } from "../api/types";
import type { Workflow, WorkflowJob } from "../api/types";
import {
  jobLooks,
  outcomeLooks,
  pipelineLooks,
  stepLooks,
  taskLooks,
  testLooks,
  workflowLooks,
} from "../shared/status";
import { open } from "./render";
import { attempt, job, pipeline, project, step, task, workflow, workflowJob } from "./samples";
import { World } from "./world";

const folder = "../tests/golden/api";
const golden = <T,>(name: string): T => JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")) as T;

function goldenWorld(): World {
  const world = new World();
  world.projects = golden<Page<Project>>("v2_projects").items;
  world.pipelines = [golden<Pipeline>("v2_pipeline"), golden<Pipeline>("v2_pipeline_errored")];
  world.workflows = golden<Page<Workflow>>("v2_pipeline_workflows").items;
  const shown = golden<Workflow>("v2_workflow");
  world.jobsOf.set(shown.id, golden<Page<WorkflowJob>>("v2_workflow_jobs").items);
  world.configs.set(world.pipelines[0]?.id ?? "", golden<PipelineConfig>("v2_pipeline_config"));
  const done = golden<Job>("v2_job");
  world.jobs = [done, golden<Job>("v2_job_queued")];
  world.tasks.set(done.number, golden<JobTasks>("gyre_tasks"));
  world.artifacts.set(done.number, golden<Page<Artifact>>("v2_artifacts").items);
  world.tests.set(done.number, golden<Page<TestCase>>("v2_tests").items);
  return world;
}

// Every member that the samples have, and so the pages may read, is in the server's answer.
function expectMembers(answer: object, sample: object): void {
  const optional = ["messages", "vcs", "approved_by", "canceled_by", "commit", "tag"];
  const wanted = Object.keys(sample).filter((name) => !optional.includes(name));
  expect(Object.keys(answer)).toEqual(expect.arrayContaining(wanted));
}

describe.skipIf(!existsSync(folder))("the server's answers", () => {
  it("have all members that the pages read", () => {
    expectMembers(golden("v2_pipeline"), pipeline(1));
    expectMembers(golden("v2_workflow"), workflow("w"));
    expectMembers(golden("v2_job"), job(1));
    expectMembers(golden<Page<Project>>("v2_projects").items[0] ?? {}, project("git/x"));
    const jobs = golden<Page<WorkflowJob>>("v2_workflow_jobs").items;
    for (const each of jobs) expectMembers(each, workflowJob("j", each.job_number));
    for (const each of golden<JobTasks>("gyre_tasks").tasks) {
      expectMembers(each, task(0, []));
      for (const tried of each.attempts) {
        expectMembers(tried, attempt("a", 1, []));
        for (const ran of tried.steps) expectMembers(ran, step(0, "s"));
      }
    }
  });

  it("have only statuses that have a look", () => {
    expect(workflowLooks).toHaveProperty(golden<Workflow>("v2_workflow").status);
    expect(pipelineLooks).toHaveProperty(golden<Pipeline>("v2_pipeline_errored").state);
    for (const { status } of golden<Page<WorkflowJob>>("v2_workflow_jobs").items)
      expect(jobLooks).toHaveProperty(status);
    for (const { result } of golden<Page<TestCase>>("v2_tests").items) expect(testLooks).toHaveProperty(result);
    for (const { status, attempts } of golden<JobTasks>("gyre_tasks").tasks) {
      expect(taskLooks).toHaveProperty(status);
      for (const { outcome, steps } of attempts) {
        if (outcome) expect(outcomeLooks).toHaveProperty(outcome.kind);
        for (const ran of steps) expect(stepLooks).toHaveProperty(ran.status);
      }
    }
  });

  it("are shown: a job with its attempts", async () => {
    const world = goldenWorld();
    const { name, number, project: of } = golden<Job>("v2_job");
    open(`/jobs/${of.slug}/${number}?task=1&attempt=1`, world);
    await screen.findByRole("heading", { name: `${name} #${number}` });
    await screen.findByRole("button", { name: /Attempt 2/ });
    screen.getByText(/not your job’s: the agent process ended/);
  });

  it("are shown: a job that waits", async () => {
    const queued = golden<Job>("v2_job_queued");
    open(`/jobs/${queued.project.slug}/${queued.number}`, goldenWorld());
    await screen.findByText("it waits for 4 CPUs");
  });

  it("are shown: a workflow, and a pipeline whose config has errors", async () => {
    const world = goldenWorld();
    world.workflows.push(golden<Workflow>("v2_workflow"));
    open(`/workflows/${golden<Workflow>("v2_workflow").id}`, world).unmount();
    open(`/pipelines/${golden<Pipeline>("v2_pipeline_errored").id}`, world);
    await screen.findByRole("region", { name: "Config errors" });
  });
});

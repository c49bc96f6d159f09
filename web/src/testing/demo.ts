// A lively world for `npm run mock`: every status somewhere, a job that writes, a config that does not compile.
import type { JobStatus, WorkflowStatus } from "../api/types";
import { at, attempt, job, pipeline, project, step, task, usage, workflow, workflowJob } from "./samples";
import { World } from "./world";

const diagnostic = `.circleci/config.yml:14:7: error: unknown key 'comand' in step 'run'
   |
14 |       comand: make test
   |       ^~~~~~ did you mean 'command'?
   |
   = expected one of: name, command, shell, environment, background, working_directory, no_output_timeout, when
   = in job 'test' (.circleci/config.yml:9:3)`;

const started = Date.now() - 95_000;
const ago = (seconds: number) => at(-seconds, Date.now());

function graph(world: World, id: string, statuses: Record<string, JobStatus>) {
  const shape: Record<string, string[]> = {
    setup: [],
    lint: ["setup"],
    test: ["setup"],
    "integration-test": ["setup"],
    build: ["setup"],
    approve: ["lint", "test", "integration-test", "build"],
    deploy: ["approve"],
  };
  const jobs = Object.entries(shape).map(([name, needs], index) => {
    const status = statuses[name] ?? "success";
    const begun = !["blocked", "queued", "on_hold", "not_run"].includes(status);
    const number = name === "approve" ? undefined : 101 + index;
    return workflowJob(name, number, {
      id: `${id}-${name}`,
      approval_request_id: name === "approve" ? `${id}-approve` : undefined,
      status,
      dependencies: needs.map((each) => `${id}-${each}`),
      started_at: begun ? at(2 + index, started) : undefined,
      stopped_at: begun && status !== "running" ? at(30 + index * 9, started) : undefined,
    });
  });
  world.jobsOf.set(id, jobs);
}

function addPipelines(world: World) {
  const subjects = [
    "Round prices half to even",
    "Read the exchange rates once an hour and keep the last good ones when the bank does not answer in time",
    "Name the shop’s warehouses",
    "Let orders be split",
    "Use the new spelling of the run step",
    "Retry the mail once",
  ];
  const branches = ["main", "main", "feature/warehouses", "main", "config", "main"];
  const statuses: WorkflowStatus[] = ["running", "failed", "on_hold", "success", "error", "canceled"];
  subjects.forEach((subject, index) => {
    const number = 48 - index;
    const id = `pipeline-${number}`;
    const errored = index === 4;
    world.pipelines.push(
      pipeline(number, {
        id,
        project_slug: index === 3 ? "git/warehouse" : "git/shop",
        state: errored ? "errored" : "created",
        errors: errored ? [{ type: "config", message: diagnostic }] : [],
        created_at: ago(97 + index * 2400),
        trigger: {
          type: index === 2 ? "api" : "webhook",
          received_at: ago(99),
          actor: { login: index % 2 ? "grace" : "ada" },
        },
        vcs: {
          revision: `${index}f3a9c2e71`.repeat(4),
          branch: branches[index],
          commit: { subject },
        },
      }),
    );
    if (errored) return;
    const status = statuses[index] ?? "success";
    world.workflows.push(
      workflow(`w${number}`, {
        pipeline_id: id,
        pipeline_number: number,
        status,
        created_at: ago(95 + index * 2400),
        stopped_at: ["running", "on_hold"].includes(status) ? null : ago(40 + index * 2310),
      }),
    );
    world.configs.set(id, {
      source:
        "version: 2.1\njobs:\n  test:\n    docker:\n      - image: node:18\n    steps:\n      - checkout\n      - run: npm test\n",
      compiled: "version: 2\n",
    });
  });
}

const passing = [
  step(0, "Spin up environment", { output_bytes: 812, run_time_ms: 2310 }),
  step(101, "Checkout code", { type: "checkout", run_time_ms: 640 }),
  step(102, "Restoring Cache", { type: "restore_cache", run_time_ms: 1480 }),
];

function addRunningJob(world: World) {
  const id = "test-0-a2";
  world.jobs.push(
    job(103, {
      status: "running",
      parallelism: 2,
      latest_workflow: { id: "w48", name: "build-and-test" },
      pipeline: { id: "pipeline-48" },
      created_at: at(0, started),
      queued_at: at(0, started),
      started_at: at(4, started),
      stopped_at: null,
      duration: null,
    }),
  );
  const running = step(104, "npm test", {
    command: "npm test -- --reporter=spec\n",
    status: "running",
    exit_code: null,
    started_at: at(20, started),
    stopped_at: null,
    output_bytes: 4200,
  });
  const database = step(103, "Start the database", {
    command: "postgres -D /tmp/data",
    status: "running",
    background: true,
    started_at: at(9, started),
  });
  const lost = attempt("test-0-a1", 1, passing.slice(0, 2), {
    outcome: {
      kind: "infrastructure_failed",
      reason: "the agent on client-3 stopped answering",
    },
  });
  const live = attempt(id, 2, [...passing, database, running], {
    state: "running",
    stopped_at: null,
    outcome: null,
  });
  const other = attempt("test-1-a1", 1, passing);
  world.tasks.set(103, {
    waiting_for: "",
    tasks: [task(0, [lost, live], { status: "running" }), task(1, [other])],
  });
  let looks = 47;
  const told = (number: number) => [
    usage(4, { attempt: 1 }),
    usage(number, { attempt: 2, complete: false }),
    usage(30, { task: 1 }),
  ];
  world.usages.set(103, told(looks));
  setInterval(() => world.usages.set(103, told((looks += 1))), 2000);
  world.write(id, 0, "Image node:18 is here.\nContainer started.\n");
  world.write("test-0-a1", 0, "Image node:18 is here.\n");
  let line = 0;
  const speak = () => {
    line += 1;
    const name = `orders/${["split", "merge", "price"][line % 3]}.test.ts`;
    const mark = line % 9 === 0 ? "\x1b[1;30;43m SLOW \x1b[0m" : "\x1b[1;30;42m PASS \x1b[0m";
    world.write(
      id,
      104,
      `${mark} \x1b[2m${name}\x1b[0m › case ${line} (\x1b[33m${(line * 37) % 90} ms\x1b[0m)\n`,
      false,
    );
  };
  for (let i = 0; i < 40; i += 1) speak();
  setInterval(speak, 700);
}

function addFailedJob(world: World) {
  const failing = step(104, "npm test", {
    command: "npm test -- --reporter=spec\n",
    status: "failed",
    exit_code: 1,
    run_time_ms: 61_400,
    output_bytes: 61_200,
  });
  const last = step(105, "Uploading Test Results", {
    type: "store_test_results",
    run_time_ms: 210,
  });
  world.jobs.push(
    job(102, {
      name: "integration-test",
      status: "failed",
      latest_workflow: { id: "w47", name: "build-and-test" },
      pipeline: { id: "pipeline-47" },
    }),
  );
  const id = "integration-0-a1";
  world.tasks.set(102, {
    waiting_for: "",
    tasks: [
      task(0, [
        attempt(id, 1, [...passing, failing, last], {
          outcome: { kind: "failed", reason: "exit code 1" },
        }),
      ]),
    ],
  });
  for (let i = 1; i <= 900; i += 1) world.write(id, 104, `\x1b[32m✓\x1b[0m order ${i} is priced\n`, false);
  world.write(
    id,
    104,
    "\x1b[31m✗ order 901 is priced\x1b[0m\n  expected \x1b[32m10.50\x1b[0m, got \x1b[31m10.49\x1b[0m\n    at price (src/price.ts:41:9)\n\x1b[7m 1 failed, 900 passed \x1b[0m\n",
  );
  const without = usage(31);
  if (without.usage) {
    Object.assign(without.usage.totals, { received_bytes: null, sent_bytes: null });
    Object.assign(without.usage.samples, { received_bytes: [], sent_bytes: [] });
  }
  world.usages.set(102, [without]);
  world.tests.set(102, [
    ...[1, 2, 3].map((each) => ({
      name: `order ${each} is priced`,
      classname: "orders.price",
      source: "junit.xml",
      result: "success" as const,
      run_time: 0.021 * each,
      message: "",
    })),
    {
      name: "order 901 is priced",
      classname: "orders.price",
      file: "src/price.test.ts",
      source: "junit.xml",
      result: "failure",
      run_time: 0.4,
      message:
        "AssertionError: expected 10.50, got 10.49\n    at price (src/price.ts:41:9)\n    at run (src/price.test.ts:12:3)",
    },
  ]);
  world.artifacts.set(102, [
    {
      path: "coverage/index.html",
      node_index: 0,
      url: "/favicon.svg",
      size: 48_120,
    },
    { path: "logs/server.log", node_index: 0, url: "/favicon.svg", size: 912 },
  ]);
}

function addQueuedJob(world: World) {
  world.jobs.push(
    job(105, {
      name: "build",
      status: "queued",
      executor: { type: "docker", resource_class: "xlarge" },
      latest_workflow: { id: "w48", name: "build-and-test" },
      created_at: at(3, started),
      queued_at: at(3, started),
      started_at: undefined,
      stopped_at: undefined,
    }),
  );
  world.tasks.set(105, {
    waiting_for:
      "needs 8 CPUs and 16 GB; machine 'build-1' has 3 CPUs and 19 GB free beside 4 running tasks; it starts when enough of them end",
    tasks: [task(0, [], { status: "queued" })],
  });
}

export function demoWorld(): World {
  const world = new World();
  world.projects = [project("git/shop"), project("git/warehouse")];
  addPipelines(world);
  graph(world, "w48", {
    test: "running",
    "integration-test": "running",
    build: "queued",
    approve: "blocked",
    deploy: "blocked",
  });
  graph(world, "w47", {
    "integration-test": "failed",
    build: "infrastructure_fail",
    approve: "not_run",
    deploy: "not_run",
  });
  graph(world, "w46", { approve: "on_hold", deploy: "blocked" });
  graph(world, "w45", {});
  graph(world, "w43", { test: "canceled", approve: "not_run" });
  addRunningJob(world);
  addFailedJob(world);
  addQueuedJob(world);
  return world;
}

import type {
  Artifact,
  AttemptUsage,
  Job,
  JobTasks,
  News,
  Pipeline,
  PipelineConfig,
  Project,
  TestCase,
  Workflow,
  WorkflowJob,
} from "../api/types";

// A server's state in memory. Tests and the mock server fill it, change it and tell the news.
export class World {
  token = "secret";
  signedIn = true;
  projects: Project[] = [];
  pipelines: Pipeline[] = []; // newest first
  workflows: Workflow[] = []; // oldest first
  jobsOf = new Map<string, WorkflowJob[]>(); // by workflow
  jobs: Job[] = [];
  tasks = new Map<number, JobTasks>(); // by job number
  artifacts = new Map<number, Artifact[]>();
  tests = new Map<number, TestCase[]>();
  usages = new Map<number, AttemptUsage[]>();
  configs = new Map<string, PipelineConfig>(); // by pipeline
  pageSize = 20;
  asked: string[] = []; // "POST /api/v2/workflow/w/cancel {...}"

  private outputs = new Map<string, { text: string; ended: boolean }>();
  private listeners = new Set<(news: News | undefined) => void>();
  private outputListeners = new Set<() => void>();

  // Appends to a step's output; `ended` closes it.
  write(attempt: string, step: number, text: string, ended = true): void {
    const key = `${attempt}/${step}`;
    const before = this.outputs.get(key)?.text ?? "";
    this.outputs.set(key, { text: before + text, ended });
    for (const listener of this.outputListeners) listener();
  }

  tell(news: Partial<News>): void {
    const whole: News = {
      kind: "workflow",
      project: "",
      pipeline: "",
      workflow: "",
      job: "",
      attempt: "",
      step: 0,
      length: 0,
      ...news,
    };
    for (const listener of this.listeners) listener(whole);
  }

  // Ends all event streams, as a restart of the server does.
  disconnect(): void {
    for (const listener of this.listeners) listener(undefined);
  }

  events(signal: AbortSignal): Response {
    return stream(signal, (send, close) => {
      const listener = (news: News | undefined) => (news ? send(`${JSON.stringify(news)}\n`) : close());
      send("\n");
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    });
  }

  output(key: string, offset: number, follow: boolean, signal: AbortSignal): Response {
    let sent = offset;
    return stream(signal, (send, close) => {
      const more = () => {
        const { text, ended } = this.outputs.get(key) ?? {
          text: "",
          ended: true,
        };
        const bytes = new TextEncoder().encode(text);
        if (bytes.length > sent) send(bytes.slice(sent));
        sent = Math.max(sent, bytes.length);
        if (ended || !follow) close();
      };
      this.outputListeners.add(more);
      more();
      return () => this.outputListeners.delete(more);
    });
  }
}

type Start = (send: (data: string | Uint8Array) => void, close: () => void) => () => void;

function stream(signal: AbortSignal, start: Start): Response {
  const encoder = new TextEncoder();
  let stop: () => void = () => undefined;
  let open = true;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const close = () => {
        if (!open) return;
        open = false;
        controller.close();
        stop();
      };
      const send = (data: string | Uint8Array) =>
        open && controller.enqueue(typeof data === "string" ? encoder.encode(data) : data);
      stop = start(send, close);
      if (!open) stop();
      signal.addEventListener("abort", () => {
        if (open) controller.error(signal.reason);
        open = false;
        stop();
      });
    },
    cancel() {
      open = false;
      stop();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/plain" } });
}

// One fetch for all calls. Errors carry the server's own sentence, which tells the reader what to do.

export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function sentenceOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as { message?: unknown };
    if (typeof body.message === "string") return body.message;
  } catch {
    // not JSON: a proxy in between, perhaps
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "The server cannot be reached. Is it running?");
  }
  if (!response.ok) throw new ApiError(response.status, await sentenceOf(response));
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    signal,
    headers: { Accept: "application/json" },
  });
  return (await response.json()) as T;
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const response = await send(path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await send(path, { method: "DELETE" });
}

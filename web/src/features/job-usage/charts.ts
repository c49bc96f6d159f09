import type { Usage } from "../../api/types";
import { formatBytes, formatDuration, formatMemory } from "../../shared/time";

// What is drawn of a usage: pure, from counts to rates, and from quantities to charts.

export interface Line {
  name: string;
  values: number[]; // one a time: how it was from the time before until then
}

export interface Chart {
  title: string;
  lines: Line[]; // none: it was not counted
  limit?: number; // of the resource class
  total: string; // of the whole attempt; empty: not counted
  format: (value: number) => string;
  uncounted: string; // why there may be nothing
}

export interface Peak {
  line: string;
  value: number;
  index: number;
}

// How fast counts from the beginning rose, a second.
export function rates(counts: readonly number[], times: readonly number[]): number[] {
  return counts.map((count, index) => {
    const passed = Math.max(1, (times[index] ?? 0) - (times[index - 1] ?? 0));
    return ((count - (counts[index - 1] ?? 0)) * 1000) / passed;
  });
}

export function formatCpus(cpus: number): string {
  const digits = cpus >= 10 || Number.isInteger(cpus) ? 0 : cpus >= 0.1 ? 1 : 2;
  return `${cpus.toFixed(digits)} ${cpus === 1 ? "CPU" : "CPUs"}`;
}

const formatRate = (bytes: number) => `${formatBytes(bytes)}/s`;

function both(first: number | null, firstName: string, second: number | null, secondName: string): string {
  const parts = [
    first === null ? "" : `${formatBytes(first)} ${firstName}`,
    second === null ? "" : `${formatBytes(second)} ${secondName}`,
  ];
  return parts.filter(Boolean).join(", ");
}

export function chartsOf({ limits, totals, samples }: Usage): Chart[] {
  const times = samples.at_ms;
  const line = (name: string, values: number[]): Line[] => (values.length > 0 ? [{ name, values }] : []);
  const groups = "this machine gives its agent no control groups that count it";
  return [
    {
      title: "CPU",
      lines: line(
        "in use",
        rates(samples.cpu_ms, times).map((ms) => ms / 1000),
      ),
      limit: limits.millicpus > 0 ? limits.millicpus / 1000 : undefined,
      total: totals.cpu_ms === null ? "" : `${formatDuration(totals.cpu_ms)} of CPU time`,
      format: formatCpus,
      uncounted: groups,
    },
    {
      title: "Memory",
      lines: line("held", samples.memory_bytes),
      limit: limits.memory_mb > 0 ? limits.memory_mb * 2 ** 20 : undefined,
      total:
        totals.memory_peak_bytes === null
          ? ""
          : `${formatMemory(totals.memory_peak_bytes)} at most, cached files included`,
      format: formatMemory,
      uncounted: groups,
    },
    {
      title: "Disk",
      lines: [
        ...line("read", rates(samples.read_bytes, times)),
        ...line("written", rates(samples.written_bytes, times)),
      ],
      total: both(totals.read_bytes, "read", totals.written_bytes, "written"),
      format: formatRate,
      uncounted: "the kernel of this machine does not tell what a job reads and writes",
    },
    {
      title: "Network",
      lines: [
        ...line("received", rates(samples.received_bytes, times)),
        ...line("sent", rates(samples.sent_bytes, times)),
      ],
      total: both(totals.received_bytes, "received", totals.sent_bytes, "sent"),
      format: formatRate,
      uncounted: "a job in the sandbox shares its machine's network",
    },
  ];
}

export function peakOf(lines: readonly Line[]): Peak | undefined {
  let peak: Peak | undefined;
  for (const { name, values } of lines)
    values.forEach((value, index) => {
      if (!peak || value > peak.value) peak = { line: name, value, index };
    });
  return peak;
}

// The value at the upper edge: all of the limit and all of the peak are seen.
export function topOf(peak: number, limit: number | undefined): number {
  return Math.max(peak, limit ?? 0) * 1.18 || 1;
}

export const WIDTH = 1000;
export const HEIGHT = 100;

// What times are parts of; never 0: all samples may have come at the very beginning.
export function endOf(times: readonly number[]): number {
  return Math.max(1, times[times.length - 1] ?? 1);
}

// Steps: each value holds from the time before until its own.
export function pathOf(values: readonly number[], times: readonly number[], top: number): string {
  const end = endOf(times);
  const x = (time: number) => ((time / end) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - (Math.max(0, value) / top) * HEIGHT).toFixed(1);
  return values
    .map((value, index) => `${index === 0 ? "M0" : `L${x(times[index - 1] ?? 0)}`} ${y(value)}H${x(times[index] ?? 0)}`)
    .join("");
}

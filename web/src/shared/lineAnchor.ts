// "#101:42": a line of a step's output, in the address of a job's page.
export interface LineAnchor {
  step: number;
  line?: number;
}

export function parseAnchor(hash: string): LineAnchor | undefined {
  const match = /^#(\d{1,6})(?::([1-9]\d{0,9}))?$/.exec(hash);
  if (!match) return undefined;
  return {
    step: Number(match[1]),
    line: match[2] ? Number(match[2]) : undefined,
  };
}

export function formatAnchor({ step, line }: LineAnchor): string {
  return line === undefined ? `#${step}` : `#${step}:${line}`;
}

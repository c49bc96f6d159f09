import { formatAge, formatDuration, formatTicking, milliseconds } from "../time";
import { useNow } from "../useNow";

interface Span {
  from: string | null | undefined;
  to: string | null | undefined;
}

// How long something took, or takes until now; nothing when it has not begun.
export function Duration({ from, to }: Span) {
  const running = !!from && !to;
  const now = useNow(running);
  const ms = milliseconds(from, to, now);
  if (ms === undefined) return null;
  return (
    <time dateTime={`PT${(Math.max(0, ms) / 1000).toFixed(3)}S`}>
      {running ? formatTicking(ms) : formatDuration(ms)}
    </time>
  );
}

export function Age({ of }: { of: string }) {
  const now = useNow();
  return (
    <time dateTime={of} title={new Date(of).toLocaleString()}>
      {formatAge(now - Date.parse(of))}
    </time>
  );
}

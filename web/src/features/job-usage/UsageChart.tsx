import { useId } from "react";

import { formatDuration } from "../../shared/time";
import { endOf, HEIGHT, pathOf, peakOf, topOf, WIDTH, type Chart, type Peak } from "./charts";
import styles from "./UsageChart.module.css";

interface Props {
  chart: Chart;
  times: readonly number[]; // milliseconds since the beginning
}

// One quantity over time. The drawing stretches with the page, so all texts are beside it; the numbers are in a table.
export function UsageChart({ chart, times }: Props) {
  const { title, total, lines, uncounted } = chart;
  const peak = peakOf(lines);
  return (
    <figure className={styles.chart} aria-label={title}>
      <figcaption className={styles.head}>
        <strong>{title}</strong>
        {total && <span>{total}</span>}
      </figcaption>
      {peak ? (
        <>
          <Drawing chart={chart} times={times} peak={peak} />
          <Numbers chart={chart} times={times} />
        </>
      ) : (
        <p className={styles.none}>{total ? "It ended before the first sample." : `Not counted: ${uncounted}.`}</p>
      )}
    </figure>
  );
}

function describe({ title, limit, format }: Chart, times: readonly number[], peak: Peak): string {
  const end = times[times.length - 1] ?? 0;
  const offered = limit === undefined ? "" : ` The resource class offers ${format(limit)}.`;
  const when = formatDuration(times[peak.index] ?? 0);
  return `${title} over ${formatDuration(end)}: at most ${format(peak.value)} ${peak.line}, at ${when}.${offered}`;
}

function Drawing({ chart, times, peak }: Props & { peak: Peak }) {
  const id = useId();
  const { title, lines, limit, format } = chart;
  const top = topOf(peak.value, limit);
  const end = endOf(times);
  const above = (value: number) => `${(value / top) * 100}%`;
  return (
    <>
      <div className={styles.plot}>
        <svg
          role="img"
          aria-labelledby={`${id}-title ${id}-text`}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          <title id={`${id}-title`}>{title}</title>
          <desc id={`${id}-text`}>{describe(chart, times, peak)}</desc>
          {lines.map(({ name, values }, index) => (
            <path key={name} className={index === 0 ? styles.first : styles.second} d={pathOf(values, times, top)} />
          ))}
          {limit !== undefined && (
            <line
              className={styles.limit}
              x1="0"
              x2={WIDTH}
              y1={HEIGHT - (limit / top) * HEIGHT}
              y2={HEIGHT - (limit / top) * HEIGHT}
            />
          )}
        </svg>
        <span
          className={styles.peak}
          style={{ left: `${((times[peak.index] ?? 0) / end) * 100}%`, bottom: above(peak.value) }}
        />
        {limit !== undefined && (
          <span className={styles.limitName} style={{ bottom: above(limit) }}>
            limit {format(limit)}
          </span>
        )}
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>0 s</span>
        <span>{formatDuration(end)}</span>
      </div>
      <p className={styles.legend}>
        {lines.map(({ name }, index) => (
          <span key={name} className={index === 0 ? styles.firstName : styles.secondName}>
            {name}
          </span>
        ))}
        <span>
          peak {format(peak.value)} {lines.length > 1 && `${peak.line} `}at {formatDuration(times[peak.index] ?? 0)}
        </span>
      </p>
    </>
  );
}

function Numbers({ chart: { title, lines, format }, times }: Props) {
  return (
    <details className={styles.numbers}>
      <summary>{title} as a table</summary>
      <div className={styles.scroll}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {lines.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((time, index) => (
              <tr key={index}>
                <th scope="row">{formatDuration(time)}</th>
                {lines.map(({ name, values }) => (
                  <td key={name}>{format(values[index] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

import { useState } from "react";

import { usePipelineConfig } from "../../api/queries/pipelines";
import { Loading, Problem } from "../../shared/ui/Notice";
import { Tabs } from "../../shared/ui/Tabs";
import styles from "./ConfigSource.module.css";

type Part = "source" | "compiled";

const tabs = [
  { key: "source", label: "As written" },
  { key: "compiled", label: "Compiled" },
] as const;

// The compiled config comes as JSON without any space.
function indented(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// The config that the pipeline was made of, read when it is opened.
export function ConfigSource({ pipeline }: { pipeline: string }) {
  const [open, setOpen] = useState(false);
  const [part, setPart] = useState<Part>("source");
  const config = usePipelineConfig(pipeline, open);
  return (
    <details className={styles.config} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Config</summary>
      {config.isLoading && <Loading what="the config" />}
      {config.error && <Problem error={config.error} />}
      {config.data && (
        <Tabs<Part>
          label="Config"
          tabs={tabs.filter(({ key }) => config.data[key] !== "")}
          selected={part}
          onSelect={setPart}
        >
          <Numbered text={indented(config.data[part])} />
        </Tabs>
      )}
    </details>
  );
}

function Numbered({ text }: { text: string }) {
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <pre className={styles.source}>
      {lines.map((line, index) => (
        <span key={index} className={styles.line} data-line={index + 1}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

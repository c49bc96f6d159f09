import type { PipelineError } from "../../api/types";
import { plural } from "../../shared/time";
import styles from "./ConfigErrors.module.css";

// Diagnostics as the compiler prints them: the caret stands under its column, so lines are not wrapped.
export function ConfigErrors({ errors }: { errors: readonly PipelineError[] }) {
  if (errors.length === 0) return null;
  return (
    <section aria-label="Config errors" className={styles.errors}>
      <h2>{plural(errors.length, "error")} in the config</h2>
      {errors.map((error, index) => (
        <div key={index} className={styles.error}>
          {error.type !== "config" && <p>{error.type}</p>}
          {/* scrolled by keyboard, hence the tab stop */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre tabIndex={0}>{error.message}</pre>
        </div>
      ))}
    </section>
  );
}

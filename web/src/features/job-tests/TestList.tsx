import { useState } from "react";

import { useTests, type JobName } from "../../api/queries/jobs";
import type { TestCase } from "../../api/types";
import { lookOf, testLooks } from "../../shared/status";
import { formatDuration } from "../../shared/time";
import { Button } from "../../shared/ui/Button";
import { Filter } from "../../shared/ui/Filter";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import { StatusDot } from "../../shared/ui/StatusBadge";
import { countResults, failuresFirst } from "./order";
import styles from "./TestList.module.css";

const PAGE = 200; // tests shown at first, and by each press of "more"

export function TestList({ job }: { job: JobName }) {
  const tests = useTests(job);
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(PAGE);
  if (tests.isPending) return <Loading what="test results" />;
  if (!tests.data) return <Problem error={tests.error} onRetry={() => void tests.refetch()} />;
  if (tests.data.length === 0)
    return (
      <Empty title="No test results">
        <p>
          A <code>store_test_results</code> step reads JUnit files.
        </p>
      </Empty>
    );
  const wanted = text.trim().toLowerCase();
  const found = failuresFirst(tests.data).filter((test) =>
    `${test.classname} ${test.name} ${test.file ?? ""}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <div className={styles.bar}>
        <Counts tests={tests.data} />
        <Filter label="Filter tests" shortcut value={text} onChange={setText} />
      </div>
      <ul className={styles.list} aria-label="Test results">
        {found.slice(0, limit).map((test, index) => (
          <TestItem key={index} test={test} />
        ))}
      </ul>
      {found.length > limit && (
        <Button onClick={() => setLimit(limit + PAGE)}>Show more of {found.length.toLocaleString("en")} tests</Button>
      )}
    </>
  );
}

function Counts({ tests }: { tests: readonly TestCase[] }) {
  const { failure, error, skipped, success } = countResults(tests);
  const failed = failure + error;
  return (
    <p role="status">
      <strong className={failed > 0 ? styles.failed : undefined}>{failed} failed</strong>, {skipped} skipped, {success}{" "}
      passed
    </p>
  );
}

function TestItem({ test }: { test: TestCase }) {
  return (
    <li className={styles.test}>
      <div className={styles.head}>
        <StatusDot look={lookOf(testLooks, test.result)} size={14} />
        <span className={styles.name}>
          {test.classname && <small>{test.classname} </small>}
          {test.name}
        </span>
        <span className={styles.took}>{formatDuration(test.run_time * 1000)}</span>
      </div>
      {test.file && <p className={styles.file}>{test.file}</p>}
      {test.message && <pre className={styles.message}>{test.message}</pre>}
    </li>
  );
}

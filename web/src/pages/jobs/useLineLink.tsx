import { useLocation, useNavigate } from "react-router-dom";

import type { Attempt, Step } from "../../api/types";
import { StepOutput } from "../../features/step-output/StepOutput";
import { formatAnchor, parseAnchor } from "../../shared/lineAnchor";

// Joins the steps and their output by the address: "#101:42" opens step 101 and shows its line 42; a click on a line's
// number writes that address.
export function useLineLink() {
  const { hash, search } = useLocation();
  const navigate = useNavigate();
  const anchor = parseAnchor(hash);
  const pick = (step: Step, line: number) =>
    void navigate({ search, hash: formatAnchor({ step: step.index, line }) }, { replace: true });
  const output = (attempt: Attempt, step: Step) => (
    <StepOutput
      key={`${attempt.id}/${step.index}`}
      address={{ attempt: attempt.id, step: step.index }}
      name={step.name}
      running={step.status === "running"}
      atEnd={step.status !== "success"}
      line={anchor?.step === step.index ? anchor.line : undefined}
      onPick={(line) => pick(step, line)}
    />
  );
  return { linked: anchor?.step, output };
}

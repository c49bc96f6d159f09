import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router-dom";

import { useTrigger } from "../../api/queries/projects";
import { links } from "../../shared/links";
import { Button } from "../../shared/ui/Button";
import { Dialog } from "../../shared/ui/Dialog";
import { Problem } from "../../shared/ui/Notice";
import styles from "./TriggerDialog.module.css";

interface Props {
  slug: string;
  branch: string;
  onClose: () => void;
}

export function TriggerDialog({ slug, branch, onClose }: Props) {
  const [kind, setKind] = useState<"branch" | "tag">("branch");
  const [name, setName] = useState(branch);
  const trigger = useTrigger(slug);
  const navigate = useNavigate();

  function submit(event: FormEvent) {
    event.preventDefault();
    trigger.mutate({ [kind]: name.trim() }, { onSuccess: (made) => void navigate(links.pipeline(made.id)) });
  }

  return (
    <Dialog title={`Trigger ${slug}`} onClose={onClose}>
      <form onSubmit={submit} className={styles.form}>
        <select aria-label="Kind of ref" value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
          <option value="branch">Branch</option>
          <option value="tag">Tag</option>
        </select>
        <input
          aria-label={kind === "branch" ? "Branch" : "Tag"}
          required
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" kind="primary" busy={trigger.isPending}>
          Trigger
        </Button>
      </form>
      {trigger.error && <Problem error={trigger.error} />}
    </Dialog>
  );
}

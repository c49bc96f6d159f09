import { useState } from "react";

import { Button } from "../../shared/ui/Button";
import { TriggerDialog } from "./TriggerDialog";

interface Props {
  slug: string;
  branch: string; // offered first
}

export function TriggerButton({ slug, branch }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon="play" aria-label={`Trigger a pipeline of ${slug}`} onClick={() => setOpen(true)}>
        Trigger
      </Button>
      {open && <TriggerDialog slug={slug} branch={branch} onClose={() => setOpen(false)} />}
    </>
  );
}

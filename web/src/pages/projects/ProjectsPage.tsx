import { useState } from "react";

import { ProjectList } from "../../features/project-list/ProjectList";
import { TriggerButton } from "../../features/trigger/TriggerButton";
import { Filter } from "../../shared/ui/Filter";
import { PageHead } from "../../shared/ui/PageHead";
import { usePageTitle } from "../../shared/usePageTitle";

export default function ProjectsPage() {
  const [text, setText] = useState("");
  usePageTitle("Projects");
  return (
    <>
      <PageHead
        title="Projects"
        actions={<Filter label="Filter projects" shortcut value={text} onChange={setText} />}
      />
      <ProjectList
        text={text}
        actions={({ slug, vcs_info }) => <TriggerButton slug={slug} branch={vcs_info.default_branch} />}
      />
    </>
  );
}

import { useProjects } from "../../api/queries/projects";
import { FilterBar } from "../../features/pipeline-list/FilterBar";
import { usePipelineFilters } from "../../features/pipeline-list/filters";
import { PipelineList } from "../../features/pipeline-list/PipelineList";
import { TriggerButton } from "../../features/trigger/TriggerButton";
import { PageHead } from "../../shared/ui/PageHead";
import { usePageTitle } from "../../shared/usePageTitle";

export default function PipelinesPage() {
  const { filters, change } = usePipelineFilters();
  const projects = useProjects();
  const only = projects.data?.length === 1 ? projects.data[0] : undefined;
  const project = projects.data?.find(({ slug }) => slug === filters.project) ?? only;
  usePageTitle(filters.project ? `Pipelines of ${filters.project}` : "Pipelines");
  return (
    <>
      <PageHead
        title="Pipelines"
        actions={
          project && <TriggerButton slug={project.slug} branch={filters.branch || project.vcs_info.default_branch} />
        }
      />
      <FilterBar filters={filters} onChange={change} />
      <PipelineList filters={filters} />
    </>
  );
}

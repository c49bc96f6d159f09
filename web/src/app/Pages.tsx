import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router-dom";

import { links, parseJobPath } from "../shared/links";
import { Empty, Loading } from "../shared/ui/Notice";

const PipelinesPage = lazy(() => import("../pages/pipelines/PipelinesPage"));
const PipelinePage = lazy(() => import("../pages/pipelines/PipelinePage"));
const WorkflowPage = lazy(() => import("../pages/workflows/WorkflowPage"));
const JobPage = lazy(() => import("../pages/jobs/JobPage"));
const ProjectsPage = lazy(() => import("../pages/projects/ProjectsPage"));

export function Pages() {
  return (
    <Suspense fallback={<Loading what="the page" />}>
      <Routes>
        <Route index element={<Navigate to={links.pipelines()} replace />} />
        <Route path="pipelines" element={<PipelinesPage />} />
        <Route path="pipelines/:pipelineId" element={<PipelinePage />} />
        <Route path="workflows/:workflowId" element={<WorkflowPage />} />
        <Route path="jobs/*" element={<JobPage />} />
        <Route path="projects" element={<ProjectsPage />} />
        <Route path="*" element={<Elsewhere />} />
      </Routes>
    </Suspense>
  );
}

// Addresses that other tools make: BASE/<slug>/<build number> (API v1.1's build_url) and
// BASE/pipelines/<slug>/<pipeline>/workflows/<id>[/jobs/<number>].
function Elsewhere() {
  const { pathname } = useLocation();
  const path = pathname.replace(/^\/|\/$/g, "");
  const job = parseJobPath(path.replace(/^pipelines\/(.+)\/\d+\/workflows\/[^/]+\/jobs\//, "$1/"));
  if (job) return <Navigate to={links.job(job.slug, job.number)} replace />;
  const workflow = /^pipelines\/.+\/workflows\/([^/]+)$/.exec(path)?.[1];
  if (workflow) return <Navigate to={links.workflow(workflow)} replace />;
  return <Empty title="There is no such page">Check the address.</Empty>;
}

#pragma once

// The promises of ports/pipeline_reads.h.

#include "ports/contract/examples.h"
#include "ports/pipeline_reads.h"

namespace gyre::contract {

template <typename World>
class PipelineReadsContract : public StoresContract<World> {
protected:
    PipelineReads& reads() { return this->world_.stores.pipeline_reads(); }
    static std::vector<PipelineId> ids_of(const Result<std::vector<ListedPipeline>>& page) {
        std::vector<PipelineId> ids;
        for (const auto& listed : *page) ids.push_back(listed.pipeline.id);
        return ids;
    }
    // "<workflow>/<place>" of each.
    std::vector<std::string> recent(const std::optional<ProjectId>& project, const std::string& branch, int limit,
                                    int offset = 0) {
        std::vector<std::string> places;
        const auto found = reads().recent_jobs(project, branch, limit, offset);
        for (const auto& place : *found) places.push_back(place.workflow.text + "/" + std::to_string(place.position));
        return places;
    }
};
TYPED_TEST_SUITE_P(PipelineReadsContract);

TYPED_TEST_P(PipelineReadsContract, PipelinesAreNewestFirstAndFilteredByProjectAndBranch) {
    const auto shop = this->make_project("git/shop");
    const auto till = this->make_project("git/till");
    const auto a = this->make_pipeline(shop, "main").id;
    const auto b = this->make_pipeline(shop, "dev").id;
    const auto c = this->make_pipeline(till, "main").id;
    const auto d = this->make_pipeline(shop, "main").id;
    EXPECT_EQ(this->ids_of(this->reads().pipelines({})), (std::vector{d, c, b, a}));
    EXPECT_EQ(this->ids_of(this->reads().pipelines({.project = shop.id})), (std::vector{d, b, a}));
    EXPECT_EQ(this->ids_of(this->reads().pipelines({.project = shop.id, .branch = "main"})), (std::vector{d, a}));
    EXPECT_EQ(this->ids_of(this->reads().pipelines({.branch = "main"})), (std::vector{d, c, a}));
    EXPECT_TRUE(this->reads().pipelines({.branch = "none"})->empty());
    EXPECT_TRUE(this->reads().pipelines({.limit = 0})->empty());
}

TYPED_TEST_P(PipelineReadsContract, PagesFollowEachOtherEvenWhenNewPipelinesCome) {
    const auto project = this->make_project();
    std::vector<PipelineId> made(5);
    for (auto& id : made) id = this->make_pipeline(project).id;
    const auto first = *this->reads().pipelines({.project = project.id, .limit = 2});
    EXPECT_EQ(this->ids_of(first), (std::vector{made[4], made[3]}));
    this->make_pipeline(project);
    const auto second = *this->reads().pipelines({.project = project.id, .before = first.back().position, .limit = 2});
    EXPECT_EQ(this->ids_of(second), (std::vector{made[2], made[1]}));
    const auto third = *this->reads().pipelines({.project = project.id, .before = second.back().position, .limit = 2});
    EXPECT_EQ(this->ids_of(third), (std::vector{made[0]}));
    EXPECT_TRUE(this->reads().pipelines({.before = third.back().position})->empty());
}

TYPED_TEST_P(PipelineReadsContract, AListLeavesOutWhatIsLarge) {
    const auto pipeline = this->make_pipeline(this->make_project());
    const auto listed = this->reads().pipelines({})->front();
    EXPECT_EQ(listed.pipeline.plan, Plan{});
    EXPECT_EQ(listed.pipeline.config_source, "");
    EXPECT_EQ(listed.pipeline.trigger.revision, pipeline.trigger.revision);
    EXPECT_EQ(listed.pipeline.created_at, pipeline.created_at);
}

TYPED_TEST_P(PipelineReadsContract, APipelineIsFoundByItsNumber) {
    const auto project = this->make_project();
    const auto pipeline = this->make_pipeline(project);
    EXPECT_EQ(*this->reads().pipeline_by_number(project.id, pipeline.number), pipeline.id);
    expect_fault(this->reads().pipeline_by_number(project.id, 99), Fault::not_found);
    expect_fault(this->reads().pipeline_by_number({"other"}, pipeline.number), Fault::not_found);
}

TYPED_TEST_P(PipelineReadsContract, WorkflowsOfAPipelineAreOldestFirst) {
    const auto pipeline = this->make_pipeline(this->make_project());
    const auto first = this->make_workflow(pipeline, {"a"});
    const auto second = this->make_workflow(pipeline, {"a"});
    EXPECT_EQ(*this->reads().workflows_of(pipeline.id), (std::vector{first.id, second.id}));
    EXPECT_TRUE(this->reads().workflows_of({"nothing"})->empty());
}

TYPED_TEST_P(PipelineReadsContract, ABuildNumberNamesTheJobThatReallyRan) {
    const auto project = this->make_project();
    const auto pipeline = this->make_pipeline(project);
    const auto first = this->make_workflow(pipeline, {"a", "b"});
    auto rerun = this->new_workflow(pipeline, {"a", "b"});
    rerun.jobs[0].kept_from = first.jobs[0].id;
    rerun.jobs[0].number = first.jobs[0].number;
    this->store(rerun, {});
    const auto place = *this->reads().job_by_number(project.id, first.jobs[0].number);
    EXPECT_EQ(place.pipeline, pipeline.id);
    EXPECT_EQ(place.workflow, first.id);
    EXPECT_EQ(place.position, 0U);
    EXPECT_EQ(this->reads().job_by_number(project.id, rerun.jobs[1].number)->workflow, rerun.id);
    expect_fault(this->reads().job_by_number(project.id, 0), Fault::not_found);
    expect_fault(this->reads().job_by_number(project.id, 99), Fault::not_found);
    expect_fault(this->reads().job_by_number({"other"}, 1), Fault::not_found);
}

TYPED_TEST_P(PipelineReadsContract, RecentJobsAreBuildsNewestFirst) {
    const auto shop = this->make_project("git/shop");
    const auto till = this->make_project("git/till");
    const auto on_main = this->make_pipeline(shop, "main");
    const auto first = this->make_workflow(on_main, {"a", "b"}).id.text;
    const auto on_dev = this->make_workflow(this->make_pipeline(shop, "dev"), {"a"}).id.text;
    const auto other = this->make_workflow(this->make_pipeline(till, "main"), {"a"}).id.text;
    auto rerun = this->new_workflow(on_main, {"a", "approve", "skipped"});
    rerun.jobs[1].type = JobType::approval;
    rerun.jobs[1].number = rerun.jobs[2].number = 0;
    rerun.jobs[1].tasks.clear();
    this->store(rerun, {});

    const auto again = rerun.id.text + "/0";
    EXPECT_EQ(this->recent(std::nullopt, "", 10),
              (std::vector<std::string>{again, other + "/0", on_dev + "/0", first + "/1", first + "/0"}));
    EXPECT_EQ(this->recent(shop.id, "", 2), (std::vector<std::string>{again, on_dev + "/0"}));
    EXPECT_EQ(this->recent(shop.id, "", 2, 2), (std::vector<std::string>{first + "/1", first + "/0"}));
    EXPECT_EQ(this->recent(shop.id, "main", 10), (std::vector<std::string>{again, first + "/1", first + "/0"}));
    EXPECT_EQ(this->recent(std::nullopt, "dev", 10), (std::vector<std::string>{on_dev + "/0"}));
    EXPECT_TRUE(this->recent(shop.id, "", 10, 99).empty());
    EXPECT_TRUE(this->recent(shop.id, "", 0).empty());
}

REGISTER_TYPED_TEST_SUITE_P(PipelineReadsContract, PipelinesAreNewestFirstAndFilteredByProjectAndBranch,
                            PagesFollowEachOtherEvenWhenNewPipelinesCome, AListLeavesOutWhatIsLarge,
                            APipelineIsFoundByItsNumber, WorkflowsOfAPipelineAreOldestFirst,
                            ABuildNumberNamesTheJobThatReallyRan, RecentJobsAreBuildsNewestFirst);

}  // namespace gyre::contract

#include "workflow/states.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace gyre::workflow {
namespace {

template <typename Status, std::size_t N>
std::string drawing(const std::array<Move<Status>, N>& moves, std::initializer_list<Status> first) {
    std::string text = "```mermaid\nstateDiagram-v2\n";
    const auto arrow = [&](std::string_view from, std::string_view to) {
        text.append("    ").append(from).append(" --> ").append(to);
    };
    for (const auto status : first) arrow("[*]", name_of(status)), text += "\n";
    for (const auto& move : moves)
        arrow(name_of(move.from), name_of(move.to)), text.append(": ").append(move.on) += "\n";
    return text + "```\n";
}

std::string states_page() {
    std::string page =
        "# States\n\nDrawn from the tables in `src/workflow/states.h`; `GYRE_ACCEPT=1 workflow_test` writes it anew.\n"
        "What the states mean is said in `src/model/status.h`, the rules in `src/workflow/transition.h`.\n";
    page +=
        "\n## Workflow\n\nThe status is a fold over the jobs (`src/workflow/rollup.h`).\n\n" +
        drawing(workflow_moves, {WorkflowStatus::running, WorkflowStatus::on_hold}) +
        "\nOne whose jobs all run nothing is `success` from its start; one of jobs that no agent can run `failed`.\n";
    page +=
        "\n## Job\n\nA rerun may begin with jobs that are `success` (kept) or `not_run` (left out).\n"
        "Blocked jobs that nothing holds up move on at once when a workflow starts.\n\n" +
        drawing(job_moves, {JobStatus::blocked, JobStatus::queued, JobStatus::on_hold});
    page += "\n## Task\n\n" + drawing(task_moves, {TaskStatus::waiting, TaskStatus::queued});
    page +=
        "\n## Attempt\n\nThe attempt of a canceled or unauthorized job stays `placed` or `running` until its agent has "
        "stopped.\n\n" +
        drawing(attempt_moves, {AttemptState::placed});
    return page;
}

TEST(States, page_in_docs_is_drawn_from_the_tables) {
    const std::string path = std::string(GYRE_DOCS) + "/states.md";
    if (std::getenv("GYRE_ACCEPT")) std::ofstream(path) << states_page();
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), states_page()) << "run with GYRE_ACCEPT=1 to rewrite " << path;
}

template <typename Status, std::size_t N>
void expect_no_way_out_of_the_end(const std::array<Move<Status>, N>& moves) {
    for (const auto& move : moves) EXPECT_FALSE(is_terminal(move.from)) << name_of(move.from);
}

TEST(States, nothing_leaves_a_terminal_status) {
    expect_no_way_out_of_the_end(job_moves);
    expect_no_way_out_of_the_end(workflow_moves);
    for (const auto& move : task_moves) EXPECT_NE(move.from, TaskStatus::finished);
    for (const auto& move : attempt_moves) EXPECT_NE(move.from, AttemptState::finished);
}

TEST(States, staying_is_always_allowed_and_skipping_is_not) {
    EXPECT_TRUE(may_follow(job_moves, JobStatus::failed, JobStatus::failed));
    EXPECT_TRUE(may_follow(job_moves, JobStatus::queued, JobStatus::running));
    EXPECT_FALSE(may_follow(job_moves, JobStatus::queued, JobStatus::success));
}

}  // namespace
}  // namespace gyre::workflow

// Jobs that are alike are found, whatever differs in the others.

#include "config/spec_order.h"

#include <gtest/gtest.h>

#include <functional>

namespace gyre::config {
namespace {

JobSpec job() {
    JobSpec spec{.name = "build", .executor = DockerExecutor{{{.image = "debian", .auth = RegistryAuth{"me", "x"}}}}};
    spec.environment = {{"A", "1"}, {"B", "2"}};
    spec.steps = {CheckoutStep{}, RunStep{.name = "make", .command = "make"},
                  SaveCacheStep{.key = "k", .paths = {"p"}}};
    return spec;
}

ContainerSpec& container(JobSpec& spec) { return std::get<DockerExecutor>(spec.executor).containers[0]; }
RunStep& run(JobSpec& spec) { return std::get<RunStep>(spec.steps[1]); }

const std::vector<std::function<void(JobSpec&)>>& changes() {
    static const std::vector<std::function<void(JobSpec&)>> all{
        [](JobSpec& one) { one.name = "b"; },
        [](JobSpec& one) { one.parallelism = 2; },
        [](JobSpec& one) { one.shell = "sh"; },
        [](JobSpec& one) { one.environment.pop_back(); },
        [](JobSpec& one) { one.environment[1].value = "3"; },
        [](JobSpec& one) { one.executor = MachineExecutor{}; },
        [](JobSpec& one) { one.executor = MachineExecutor{.docker_layer_caching = true}; },
        [](JobSpec& one) { container(one).auth.reset(); },
        [](JobSpec& one) { container(one).auth->password = "y"; },
        [](JobSpec& one) { container(one).command = {"a"}; },
        [](JobSpec& one) { run(one).when = StepCondition::always; },
        [](JobSpec& one) { run(one).no_output_timeout_ms = 1; },
        [](JobSpec& one) { run(one).command = std::string("make\0x", 6); },
        [](JobSpec& one) {
            std::get<SaveCacheStep>(one.steps[2]).paths = {"p", "q"};
        },
        [](JobSpec& one) { one.steps[0] = AttachWorkspaceStep{}; },
        [](JobSpec& one) { std::swap(one.steps[0], one.steps[1]); },
        [](JobSpec& one) { one.steps.clear(); },
    };
    return all;
}

std::vector<JobSpec> different_jobs() {
    std::vector<JobSpec> all{job()};
    for (const auto& change : changes()) change(all.emplace_back(job()));
    return all;
}

TEST(SpecOrder, is_equal_where_jobs_are) {
    const std::vector<JobSpec> one = different_jobs();
    const std::vector<JobSpec> other = different_jobs();
    for (std::size_t i = 0; i < one.size(); ++i) {
        for (std::size_t j = 0; j < other.size(); ++j)
            EXPECT_EQ(compare(one[i], other[j]) == 0, one[i] == other[j]) << i << " and " << j;
    }
}

TEST(SpecOrder, is_one_order) {
    const std::vector<JobSpec> all = different_jobs();
    for (const JobSpec& a : all) {
        for (const JobSpec& b : all) {
            EXPECT_EQ(compare(a, b) < 0, compare(b, a) > 0);
            for (const JobSpec& c : all) EXPECT_FALSE(compare(a, b) < 0 && compare(b, c) < 0 && !(compare(a, c) < 0));
        }
    }
}

}  // namespace
}  // namespace gyre::config

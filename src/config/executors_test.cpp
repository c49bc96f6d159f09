// `executors`, and what a job says itself about where it runs (config-language.md sections 3, 4 and 10).

#include "config/test_language.h"

namespace gyre::config::test {
namespace {

const std::string node = R"(executors:
  node:
    parameters: {tag: {type: string, default: lts}, size: {type: string, default: medium}}
    docker: [{image: cimg/node:<< parameters.tag >>}]
    resource_class: << parameters.size >>
    working_directory: ~/app
    shell: /bin/sh
    environment: {A: executor, B: executor}
)";

std::string job(const std::string& keys) { return "jobs: {build: {steps: [checkout], " + keys + "}}\n"; }

const std::string of_node = ", shell /bin/sh, in ~/app, A=executor, B=executor";

TEST(Executors, are_named_by_jobs) {
    expect_places({
        {"with their defaults", node + job("executor: node"), "build: cimg/node:lts, class medium" + of_node + "\n"},
        {"with arguments", node + job("executor: {name: node, tag: '20.1', size: large}"),
         "build: cimg/node:20.1, class large" + of_node + "\n"},
        {"with arguments below the name", node + job("executor: {node: {tag: '20.1'}}"),
         "build: cimg/node:20.1, class medium" + of_node + "\n"},
        {"by a parameter of the job",
         node + "jobs: {build: {parameters: {e: {type: executor, default: node}}, executor: << parameters.e >>, steps: "
                "[checkout]}}\n",
         "build: cimg/node:lts, class medium" + of_node + "\n"},
        {"by a parameter with arguments",
         node + "jobs: {build: {parameters: {e: {type: executor}}, executor: << parameters.e >>, steps: [checkout]}}\n"
                "workflows: {w: {jobs: [build: {e: {name: node, tag: next}}]}}\n",
         "build: cimg/node:next, class medium" + of_node + "\n"},
    });
}

TEST(Executors, yield_to_what_the_job_says) {
    expect_places({
        {"its class", node + job("executor: node, resource_class: xlarge"),
         "build: cimg/node:lts, class xlarge" + of_node + "\n"},
        {"its directory", node + job("executor: node, working_directory: /w"),
         "build: cimg/node:lts, class medium, shell /bin/sh, in /w, A=executor, B=executor\n"},
        {"its shell", node + job("executor: node, shell: bash"),
         "build: cimg/node:lts, class medium, shell bash, in ~/app, A=executor, B=executor\n"},
        {"its variables, each by itself", node + job("executor: node, environment: {B: job, C: job}"),
         "build: cimg/node:lts, class medium, shell /bin/sh, in ~/app, A=executor, B=job, C=job\n"},
    });
}

TEST(Executors, see_their_own_parameters_only) {
    expect_places({
        {"not those of the job",
         "executors: {e: {docker: [{image: << parameters.i >>}]}}\njobs: {build: {parameters: {i: {type: string, "
         "default: "
         "x}}, executor: e, steps: [checkout]}}\n",
         "2:37 unknown-parameter: the executor 'e' declares no parameter 'i'\n"},
        {"and pipeline values", "executors: {e: {docker: [{image: << pipeline.git.branch >>}]}}\n" + job("executor: e"),
         "build: main\n"},
    });
}

TEST(Executors, that_are_wrong_have_a_place) {
    expect_places({
        {"an unknown one", node + job("executor: nodee"), "10:45 unknown-executor: no executor is called 'nodee'\n"},
        {"an unknown argument", node + job("executor: {name: node, tagg: x}"),
         "10:58 unknown-argument: the executor 'node' has no parameter 'tagg'\n"},
        {"arguments without a name", node + job("executor: {tag: x}"), "10:45 missing-key: 'executor' needs 'name'\n"},
        {"one that says nothing", "executors: {e: {shell: bash}}\n" + job("executor: e"),
         "2:13 missing-executor: an executor must say where jobs run\n"},
        {"two kinds", job("docker: [{image: i}], machine: true"),
         "2:57 several-executors: a job runs either in 'docker' or on 'machine', not both\n"},
        {"three kinds", job("docker: [{image: i}], macos: {xcode: 15.1.0}"),
         "2:57 several-executors: a job runs either in 'docker' or on 'macos', not both\n"},
        {"none", job("environment: {}"), "2:8 missing-executor: a job must say where it runs\n"},
        {"a class of the other kind", job("machine: true, resource_class: small"),
         "2:66 unknown-resource-class: machine jobs have no resource class 'small'\n"},
        {"also when it comes from the executor",
         "executors: {e: {docker: [{image: i}], resource_class: small}}\n" + job("executor: e, machine: true"),
         "2:55 unknown-resource-class: machine jobs have no resource class 'small'\n"},
        {"a class of its own is checked against the executor's machine",
         "executors: {e: {machine: true}}\n" + job("executor: e, resource_class: small"),
         "3:64 unknown-resource-class: machine jobs have no resource class 'small'\n"},
    });
}

TEST(Executors, have_classes_by_kind) {
    for (const char* name : {"small", "medium", "medium+", "large", "xlarge", "2xlarge", "2xlarge+"}) {
        EXPECT_EQ(places_text(compile_2_1(job("docker: [{image: i}], resource_class: " + std::string(name)))),
                  "build: i, class " + std::string(name) + "\n");
    }
    for (const char* name : {"medium", "large", "xlarge", "2xlarge", "2xlarge+"}) {
        EXPECT_EQ(places_text(compile_2_1(job("machine: true, resource_class: " + std::string(name)))),
                  "build: machine, class " + std::string(name) + "\n");
    }
    expect_places({
        {"generations have the same sizes", job("docker: [{image: i}], resource_class: large.gen2"),
         "build: i, class large\n"},
        {"also inside of `machine`", job("machine: {image: x, resource_class: large.gen3}"),
         "build: machine, class large\n"},
    });
}

TEST(Executors, have_gpus_where_agents_have_as_many_or_nobody_knows) {
    const std::string one = "version: 2.1\n" + job("machine: true, resource_class: gpu.nvidia.small");
    const std::string four =
        "version: 2.1\n" + job("docker: [{image: i}], resource_class: gpu.nvidia.medium.multi.gen2");
    const auto planned = [](const std::string& text, std::optional<int> gpus) {
        return places_text(compile(text, {.branch = "main", .gpus = gpus}));
    };
    const std::string lacks = ", unavailable: this server's agents do not have ";
    EXPECT_EQ(planned(one, std::nullopt), "build: machine, class gpu.nvidia.small\n");
    EXPECT_EQ(planned(one, 1), "build: machine, class gpu.nvidia.small\n");
    EXPECT_EQ(planned(one, 0), "build: machine, class gpu.nvidia.small" + lacks +
                                   "GPUs; the nearest class that they have is 'medium'\n");
    EXPECT_EQ(planned(four, 4), "build: i, class gpu.nvidia.medium.multi\n");
    EXPECT_EQ(planned(four, 3), "build: i, class gpu.nvidia.medium.multi" + lacks +
                                    "4 GPUs for one job; the classes with GPUs that they have are gpu.nvidia.small, "
                                    "gpu.nvidia.small.multi, gpu.nvidia.medium, gpu.nvidia.large, gpu.small, "
                                    "gpu.medium, gpu.large\n");
}

TEST(Executors, that_no_agent_offers_are_planned_for_jobs_that_fail) {
    const std::string lacks = "unavailable: this server's agents do not have ";
    const auto nearest = [](const std::string& name) {
        return "; the nearest class that they have is '" + name + "'\n";
    };
    expect_places({
        {"a Mac", job("macos: {xcode: 15.3.0}"), "build: machine, " + lacks + "macOS\n"},
        {"Windows by class", job("machine: {image: x}, resource_class: windows.medium"),
         "build: machine, class windows.medium, " + lacks + "Windows" + nearest("medium")},
        {"Windows by image", job("machine: {image: 'windows-server-2022-gui:current'}"),
         "build: machine, " + lacks + "Windows\n"},
        {"ARM", job("docker: [{image: i}], resource_class: arm.large"),
         "build: i, class arm.large, " + lacks + "the resource class 'arm.large'" + nearest("large")},
        {"a class of GPUs that nobody knows", job("machine: {image: x}, resource_class: gpu.nvidia.smal"),
         "build: machine, class gpu.nvidia.smal, " + lacks +
             "the resource class 'gpu.nvidia.smal'; the classes with GPUs that they have are gpu.nvidia.small, "
             "gpu.nvidia.small.multi, gpu.nvidia.medium, gpu.nvidia.medium.multi, gpu.nvidia.large, "
             "gpu.nvidia.large.multi, gpu.small, gpu.medium, gpu.large\n"},
        {"a class of a size that only others have", job("machine: true, resource_class: macos.x86.metal"),
         "build: machine, class macos.x86.metal, " + lacks +
             "macOS; the classes that they have are medium, large, xlarge, 2xlarge, 2xlarge+\n"},
        {"runners", job("machine: true, resource_class: acme/pool"),
         "build: machine, class acme/pool, " + lacks +
             "runners of the resource class 'acme/pool'; the classes that they have are medium, large, xlarge, "
             "2xlarge, 2xlarge+\n"},
        {"odd names", job("docker: [{image: i}], resource_class: //..small"),
         "build: i, class //..small, " + lacks + "runners of the resource class '//..small'" + nearest("small")},
    });
    EXPECT_EQ(
        complaints("version: 2.1\n" + job("macos: {xcode: 15.3.0}")),
        "warning 2:35 not-yet-supported: this server's agents do not have macOS; a job that runs here will fail when "
        "its turn comes\n");
}

TEST(JobTypes, no_op_needs_nothing_and_runs_nothing) {
    expect_steps({
        {"alone",
         "jobs: {a: {type: no-op}, b: {machine: true, steps: [checkout]}}\n"
         "workflows: {w: {jobs: [a, b: {requires: [a]}]}}\n",
         "a: no-op\nb<a: (checkout)\n"},
        {"approval", "jobs: {a: {type: approval}}\nworkflows: {w: {jobs: [a]}}\n", "a: approval\n"},
        {"one that does not exist", "jobs: {a: {type: noop}}\nworkflows: {w: {jobs: [a]}}\n",
         "2:18 bad-value: 'noop' is no type of a job\n"},
    });
}

}  // namespace
}  // namespace gyre::config::test

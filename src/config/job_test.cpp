// Jobs: executors, environment, and the keys of a job.

#include <gtest/gtest.h>

#include "config/test_support.h"
#include "model/resource_class.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::job;
using test::plan_of;

JobSpec only_job(const std::string& text) {
    const Plan plan = plan_of(text);
    return plan.jobs.empty() ? JobSpec{} : plan.jobs.front();
}

std::string assignments(const Environment& environment) {
    std::string text;
    for (const EnvVar& one : environment) text += (text.empty() ? "" : " ") + one.name + "=" + one.value;
    return text;
}

constexpr const char* run_it = "    steps: [checkout]\n";

TEST(Job, carries_every_key_of_a_docker_job) {
    const JobSpec spec = only_job(job(R"(    docker:
      - image: cimg/base:stable
        name: main
        entrypoint: [/bin/a, b c]
        command: serve --name 'x y' "z\"q" \ w
        user: root
        environment: {A: 1.10}
        auth: {username: me, password: $SECRET}
      - image: postgres:9
        command: [postgres]
    resource_class: medium+
    shell: /bin/sh -e
    working_directory: ~/code
    parallelism: 4
    environment: {B: yes}
    steps: [checkout]
)"));
    const auto& containers = std::get<DockerExecutor>(spec.executor).containers;
    ASSERT_EQ(containers.size(), 2U);
    EXPECT_EQ(containers[0].image, "cimg/base:stable");
    EXPECT_EQ(containers[0].name, "main");
    EXPECT_EQ(containers[0].entrypoint, (std::vector<std::string>{"/bin/a", "b c"}));
    EXPECT_EQ(containers[0].command, (std::vector<std::string>{"serve", "--name", "x y", "z\"q", " w"}));
    EXPECT_EQ(containers[0].user, "root");
    EXPECT_EQ(assignments(containers[0].environment), "A=1.10");
    EXPECT_EQ(containers[0].auth, (RegistryAuth{"me", "$SECRET"}));
    EXPECT_EQ(containers[1].command, (std::vector<std::string>{"postgres"}));
    EXPECT_EQ(containers[1].auth, std::nullopt);
    EXPECT_EQ(spec.name, "build");
    EXPECT_EQ(spec.resource_class, "medium+");
    EXPECT_EQ(spec.shell, "/bin/sh -e");
    EXPECT_EQ(spec.working_directory, "~/code");
    EXPECT_EQ(spec.parallelism, 4);
    EXPECT_EQ(assignments(spec.environment), "B=yes");
}

TEST(Job, has_the_documented_defaults) {
    const JobSpec spec = only_job(job("    docker: [{image: i}]\n    steps: [checkout]\n"));
    EXPECT_EQ(spec.working_directory, "~/project");
    EXPECT_EQ(spec.parallelism, 1);
    EXPECT_EQ(spec.resource_class, "");
    EXPECT_EQ(spec.shell, "");
}

TEST(Job, takes_every_form_of_machine) {
    const struct {
        const char* yaml;
        MachineExecutor machine;
        const char* resource_class;
    } table[] = {
        {"    machine: true\n", {}, ""},
        {"    machine: on\n", {}, ""},
        {"    machine: ubuntu-2004:current\n", {.image = "ubuntu-2004:current"}, ""},
        {"    machine: {enabled: true}\n", {}, ""},
        {"    machine: {image: i, docker_layer_caching: true, resource_class: xlarge}\n",
         {.image = "i", .docker_layer_caching = true},
         "xlarge"},
        {"    machine: {resource_class: xlarge}\n    resource_class: large\n", {}, "large"},
    };
    for (const auto& row : table) {
        const JobSpec spec = only_job(job(std::string(row.yaml) + run_it));
        EXPECT_EQ(std::get<MachineExecutor>(spec.executor), row.machine) << row.yaml;
        EXPECT_EQ(spec.resource_class, row.resource_class) << row.yaml;
    }
}

TEST(Job, takes_every_form_of_environment) {
    const struct {
        const char* yaml;
        const char* read;
    } table[] = {
        {"{A: 1, B: 1234567, C: 'x y', D: ~, E: 1.20, F: yes}", "A=1 B=1234567 C=x y D= E=1.20 F=yes"},
        {"[{A: 1}, {B: 2, C: 3}]", "A=1 B=2 C=3"},
        {"[A=1, 'B=x=y z', C=]", "A=1 B=x=y z C="},
        {"A=1", "A=1"},
        {"", ""},
        {"[]", ""},
    };
    for (const auto& row : table) {
        const std::string yaml = std::string("    machine: true\n    environment: ") + row.yaml + "\n" + run_it;
        EXPECT_EQ(assignments(only_job(job(yaml)).environment), row.read) << row.yaml;
    }
}

TEST(Job, has_no_variables_with_references_for_names) {
    const std::string head = "version: 2.1\njobs: {build: {machine: true, steps: [checkout], environment: ";
    EXPECT_EQ(complaints(head + "{'<< pipeline.number >>': v}}}\n"),
              "2:64 bad-value: the name of a variable cannot have a reference in it: '<< pipeline.number >>'\n");
    EXPECT_EQ(complaints(head + "{'<<': v}}}\n"),
              "2:64 bad-value: '<<' cannot be the name of an environment variable\n");
}

TEST(Job, every_resource_class_of_the_table_is_known) {
    for (const ResourceClass& one : resource_classes(ExecutorKind::docker)) {
        EXPECT_EQ(
            complaints(job("    docker: [{image: i}]\n    resource_class: " + std::string(one.name) + "\n" + run_it)),
            "");
    }
    for (const ResourceClass& one : gpu_classes()) {
        EXPECT_EQ(complaints(job("    machine: true\n    resource_class: " + std::string(one.name) + "\n" + run_it)),
                  "");
    }
    for (const ResourceClass& one : resource_classes(ExecutorKind::machine)) {
        EXPECT_EQ(complaints(job("    machine: true\n    resource_class: " + std::string(one.name) + "\n" + run_it)),
                  "");
    }
}

TEST(Job, mistakes_have_a_place) {
    const struct {
        const char* yaml;  // from line 4
        const char* complaint;
    } table[] = {
        {"    steps: [checkout]\n", "3:3 missing-executor: a job must say where it runs\n"},
        {"    machine: true\n", "3:3 missing-key: a job needs 'steps'\n"},
        {"    machine: true\n    steps: []\n",
         "warning 5:12 bad-value: the list of steps is empty: the job does nothing\n"},
        {"    machine: false\n    steps: [checkout]\n",
         "4:14 bad-value: 'machine: false' leaves the job nowhere to run\n"},
        {"    machine: true\n    docker: [{image: i}]\n    steps: [checkout]\n",
         "4:5 several-executors: a job runs either in 'docker' or on 'machine', not both\n"},
        {"    docker: []\n    steps: [checkout]\n", "4:13 bad-value: the list of docker images is empty\n"},
        {"    docker: {image: i}\n    steps: [checkout]\n",
         "4:13 wrong-type: 'docker' must be a list, not a mapping\n"},
        {"    docker: [{imag: i}]\n    steps: [checkout]\n",
         "4:15 unknown-key: unknown key 'imag' in a docker entry\n"},
        {"    docker: [{image: 'a b'}]\n    steps: [checkout]\n",
         "4:22 bad-value: 'a b' is not the name of an image\n"},
        {"    docker: [{image: 'a/../b:1'}]\n    steps: [checkout]\n",
         "4:22 bad-value: 'a/../b:1' is not the name of an image\n"},
        {"    docker: [{image: 'a:$TAG'}]\n    steps: [checkout]\n",
         "warning 4:22 bad-value: no engine takes the image 'a:$TAG': environment variables are not expanded here\n"},
        {"    docker: [{image: i, command: \"a 'b\"}]\n    steps: [checkout]\n",
         "4:34 bad-value: 'command' cannot be split into words: a quote is never closed\n"},
        {"    docker: [{image: i, auth: {username: u}}]\n    steps: [checkout]\n",
         "4:25 missing-key: 'auth' needs 'password'\n"},
        {"    docker: [{image: i, aws_auth: {a: b}}]\n    steps: [checkout]\n",
         "warning 4:25 ignored-key: 'aws_auth' in a docker entry does nothing: agents log in to registries with a name "
         "and "
         "a password; write them into 'auth'\n"},
        {"    macos: {xcode: 11.4}\n    steps: [checkout]\n",
         "warning 4:5 not-yet-supported: this server's agents do not have macOS; a job that runs here will fail when "
         "its "
         "turn comes\n"},
        {"    machine: true\n    steps: [checkout]\n    parallelism: 0\n",
         "6:18 bad-value: 'parallelism' must be from 1 to 256\n"},
        {"    machine: true\n    steps: [checkout]\n    parallelism: 257\n",
         "6:18 bad-value: 'parallelism' must be from 1 to 256\n"},
        {"    machine: true\n    steps: [checkout]\n    parallelism: 99999999999999999999\n",
         "6:18 bad-value: 'parallelism' must be from 1 to 256\n"},
        {"    machine: true\n    steps: [checkout]\n    parallelism: many\n",
         "6:18 wrong-type: 'parallelism' must be a whole number, not text\n"},
        {"    machine: true\n    steps: [checkout]\n    working_directory:\n",
         "6:5 missing-key: 'working_directory' has no value\n"},
        {"    machine: true\n    steps: [checkout]\n    environment: [1, {A: [b]}]\n",
         "6:19 bad-value: '1' sets no variable: '=' is missing\n6:26 wrong-type: the variable 'A' must be text, not a "
         "list\n"},
        {"    machine: true\n    steps: [checkout]\n    environment: {'A B': c}\n",
         "6:19 bad-value: 'A B' cannot be the name of an environment variable\n"},
        {"    machine: true\n    steps: [checkout]\n    resource_class: mediun\n",
         "6:21 unknown-resource-class: machine jobs have no resource class 'mediun'\n"},
        {"    machine: true\n    steps: [checkout]\n    resource_class: org/pool\n",
         "warning 6:5 not-yet-supported: this server's agents do not have runners of the resource class 'org/pool'; "
         "the classes that they have are medium, large, xlarge, 2xlarge, 2xlarge+; a job that runs here will fail when "
         "its turn comes\n"},
        {"    machine: true\n    stepps: [checkout]\n", "5:5 unknown-key: unknown key 'stepps' in a job\n"},
        {"    machine: true\n    steps: [checkout]\n    paralelism: 2\n",
         "warning 6:5 unknown-key: unknown key 'paralelism' in a job, which does nothing\n"},
        {"    machine: true\n    steps: [checkout]\n    executor: x\n",
         "6:5 needs-version-2.1: 'executor' in a job needs 'version: 2.1'\n"},
        {"    type: release\n",
         "4:11 not-yet-supported: not available yet in this version of Gyre: jobs of type 'release'\n"},
        {"    type: release\n    plan_name: web\n",
         "4:11 not-yet-supported: not available yet in this version of Gyre: jobs of type 'release'\n"},
        {"    type: unlock\n    key: a\n",
         "4:11 not-yet-supported: not available yet in this version of Gyre: jobs of type 'unlock'\n"},
        {"    type: no-op\n", ""},
        {"    docker: [{image: 'a/b@exist'}]\n    steps: [checkout]\n",
         "4:22 bad-value: 'a/b@exist' is not the name of an image\n"},
        {"    machine: true\n    steps: [checkout]\n    retention: {caches: 1d}\n",
         "warning 6:5 ignored-key: 'retention' in a job does nothing: the server's settings say how long things are "
         "kept\n"},
        {"  other:\n",
         "3:3 missing-key: the job 'build' is empty; is what follows indented?\n"
         "4:3 missing-key: the job 'other' is empty; is what follows indented?\n"},
    };
    for (const auto& row : table) EXPECT_EQ(complaints(job(row.yaml)), row.complaint) << row.yaml;
}

TEST(Job, names_differ_in_more_than_case) {
    const std::string text = "version: 2\njobs:\n  build: &b {machine: true, steps: [checkout]}\n  Build: *b\n";
    EXPECT_EQ(complaints(text),
              "4:3 duplicate-job: the names of jobs must differ in more than case: 'Build' and 'build'\n"
              "warning 4:3 unused-job: no workflow uses the job 'Build'\n");
}

}  // namespace
}  // namespace gyre::config

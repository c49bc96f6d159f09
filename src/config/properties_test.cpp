// What holds for every config, over random ones: processing keeps the plan, and neither anchors, nor the order of keys,
// nor what an argument contains change what a config means. A failing case prints the seed: RC_PARAMS="reproduce=..."
// runs it again.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "config/process.h"
#include "config/test_corpus.h"
#include "config/test_support.h"
#include "config/yaml_writer.h"

namespace gyre::config {
namespace {

// --- random configs -------------------------------------------------------------------------------------------------

int draw(int from, int to) { return *rc::gen::inRange(from, to + 1); }
bool chance(int in) { return draw(1, in) == 1; }
template <typename T>
T one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(draw(0, static_cast<int>(all.size()) - 1))];
}
Yaml text(std::string value) { return Yaml::of_text(std::move(value)); }
Yaml word(bool value) { return Yaml::of_word(value ? "true" : "false"); }
Yaml only(const std::string& key, Yaml value) { return Yaml::mapping().set(key, std::move(value)); }

std::string any_value() {
    return one_of<std::string>({"a", "3.10", "yes", "", "a: b", "- x", "x #y", "two\nlines\n", "  led", "<<EOF", "*",
                                "\"q\"", "back\\slash", "null", "\xC3\xBC"});
}

Yaml any_environment() {
    Yaml environment = Yaml::mapping();
    for (const char* name : {"A", "B", "C"}) {
        if (chance(2)) environment.set(name, text(any_value()));
    }
    return environment;
}

// `parameter` is a string parameter of what the steps belong to, or empty.
Yaml any_run(const std::string& parameter) {
    Yaml run = Yaml::mapping();
    const std::string used = parameter.empty() ? "" : " << parameters." + parameter + " >>";
    run.set("command", text("echo" + used + (chance(3) ? "\n" + any_value() : "")));
    if (chance(3)) run.set("name", text("step" + used));
    if (chance(4)) run.set("environment", any_environment());
    if (chance(4)) run.set("no_output_timeout", text(one_of<std::string>({"90s", "20m", "1.5h", "0.001s"})));
    if (chance(4)) run.set("when", text(one_of<std::string>({"always", "on_fail", "on_success"})));
    if (chance(6)) run.set("background", word(true));
    return only("run", std::move(run));
}

Yaml any_steps(const std::string& parameter, int commands, int depth) {
    Yaml steps = Yaml::list().add(any_run(parameter));
    for (int i = draw(0, 3); i > 0; --i) {
        const int kind = draw(0, 6);
        if (kind == 0) steps.add(text("checkout"));
        if (kind == 1) {
            steps.add(only("save_cache", Yaml::mapping()
                                             .set("key", text("k-{{ checksum \"f\" }}"))
                                             .set("paths", Yaml::of_texts({"~/.m2", "."}))));
        }
        if (kind == 2) steps.add(only("store_artifacts", only("path", text("out"))));
        if (kind == 3) steps.add(any_run(parameter));
        if (kind == 4 && commands > 0) {
            Yaml arguments =
                only("p", text(chance(2) || parameter.empty() ? "x" : "<< parameters." + parameter + " >>"));
            if (depth > 0 && chance(2)) arguments.set("extra", any_steps(parameter, 0, depth - 1));
            steps.add(only("c" + std::to_string(draw(0, commands - 1)), std::move(arguments)));
        }
        if (kind == 5 && depth > 0) {
            Yaml branch = only("condition", chance(2) ? word(chance(2)) : text("<< pipeline.parameters.flag >>"));
            branch.set("steps", any_steps(parameter, commands, depth - 1));
            steps.add(only(chance(2) ? "when" : "unless", std::move(branch)));
        }
    }
    return steps;
}

Yaml parameter(const std::string& type, std::optional<Yaml> otherwise = {}) {
    Yaml declared = only("type", text(type));
    if (otherwise) declared.set("default", std::move(*otherwise));
    return declared;
}

Yaml any_commands(int count) {
    Yaml commands = Yaml::mapping();
    for (int i = 0; i < count; ++i) {
        Yaml parameters = only("p", parameter("string")).set("extra", parameter("steps", Yaml::list()));
        Yaml steps = any_steps("p", i, 1);
        steps.add(only("steps", text("<< parameters.extra >>")));
        commands.set("c" + std::to_string(i), only("parameters", std::move(parameters)).set("steps", std::move(steps)));
    }
    return commands;
}

Yaml any_job(int commands) {
    Yaml job = only("parameters", only("v", parameter("string", text("one"))));
    if (chance(2)) {
        job.set("executor", only("name", text("e")).set("tag", text("<< parameters.v >>")));
    } else {
        job.set("docker", Yaml::list().add(only("image", text("cimg/base")).set("environment", any_environment())));
    }
    if (chance(2)) job.set("environment", any_environment());
    if (chance(4)) job.set("parallelism", Yaml::of_word(std::to_string(draw(1, 4))));
    if (chance(4)) job.set("working_directory", text("~/x"));
    return job.set("steps", any_steps("v", commands, 2));
}

Yaml any_filters() {
    const auto patterns = [] {
        return Yaml::of_texts(
            {one_of<std::string>({"main", "/.*/", "/v.*/", "dev"}), one_of<std::string>({"x", "/f.*/"})});
    };
    Yaml filters = Yaml::mapping();
    if (chance(2)) filters.set("branches", only(chance(2) ? "only" : "ignore", patterns()));
    if (chance(2)) filters.set("tags", only(chance(2) ? "only" : "ignore", patterns()));
    return filters;
}

// Names that begin with "g" are those of job groups, which are required to succeed or to end.
Yaml any_required(const std::vector<std::string>& before) {
    Yaml required = Yaml::list();
    for (const std::string& name : before) {
        const bool group = name.starts_with("g");
        if (chance(3)) {
            required.add(text(name));
        } else if (chance(4)) {
            required.add(only(name, group ? text("terminal") : Yaml::of_texts({"failed", "canceled"})));
        }
    }
    return required;
}

Yaml any_entry(int jobs, const std::string& name, const std::vector<std::string>& before, bool in_group) {
    const bool approval = chance(5);
    const bool matrix = !approval && chance(3);
    Yaml options = only("requires", any_required(before));
    if (approval) options.set("type", text("approval"));
    if (matrix) {
        options.set("matrix",
                    only("parameters", only("v", Yaml::of_texts({"one", "3.10", "x_y"}))).set("alias", text(name)));
    } else {
        options.set("name", text(name));
        if (!approval && chance(2)) options.set("v", text(one_of<std::string>({"one", "two", "3.10"})));
    }
    if (matrix) options.set("name", text(name + "-<< matrix.v >>"));
    if (chance(3)) options.set("filters", any_filters());
    if (chance(5)) options.set("context", Yaml::of_texts({"a", "b"}));
    if (!in_group && chance(6)) options.set("serial-group", text("g/1"));
    if (!approval && chance(5)) options.set("pre-steps", any_steps("", 0, 0));
    return only(approval ? "hold" : "j" + std::to_string(draw(0, jobs - 1)), std::move(options));
}

Yaml any_group(int jobs) {
    Yaml entries = Yaml::list();
    std::vector<std::string> names;
    for (int i = draw(1, 3); i > 0; --i) {
        const std::string name = "n" + std::to_string(i);
        entries.add(any_entry(jobs, name, names, true));
        names.push_back(name);
    }
    return only("jobs", std::move(entries));
}

Yaml any_group_entry(int groups, const std::string& name, const std::vector<std::string>& before) {
    Yaml options = only("requires", any_required(before)).set("name", text(name));
    if (chance(2)) options.set("filters", any_filters());
    if (chance(3)) options.set("serial-group", text("g/1"));
    return only("group" + std::to_string(draw(0, groups - 1)), std::move(options));
}

Yaml any_workflow(int jobs, int groups) {
    Yaml entries = Yaml::list();
    std::vector<std::string> names;
    for (int i = draw(1, 5); i > 0; --i) {
        const bool group = groups > 0 && chance(3);
        const std::string name = (group ? "g" : "n") + std::to_string(i);
        entries.add(group ? any_group_entry(groups, name, names) : any_entry(jobs, name, names, false));
        names.push_back(name);
    }
    Yaml workflow = Yaml::mapping();
    if (chance(3)) workflow.set(chance(2) ? "when" : "unless", text("<< pipeline.parameters.flag >>"));
    if (chance(6)) {
        workflow.set(
            "triggers",
            Yaml::list().add(
                only("schedule",
                     only("cron", text("0 3 * * *")).set("filters", only("branches", only("only", text("main")))))));
    }
    return workflow.set("jobs", std::move(entries));
}

Yaml any_config() {
    const int commands = draw(0, 3);
    const int count = draw(1, 3);
    Yaml jobs = Yaml::mapping();
    for (int i = 0; i < count; ++i) jobs.set("j" + std::to_string(i), any_job(commands));
    const int groups = draw(0, 2);
    Yaml job_groups = Yaml::mapping();
    for (int i = 0; i < groups; ++i) job_groups.set("group" + std::to_string(i), any_group(count));
    Yaml workflows = Yaml::mapping();
    for (int i = draw(1, 2); i > 0; --i) workflows.set("w" + std::to_string(i), any_workflow(count, groups));
    Yaml executor = only("parameters", only("tag", parameter("string")));
    executor.set("docker", Yaml::list().add(only("image", text("cimg/go:v<< parameters.tag >>"))));
    executor.set("environment", any_environment());
    Yaml config = only("version", Yaml::of_word("2.1"));
    config.set("parameters", only("flag", parameter("boolean", word(chance(2)))));
    config.set("executors", only("e", std::move(executor)));
    if (commands > 0) config.set("commands", any_commands(commands));
    if (groups > 0) config.set("job-groups", std::move(job_groups));
    return config.set("jobs", std::move(jobs)).set("workflows", std::move(workflows));
}

// --- comparing ------------------------------------------------------------------------------------------------------

const std::vector<std::pair<std::string, std::string>> refs{{"main", ""}, {"feature", ""}, {"", "v1"}, {"", ""}};

CompileResult compiled(const std::string& config, const std::string& branch, const std::string& tag) {
    return compile(config, {.file = "config.yml", .branch = branch, .tag = tag});
}

// Empty when both mean the same for every ref; a config that is wrong for all of them is not compared.
std::string difference(const std::string& a, const std::string& b) {
    for (const auto& [branch, tag] : refs) {
        const auto left = compiled(a, branch, tag);
        const auto right = compiled(b, branch, tag);
        const std::string what = branch + tag + "\n" + a + "\n----\n" + b;
        if (left.plan.has_value() != right.plan.has_value()) {
            return "one compiles: " + what + render_text(left.diagnostics) + render_text(right.diagnostics);
        }
        if (left.plan && !(*left.plan == *right.plan)) return "plans differ: " + what;
    }
    return {};
}

// Empty when the processed config means the same and processes to itself.
std::string process_difference(const std::string& config, const OrbSource& orbs = {}) {
    for (const auto& [branch, tag] : refs) {
        const CompileInput input{.file = "config.yml", .branch = branch, .tag = tag, .orbs = orbs};
        const auto once = process(config, input);
        auto plan = compile(config, input).plan;
        if (once.text.has_value() != plan.has_value()) return "only one of process and compile gave something";
        if (!plan) continue;
        const auto again = process(*once.text, input);
        if (again.text != once.text) return "not itself: " + *once.text + render_text(again.diagnostics);
        const auto same = compile(*once.text, input).plan;
        // A workflow whose condition does not hold is not in the text, and its schedules are not, either.
        std::erase_if(plan->schedules, [&](const auto& one) {
            return same && std::find(same->schedules.begin(), same->schedules.end(), one) == same->schedules.end();
        });
        if (!(same == plan)) return "another plan: " + config + "\n----\n" + *once.text;
    }
    return {};
}

std::string said(const std::string& problem) {
    if (!problem.empty()) RC_LOG() << problem;
    return problem.empty() ? "" : "different";
}

void shuffle_keys(Yaml& value) {
    for (std::size_t i = value.keys.size(); i > 1; --i) {
        const auto other = static_cast<std::size_t>(draw(0, static_cast<int>(i) - 1));
        std::swap(value.keys[i - 1], value.keys[other]);
        std::swap(value.items[i - 1], value.items[other]);
    }
    // The order of variables is theirs, and jobs run in the order of the workflows.
    static const std::set<std::string> ordered{"environment", "workflows"};
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (value.kind == Yaml::Kind::list) {
            shuffle_keys(value.items[i]);
        } else if (value.keys[i] == "workflows") {
            for (Yaml& workflow : value.items[i].items) shuffle_keys(workflow);
        } else if (!ordered.contains(value.keys[i])) {
            shuffle_keys(value.items[i]);
        }
    }
}

// --- properties -----------------------------------------------------------------------------------------------------

RC_GTEST_PROP(Properties, random_configs_compile, ()) {
    const std::string config = write_yaml(any_config());
    const auto result = compiled(config, "main", "");
    if (!result.plan) RC_LOG() << config << render_text(result.diagnostics);
    RC_ASSERT(result.plan.has_value());
}

RC_GTEST_PROP(Properties, processing_keeps_the_plan_and_is_done_once, ()) {
    RC_ASSERT(said(process_difference(write_yaml(any_config()))) == "");
}

RC_GTEST_PROP(Properties, order_of_keys_means_nothing_but_where_it_is_an_order, ()) {
    Yaml config = any_config();
    const std::string before = write_yaml(config);
    shuffle_keys(config);
    RC_ASSERT(said(difference(before, write_yaml(config))) == "");
}

// The same config with anchors of some name, or with everything written out.
std::string with_anchors(const std::optional<std::string>& name, const std::string& command, const std::string& key) {
    const std::string environment = "{A: '1', " + key + ": x}";
    const std::string step = "{run: " + command + "}";
    const auto first = [&](const std::string& part, const std::string& value) {
        return name ? "&" + *name + part + " " + value : value;
    };
    const auto again = [&](const std::string& part, const std::string& value) {
        return name ? "*" + *name + part : value;
    };
    const std::string merged = name ? "{<<: *" + *name + "e, A: '2'}" : "{A: '2', " + key + ": x}";
    return "version: 2.1\njobs:\n  a:\n    docker: [{image: i}]\n    environment: " + first("e", environment) +
           "\n    steps:\n      - " + first("s", step) + "\n      - " + again("s", step) +
           "\n  b:\n    machine: true\n    environment: " + merged + "\n    steps: " + first("l", "[checkout]") +
           "\n  c: {machine: true, steps: " + again("l", "[checkout]") + "}\nworkflows:\n  w:\n    jobs: [a, b, c]\n";
}

RC_GTEST_PROP(Properties, anchors_are_names_and_nothing_more, ()) {
    const auto command = one_of<std::string>({"echo x", "'a: b'", "'<<EOF'", "\"a\\nb\""});
    const auto key = one_of<std::string>({"B", "LONG_NAME"});
    const std::string inlined = with_anchors(std::nullopt, command, key);
    const auto name = one_of<std::string>({"x", "a-b", "Z9_", "run"});
    const std::string named = with_anchors(name, command, key);
    for (const auto& [branch, tag] : refs) {
        const auto left = compiled(inlined, branch, tag);
        const auto right = compiled(named, branch, tag);
        RC_ASSERT((left.plan.has_value() && right.plan.has_value()));
        RC_ASSERT(left.plan->jobs.size() == (tag.empty() ? 3U : 0U));  // without filters nothing runs for a tag
        RC_ASSERT(*left.plan == *right.plan);
    }
}

// `value` as an argument of a command whose steps have it within other text.
std::string with_argument(const std::string& value) {
    Yaml run = only("name", text("say << parameters.p >>!")).set("command", text("echo '<< parameters.p >>' end"));
    run.set("environment", only("V", text("[<< parameters.p >>")));
    Yaml command = only("parameters", only("p", parameter("string")));
    command.set("steps", Yaml::list().add(only("run", std::move(run))));
    Yaml job = only("machine", word(true));
    job.set("steps", Yaml::list().add(text("checkout")).add(only("c", only("p", text(value)))));
    Yaml config = only("version", Yaml::of_word("2.1")).set("commands", only("c", std::move(command)));
    return write_yaml(config.set("jobs", only("build", std::move(job))));
}

RC_GTEST_PROP(Properties, an_argument_within_text_stays_text, ()) {
    const auto part = rc::gen::element<std::string>("a", ": ", "- ", "\n", "#", " #", "{", "]", "'", "\"", "\\", "<<",
                                                    ">>", "  ", "run: x", "&a", "*a", "\t", "1");
    std::string value;
    for (const std::string& one : *rc::gen::container<std::vector<std::string>>(part)) value += one;
    RC_PRE(value.find(">>") == std::string::npos || value.find("<<") == std::string::npos);  // not a reference itself
    RC_PRE(value.find("\\<<") == std::string::npos);                                         // an escape
    const auto result = compiled(with_argument(value), "main", "");
    if (!result.plan) RC_LOG() << with_argument(value) << render_text(result.diagnostics);
    RC_ASSERT(result.plan.has_value());
    const auto& steps = result.plan->jobs.at(0).steps;
    RC_ASSERT(steps.size() == 2U);
    const RunStep expected{
        .name = "say " + value + "!", .command = "echo '" + value + "' end", .environment = {{"V", "[" + value}}};
    RC_ASSERT(std::get<RunStep>(steps[1]) == expected);
}

TEST(Properties, processing_keeps_the_plans_of_real_configs) {
    const auto corpus = test::source_dir / ".." / "shared" / "corpus";
    const auto files = test::yaml_files(corpus);
    if (files.empty()) GTEST_SKIP() << "needs " << corpus << ": the real configs are not part of the repository";
    for (const auto& file : files) {
        EXPECT_EQ(process_difference(test::contents(file), test::stubs_in(test::golden_dir / "orbs")), "") << file;
    }
}

TEST(Properties, an_argument_that_is_the_whole_value_brings_its_structure) {
    const auto plan = test::plan_of(R"(version: 2.1
jobs:
  build:
    parameters: {s: {type: steps, default: [checkout, {run: a}]}}
    machine: true
    steps: [{steps: << parameters.s >>}, checkout]
)");
    EXPECT_EQ(plan.jobs.at(0).steps.size(), 3U);
}

}  // namespace
}  // namespace gyre::config

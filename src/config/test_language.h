#pragma once

// For tables of small configs and what becomes of them, in one text: the plan, a line a job; or, when there is none,
// the errors.

#include "config/test_support.h"

namespace gyre::config::test {

inline std::string step_text(const Step& step) {
    const auto* run = std::get_if<RunStep>(&step);
    return run != nullptr ? run->command
                          : "(" + std::visit([](const auto& one) { return std::string(one.kind); }, step) + ")";
}

inline std::string where_text(const JobSpec& job) {
    const auto* docker = std::get_if<DockerExecutor>(&job.executor);
    if (docker == nullptr) return "machine";
    std::string text;
    for (const ContainerSpec& one : docker->containers) text += (text.empty() ? "" : "+") + one.image;
    return text;
}

// "3:5 unknown-key: ...": the errors alone.
inline std::string errors_of(const CompileResult& result) {
    std::string lines;
    for (const Diagnostic& one : result.diagnostics) {
        if (one.severity == Severity::warning) continue;
        lines += std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " +
                 std::string(name_of(one.code)) + ": " + one.message + "\n";
    }
    return lines;
}

// "test<build: echo a | echo b": of each job its name, what it requires, and its steps.
inline std::string steps_text(const CompileResult& result) {
    if (!result.plan) return errors_of(result);
    std::string lines;
    for (const PlannedWorkflow& workflow : result.plan->workflows) {
        for (const PlannedJob& job : workflow.jobs) {
            lines += job.name;
            for (std::size_t i = 0; i < job.requires_.size(); ++i) lines += (i == 0 ? "<" : ",") + job.requires_[i];
            lines += ":";
            if (job.spec < 0) lines += " " + std::string(name_of(job.type));
            if (job.spec >= 0) {
                bool first = true;
                for (const Step& step : result.plan->jobs.at(static_cast<std::size_t>(job.spec)).steps) {
                    lines += (first ? " " : " | ") + step_text(step);
                    first = false;
                }
            }
            lines += "\n";
        }
    }
    return lines;
}

// "build: cimg/base:stable, large, ~/project, A=1 B=2": of each job where it runs and with what.
inline std::string places_text(const CompileResult& result) {
    if (!result.plan) return errors_of(result);
    std::string lines;
    for (const PlannedWorkflow& workflow : result.plan->workflows) {
        for (const PlannedJob& planned : workflow.jobs) {
            if (planned.spec < 0) continue;
            const JobSpec& job = result.plan->jobs.at(static_cast<std::size_t>(planned.spec));
            lines += planned.name + ": " + where_text(job);
            if (!job.resource_class.empty()) lines += ", class " + job.resource_class;
            if (!job.shell.empty()) lines += ", shell " + job.shell;
            if (job.working_directory != "~/project") lines += ", in " + job.working_directory;
            if (job.parallelism != 1) lines += ", " + std::to_string(job.parallelism) + " times";
            for (const EnvVar& one : job.environment) lines += ", " + one.name + "=" + one.value;
            if (!planned.unavailable.empty()) lines += ", unavailable: " + planned.unavailable;
            lines += "\n";
        }
    }
    return lines;
}

inline CompileResult compile_2_1(const std::string& body) { return compile_on("version: 2.1\n" + body, "main"); }

// A row of a table: what it shows, the config below its version, and the text that it gives.
struct LanguageRow {
    const char* what;
    std::string yaml;
    std::string gives;
};

inline void expect_steps(const std::vector<LanguageRow>& table) {
    for (const auto& row : table)
        EXPECT_EQ(steps_text(compile_2_1(row.yaml)), row.gives) << row.what << "\n" << row.yaml;
}

inline void expect_places(const std::vector<LanguageRow>& table) {
    for (const auto& row : table)
        EXPECT_EQ(places_text(compile_2_1(row.yaml)), row.gives) << row.what << "\n" << row.yaml;
}

// A job `build` on a machine, with these steps in brackets.
inline std::string build(const std::string& steps) { return "jobs: {build: {machine: true, steps: " + steps + "}}\n"; }

}  // namespace gyre::config::test

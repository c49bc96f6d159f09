#pragma once

// For the tests of this module: a config as text in, its plan or its complaints out.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/compile.h"
#include "config/render.h"

namespace gyre::config::test {

inline CompileResult compile_on(std::string_view text, const std::string& branch, const std::string& tag = "") {
    return compile(text, {.file = "config.yml", .branch = branch, .tag = tag});
}

// One line each: "3:5 unknown-key: unknown key 'x' in a job". Warnings start with "warning ".
inline std::string complaints(std::string_view text, const std::string& branch = "main") {
    std::string lines;
    for (const Diagnostic& one : compile_on(text, branch).diagnostics) {
        if (one.severity == Severity::warning) lines += "warning ";
        lines += std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " +
                 std::string(name_of(one.code)) + ": " + one.message + "\n";
    }
    return lines;
}

// The plan of a config that must compile.
inline Plan plan_of(std::string_view text, const std::string& branch = "main", const std::string& tag = "") {
    const CompileResult result = compile_on(text, branch, tag);
    EXPECT_TRUE(result.plan.has_value()) << render_text(result.diagnostics);
    return result.plan.value_or(Plan{});
}

// A job `build` with the given keys, each line indented by four columns.
inline std::string job(const std::string& body) { return "version: 2\njobs:\n  build:\n" + body; }

// A job `build` in docker whose steps are the given lines, each indented by six columns.
inline std::string steps(const std::string& body) {
    return job("    docker: [{image: cimg/base}]\n    steps:\n" + body);
}

// The jobs a, b, c and d, and one workflow `w` whose jobs are the given lines, each indented by six columns.
inline std::string workflow(const std::string& jobs) {
    std::string text = "version: 2\njobs:\n";
    for (const char* name : {"a", "b", "c", "d"}) {
        text += "  " + std::string(name) + ": {docker: [{image: i}], steps: [checkout]}\n";
    }
    return text + "workflows:\n  version: 2\n  w:\n    jobs:\n" + jobs;
}

// "a b<a c<a,b": the jobs of the first workflow with what they require.
inline std::string shape_of(const Plan& plan) {
    std::string text;
    if (plan.workflows.empty()) return text;
    for (const PlannedJob& one : plan.workflows.front().jobs) {
        text += (text.empty() ? "" : " ") + one.name;
        for (std::size_t i = 0; i < one.requires_.size(); ++i) text += (i == 0 ? "<" : ",") + one.requires_[i];
    }
    return text;
}

}  // namespace gyre::config::test

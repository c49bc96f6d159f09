// `when` and `unless` of steps and workflows, and expressions of filters (config-language.md section 9).

#include "config/test_language.h"

namespace gyre::config::test {
namespace {

TEST(Conditions, are_true_or_false_by_their_values) {
    const std::vector<std::pair<const char*, bool>> table{
        {"true", true},
        {"yes", true},
        {"false", false},
        {"'false'", true},
        {"''", false},
        {"0", false},
        {".nan", false},
        {".NaN", false},
        {"'.nan'", true},
        {"{not: .nan}", true},
        {"1", true},
        {"text", true},
        {"~", false},
        {"{not: true}", false},
        {"{not: ''}", true},
        {"{and: [1, 2]}", true},
        {"{and: [1, 0]}", false},
        {"{or: [0, 1]}", true},
        {"{or: [0, '']}", false},
        {"{equal: [1, 1, 1]}", true},
        {"{equal: [1, 2]}", false},
        {"{equal: [1, '1']}", false},
        {"{equal: [true, yes]}", true},
        {"{equal: [a, a]}", true},
        {"{equal: [[a, b], [a, b]]}", true},
        {"{equal: [[], [a]]}", false},
        {"{equal: [{a: 1}, {a: 1}]}", true},
        {"{equal: [{a: 1}, a]}", false},
        {"{equal: [{a: 1, b: 2}, {b: 2, a: 1}]}", true},
        {"{equal: [{a: 1, b: 2}, {b: 1, a: 2}]}", false},
        {"{equal: [{a: 1}, {a: 1, b: 2}]}", false},
        {"{equal: [9007199254740993, 9007199254740992]}", false},
        {"{equal: [5., 5]}", true},
        {"{equal: [main, << pipeline.git.branch >>]}", true},
        {"{matches: {pattern: '^ma.*', value: << pipeline.git.branch >>}}", true},
        {"{matches: {pattern: 'ma', value: << pipeline.git.branch >>}}", false},
        {"{and: [{or: [0, 1]}, {not: {equal: [a, b]}}]}", true},
        {"<< pipeline.git.tag >>", false},
        {"<< pipeline.git.branch >>", true},
        {"'<< pipeline.parameters.flag >>'", false},
        {"<< pipeline.parameters.flag >> ", false},
        {"x<< pipeline.parameters.flag >>", true},
    };
    const std::string parameters = "parameters: {flag: {type: boolean, default: false}}\n";
    for (const auto& [condition, holds] : table) {
        const std::string text = condition;
        const std::string steps = "[{run: a}, {when: {condition: " + text +
                                  ", steps: [{run: b}]}}, {unless: {condition: " + text + ", steps: [{run: c}]}}]";
        EXPECT_EQ(steps_text(compile_2_1(parameters + build(steps))), holds ? "build: a | b\n" : "build: a | c\n")
            << text;
    }
}

TEST(Conditions, of_steps_nest_and_choose_at_compile_time) {
    expect_steps({
        {"by a parameter",
         "commands:\n  c:\n    parameters: {deep: {type: boolean, default: false}}\n    steps: [{when: {condition: << "
         "parameters.deep >>, steps: [{run: deep}, {unless: {condition: << parameters.deep >>, steps: [{run: "
         "never}]}}]}}]\n" +
             build("[{c: {deep: true}}, c]"),
         "build: deep\n"},
        {"whether steps were given",
         "commands:\n  c:\n    parameters: {more: {type: steps, default: []}}\n    steps: [{when: {condition: << "
         "parameters.more >>, steps: [{run: some}]}}]\n" +
             build("[c, {c: {more: [checkout]}}]"),
         "build: some\n"},
        {"where an executor was given",
         "executors: {e: &e {machine: true}}\njobs:\n  build:\n    parameters: {on: {type: executor, default: e}}\n    "
         "executor: << "
         "parameters.on >>\n    steps: [{when: {condition: {equal: [e, << parameters.on >>]}, steps: [{run: e}]}}, "
         "{when: "
         "{condition: {equal: [*e, << parameters.on >>]}, steps: [{run: f}]}}]\n",
         "build: e\n"},
    });
}

TEST(Conditions, within_text_are_sections) {
    const auto command = [](const std::string& text, const char* yes) {
        const Plan plan = plan_of(
            "version: 2.1\njobs:\n  build:\n    parameters: {yes: {type: boolean, default: " + std::string(yes) +
            "}, no: {type: boolean, default: false}}\n    machine: true\n" + "    steps: [{run: '" + text + "'}]\n");
        return std::get<RunStep>(plan.jobs.at(0).steps.at(0)).command;
    };
    EXPECT_EQ(command("bash<<# parameters.yes >>.exe<</ parameters.yes >> x", "true"), "bash.exe x");
    EXPECT_EQ(command("bash<<# parameters.yes >>.exe<</ parameters.yes >> x", "false"), "bash x");
    EXPECT_EQ(command("a<<^ parameters.yes >>b<</ parameters.yes >>", "false"), "ab");
    EXPECT_EQ(command("<<# parameters.yes >>a<<# parameters.no >>b<</ parameters.no >>c<</ parameters.yes >>", "true"),
              "ac");
    const auto wrong = [](const std::string& text) {
        return complaints("version: 2.1\njobs:\n  build:\n    parameters: {p: {type: boolean, default: true}}\n" +
                          std::string("    machine: true\n    steps: [{run: '") + text + "'}]\n");
    };
    EXPECT_EQ(wrong("<<# parameters.p >>a"),
              "6:24 bad-expression: '<<# parameters.p >>' has no '<</ parameters.p >>'\n");
    EXPECT_EQ(wrong("a<</ parameters.p >>"),
              "6:25 bad-expression: '<</ parameters.p >>' ends no section that is open here\n");
    EXPECT_EQ(wrong("<<# parameters.q >>a<</ parameters.q >>"),
              "6:24 unknown-parameter: the job 'build' declares no parameter 'q'\n");
}

TEST(Conditions, that_are_wrong_have_a_place) {
    const auto when = [](const std::string& condition) {
        return build("[{when: {condition: " + condition + ", steps: [checkout]}}]");
    };
    expect_steps({
        {"nothing to look at", when("{and: []}"), "2:64 bad-value: 'and' has nothing to look at\n"},
        {"two statements", when("{not: 1, or: [1]}"),
         "2:58 several-conditions: a condition is one statement; this has 2\n"},
        {"a misspelled statement", when("{eqal: [1]}"), "2:59 unknown-key: 'eqal' is no statement of a condition\n"},
        {"a list", when("[1]"),
         "2:58 wrong-type: a condition must be text or true or false or a mapping, not a list\n"},
        {"a list within what is given",
         "commands:\n  c:\n    parameters: {s: {type: steps}}\n    steps: [{steps: << parameters.s >>}]\n" +
             build("[{c: {s: [{when: {condition: [1], steps: [checkout]}}]}}]"),
         "6:67 wrong-type: a condition must be text or true or false or a mapping, not a list\n"},
        {"an expression without marks", when("pipeline.git.branch == 'main'"),
         "2:58 bad-value: here an expression stands between '<<' and '>>'; without them this is text, which is always "
         "true\n"},
        {"one within a statement", when("{not: pipeline.git.tag}"),
         "2:64 bad-value: here an expression stands between '<<' and '>>'; without them this is text, which is always "
         "true\n"},
        {"no list where one is needed", when("{or: 1}"), "2:63 wrong-type: 'or' must be a list, not a number\n"},
        {"a pattern that is none", when("{matches: {pattern: '(', value: a}}"),
         "2:78 bad-pattern: not a regular expression: missing closing parenthesis at character 2 of '('\n"},
        {"no condition", build("[{when: {steps: [checkout]}}]"), "2:40 missing-key: `when` needs 'condition'\n"},
        {"no steps", build("[{when: {condition: true}}]"), "2:40 missing-key: `when` needs 'steps'\n"},
        {"a mistake in steps that are not taken", build("[{when: {condition: false, steps: [checkuot]}}]"),
         "2:73 unknown-step: no step or command is called 'checkuot'\n"},
    });
    EXPECT_EQ(complaints("version: 2.1\n" + when("{and: [1, when: always]}")),
              "warning 2:68 unknown-key: 'when' is no statement of a condition and counts as true\n");
    EXPECT_EQ(complaints("version: 2.1\n" + when("'false'")),
              "warning 2:58 bad-value: the condition 'false' is text, and text is always true\n");
    EXPECT_EQ(complaints("version: 2.1\n" + when("<< pipeline.git.branch >>")), "");
    EXPECT_EQ(complaints("version: 2.1\n" + when("x<< pipeline.git.branch >>")), "");
}

std::string workflow(const std::string& keys) {
    return "parameters: {flag: {type: boolean, default: true}, s: {type: string, default: x}}\n" + build("[checkout]") +
           "workflows: {w: {jobs: [build], " + keys + "}}\n";
}

TEST(Conditions, of_workflows_decide_what_runs) {
    const std::string runs = "build: (checkout)\n";
    expect_steps({
        {"when", workflow("when: << pipeline.parameters.flag >>"), runs},
        {"unless", workflow("unless: << pipeline.parameters.flag >>"), ""},
        {"a statement", workflow("when: {equal: [<< pipeline.git.branch >>, main]}"), runs},
        {"an expression", workflow("when: pipeline.git.branch == \"main\" and pipeline.parameters.flag"), runs},
        {"one that does not hold", workflow("when: pipeline.git.branch starts-with \"release/\""), ""},
        {"a tag that is not there", workflow("when: pipeline.git.tag"), ""},
        {"a pattern", workflow("when: pipeline.git.branch matches /^ma.*$/"), runs},
        {"empty text", workflow("when: ''"), ""},
        {"what is no number", workflow("when: .nan"), ""},
        {"both keys", workflow("when: true, unless: false"),
         "4:44 several-conditions: a workflow has either 'when' or 'unless', not both\n"},
        {"an expression that is none", workflow("when: pipeline.git.branch =="),
         "4:38 bad-expression: the expression ends too early\n"},
        {"an unknown value", workflow("when: pipeline.git.brnch"),
         "4:38 unknown-reference: there is no pipeline value 'pipeline.git.brnch'\n"},
        {"of two equal texts, the one that is a reference",
         "jobs: {build: {machine: true, steps: [run: \"pipeline.z << pipeline.z >>\"]}}\n",
         "2:59 unknown-reference: there is no pipeline value 'pipeline.z'\n"},
    });
}

TEST(Conditions, of_workflows_leave_what_they_skip_checked) {
    const std::string text = "version: 2.1\n" + build("[checkout]");
    EXPECT_EQ(complaints(text + "workflows: {w: {when: false, jobs: [biuld]}, v: {jobs: [build]}}\n"),
              "warning 3:37 unknown-job: no job 'biuld' in 'jobs'\n");
    EXPECT_EQ(complaints(text + "workflows: {w: {when: false, jobs: [build: {requires: [x]}]}}\n"),
              "warning 3:56 unknown-requirement: no job 'x' in this workflow\n");
    EXPECT_EQ(complaints("version: 2.1\njobs: {build: {machine: true, resource_class: big, steps: [checkout]}}\n"
                         "workflows: {w: {when: false, jobs: [build]}, v: {jobs: [build]}}\n"),
              "2:47 unknown-resource-class: machine jobs have no resource class 'big'\n");
}

TEST(Conditions, of_filters_alone_decide) {
    const auto filtered = [](const std::string& filter) {
        return build("[checkout]") + "workflows: {w: {jobs: [build: {filters: " + filter + "}]}}\n";
    };
    expect_steps({
        {"one that holds", filtered("pipeline.git.branch == \"main\""), "build: (checkout)\n"},
        {"one that does not", filtered("pipeline.git.branch != \"main\""), ""},
        {"a tag alone on a branch", filtered("pipeline.git.tag matches /^v.*/"), ""},
        {"either", filtered("pipeline.git.branch or pipeline.git.tag"), "build: (checkout)\n"},
        {"a mistake", filtered("pipeline.git.branch = 1"),
         "3:61 bad-expression: '=' is not an operator of expressions\n"},
    });
}

}  // namespace
}  // namespace gyre::config::test

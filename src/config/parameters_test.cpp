// `parameters` and what `<< >>` makes of them (config-language.md section 9).

#include "config/test_language.h"

namespace gyre::config::test {
namespace {

// A job with the parameter `p` of that definition, whose workflow gives `argument`, and whose step is `run`.
std::string with_parameter(const std::string& definition, const std::string& argument,
                           const std::string& run = "echo << parameters.p >>") {
    return "executors: {box: {machine: true}}\njobs:\n  build:\n    parameters: {p: {" + definition +
           "}}\n    machine: true\n    steps: [{run: '" + run + "'}]\nworkflows: {w: {jobs: [build: {p: " + argument +
           "}]}}\n";
}

TEST(Parameters, take_what_their_type_allows) {
    const std::vector<LanguageRow> table{
        {"type: string", "text", "text"},
        {"type: string", "'3.10'", "3.10"},
        {"type: string", "'yes'", "yes"},
        {"type: string", "''", ""},
        {"type: string", "1.2.3", "1.2.3"},
        {"type: string", "2020-01-02", "2020-01-02"},
        {"type: boolean", "yes", "true"},
        {"type: boolean", "Off", "false"},
        {"type: boolean", "TRUE", "true"},
        {"type: integer", "12", "12"},
        {"type: integer", "-3", "-3"},
        {"type: enum, enum: [a, b, '3.10']", "b", "b"},
        {"type: enum, enum: [a, b, '3.10']", "3.10", "3.10"},
        {"type: enum, enum: [1, 2]", "2", "2"},
        {"type: env_var_name", "MY_TOKEN1", "MY_TOKEN1"},
        {"type: executor", "box", "box"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(steps_text(compile_2_1(with_parameter(row.what, row.yaml))), "build: echo " + row.gives + "\n")
            << row.what << " " << row.yaml;
    }
}

TEST(Parameters, refuse_what_their_type_does_not_allow) {
    const std::vector<LanguageRow> table{
        {"type: string", "3.8", "is of type string, not a number"},
        {"type: string", "true", "is of type string, not true or false"},
        {"type: string", "[a]", "is of type string, not a list"},
        {"type: string", "{a: b}", "is of type string, not a mapping"},
        {"type: boolean", "maybe", "is of type boolean, not text"},
        {"type: boolean", "1", "is of type boolean, not a number"},
        {"type: integer", "1.5", "is of type integer, not a number"},
        {"type: integer", "'1'", "is of type integer, not text"},
        {"type: integer", "many", "is of type integer, not text"},
        {"type: env_var_name", "1A", "is of type env_var_name, not text"},
        {"type: env_var_name", "'A B'", "is of type env_var_name, not text"},
        {"type: executor", "[box]", "is of type executor, not a list"},
        {"type: steps", "checkout", "is of type steps, not text"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(steps_text(compile_2_1(with_parameter(row.what, row.yaml, "true"))),
                  "8:35 wrong-argument: the parameter 'p' " + row.gives + "\n")
            << row.what << " " << row.yaml;
    }
    EXPECT_EQ(steps_text(compile_2_1(with_parameter("type: enum, enum: [small, large]", "smal"))),
              "8:35 wrong-argument: 'smal' is none of the values of the parameter 'p'\n");
}

TEST(Parameters, are_defined_as_the_language_says) {
    const auto defined = [](const std::string& text) { return "parameters: " + text + "\n" + build("[checkout]"); };
    expect_steps({
        {"one of the pipeline needs a default", defined("{a: {type: string}}"),
         "2:14 bad-parameter: the pipeline parameter 'a' needs a 'default'\n"},
        {"what is no definition needs nothing more", defined("{a: string}"),
         "2:17 wrong-type: a parameter must be a mapping, not text\n"},
        {"no sign twice", defined("{a: {type: integer, default: +-5}}"),
         "2:42 wrong-argument: the parameter 'a' is of type integer, not text\n"},
        {"and is of a simple type", defined("{a: {type: steps, default: []}}"),
         "2:24 bad-parameter: a pipeline parameter cannot be of type 'steps'\n"},
        {"a type is needed", defined("{a: {default: x}}"), "2:14 missing-key: a parameter needs 'type'\n"},
        {"that exists", defined("{a: {type: text, default: x}}"),
         "2:24 bad-parameter: 'text' is no type of a parameter\n"},
        {"an enum needs its values", defined("{a: {type: enum, default: x}}"),
         "2:14 bad-parameter: the parameter 'a' of type enum needs the list 'enum'\n"},
        {"the default is one of them", defined("{a: {type: enum, enum: [b], default: c}}"),
         "2:50 wrong-argument: 'c' is none of the values of the parameter 'a'\n"},
        {"the default is of the type", defined("{a: {type: integer, default: many}}"),
         "2:42 wrong-argument: the parameter 'a' is of type integer, not text\n"},
        {"names begin with a letter", defined("{1a: {type: string, default: x}}"),
         "2:14 bad-parameter: '1a' cannot be the name of a parameter\n"},
        {"no other keys", defined("{a: {type: string, default: x, extra: 1}}"),
         "2:44 unknown-key: unknown key 'extra' in a parameter\n"},
        {"what a workflow's entry says about a job is no parameter of it",
         "jobs: {build: {parameters: {name: {type: string, default: x}}, machine: true, steps: [checkout]}}\n",
         "2:29 reserved-name: a job's parameter cannot be called 'name': in a workflow that key means something "
         "else\n"},
        {"but of a command it may be one",
         "commands: {c: {parameters: {name: {type: string}}, steps: [{run: << parameters.name >>}]}}\n" +
             build("[{c: {name: x}}]"),
         "build: x\n"},
    });
}

TEST(Parameters, of_type_string_take_what_the_pipeline_says_as_text) {
    const std::string text =
        "version: 2.1\ncommands: {c: {parameters: {n: {type: string}}, steps: [{run: << parameters.n >>}]}}\n" +
        build("[{c: {n: << pipeline.number >>}}, {c: {n: << pipeline.number == 5 >>}}]");
    const auto result = compile(text, {.file = "c.yml", .branch = "main", .values = {{"number", std::int64_t{5}}}});
    EXPECT_EQ(steps_text(result), "build: 5 | true\n");
    EXPECT_EQ(complaints("version: 2.1\nparameters: {n: {type: integer, default: 5}}\ncommands: {c: {parameters: {n: "
                         "{type: string}}, steps: [{run: << parameters.n >>}]}}\n" +
                         build("[{c: {n: << pipeline.parameters.n >>}}]")),
              "2:42 wrong-argument: the parameter 'n' is of type string, not a number\n");
}

TEST(Parameters, of_the_pipeline_are_given_by_the_trigger) {
    const std::string text =
        "version: 2.1\nparameters:\n  s: {type: string, default: d}\n  b: {type: boolean, default: no}\n"
        "  i: {type: integer, default: 1}\n  e: {type: enum, enum: [x, y], default: x}\n" +
        build(
            "[{run: << pipeline.parameters.s >> << pipeline.parameters.b >> << pipeline.parameters.i "
            ">> << pipeline.parameters.e >>}]");
    const auto given = [&](std::map<std::string, Scalar, std::less<>> parameters) {
        return steps_text(compile(text, {.file = "c.yml", .branch = "main", .parameters = std::move(parameters)}));
    };
    EXPECT_EQ(given({}), "build: d false 1 x\n");
    EXPECT_EQ(given({{"s", "3.10"}, {"b", true}, {"i", std::int64_t{7}}, {"e", "y"}}), "build: 3.10 true 7 y\n");
    EXPECT_EQ(given({{"b", "no"}}),
              "4:3 wrong-argument: the trigger gives 'no' for the parameter 'b', which is of type boolean\n");
    EXPECT_EQ(given({{"e", "z"}}),
              "6:3 wrong-argument: the trigger gives 'z' for the parameter 'e', which is of type enum\n");
    EXPECT_EQ(given({{"s", true}}),
              "3:3 wrong-argument: the trigger gives 'true' for the parameter 's', which is of type string\n");
    EXPECT_EQ(given({{"t", "x"}}),
              "2:1 unknown-argument: the config declares no pipeline parameter 't', which was given\n");
}

TEST(References, keep_the_type_of_what_stands_alone) {
    const auto job = [](const std::string& run) {
        return "jobs:\n  build:\n    parameters: {flag: {type: boolean, default: yes}, n: {type: integer, default: 3}, "
               "text: "
               "{type: string, default: '3.10'}}\n    machine: true\n    parallelism: << parameters.n >>\n    steps: "
               "[{run: " +
               run + "}]\n";
    };
    const CompileResult result =
        compile_2_1(job("{command: '<< parameters.text >>', background: << parameters.flag >>}"));
    EXPECT_EQ(steps_text(result), "build: 3.10\n");
    EXPECT_EQ(places_text(result), "build: machine, 3 times\n");
    EXPECT_TRUE(std::get<RunStep>(result.plan->jobs.at(0).steps.at(0)).background);
    EXPECT_EQ(steps_text(compile_2_1(job("{command: a, background: x<< parameters.flag >>}"))),
              "7:44 wrong-type: 'background' must be true or false, not text\n");
}

TEST(References, are_put_into_text) {
    const auto command = [](const std::string& text) {
        return "jobs:\n  build:\n    parameters: {v: {type: string, default: a}, b: {type: boolean, default: on}}\n    "
               "machine: "
               "true\n    steps:\n      - run: |\n          " +
               text + "\n";
    };
    expect_steps({
        {"anywhere", command("x<<parameters.v>>y << parameters.v >>"), "build: xay a\n\n"},
        {"booleans as words", command("<< parameters.b >>!"), "build: true!\n\n"},
        {"a here-document is none", command("cat <<EOF >> << parameters.v >>"), "build: cat <<EOF >> a\n\n"},
        {"behind a backslash it is text", command("\\<< parameters.v >>"), "build: << parameters.v >>\n\n"},
        {"behind two there is one, and the value", command("\\\\<< parameters.v >>"), "build: \\a\n\n"},
        {"one that does not end on its line", command("<< parameters.v\"\n          cat <<< x >> out"),
         "8:14 bad-expression: this reference has no '>>' on its line\n"},
        {"in a job without parameters, too", build("[{run: << parameters.v >>}]"),
         "2:48 unknown-parameter: the job 'build' declares no parameter 'v'\n"},
        {"unknown ones are mistakes", command("<< parameters.w >>"),
         "8:14 unknown-parameter: the job 'build' declares no parameter 'w'\n"},
        {"also of other kinds", command("<< pipelin.number >>"),
         "8:14 unknown-reference: 'pipelin.number' refers to nothing\n"},
    });
}

TEST(References, mean_the_pipeline_anywhere) {
    const std::string text =
        "version: 2.1\njobs:\n  build:\n    machine: true\n    environment: {N: << pipeline.number >>, T: << "
        "pipeline.git.tag "
        ">>, B: b-<< pipeline.git.branch >>}\n    steps: [checkout]\n";
    EXPECT_EQ(places_text(compile(text, {.branch = "main", .values = {{"number", std::int64_t{12}}}})),
              "build: machine, N=12, T=, B=b-main\n");
    EXPECT_EQ(steps_text(compile_2_1(build("[{run: << pipeline.numbr >>}]"))),
              "2:48 unknown-reference: there is no pipeline value 'pipeline.numbr'\n");
}

}  // namespace
}  // namespace gyre::config::test

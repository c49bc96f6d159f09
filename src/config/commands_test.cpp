// `commands`: called as steps, with parameters of their own (config-language.md sections 5 and 9).

#include "config/test_language.h"

namespace gyre::config::test {
namespace {

const std::string greet = R"(commands:
  greet:
    parameters: {who: {type: string, default: you}, loud: {type: boolean, default: false}}
    steps: [{run: echo << parameters.who >> << parameters.loud >>}]
)";

TEST(Commands, stand_for_their_steps) {
    expect_steps({
        {"by name alone, with its defaults", greet + build("[greet]"), "build: echo you false\n"},
        {"with arguments", greet + build("[{greet: {who: me, loud: true}}]"), "build: echo me true\n"},
        {"with nothing below its name", greet + build("[{greet: }]"), "build: echo you false\n"},
        {"in place, in order", greet + build("[{run: a}, greet, {run: b}]"), "build: a | echo you false | b\n"},
        {"twice, each with its own arguments", greet + build("[{greet: {who: a}}, {greet: {who: b}}]"),
         "build: echo a false | echo b false\n"},
        {"called by a command that is defined later",
         "commands:\n  a: {steps: [{run: 1}, b]}\n  b: {steps: [{run: 2}]}\n" + build("[a]"), "build: 1 | 2\n"},
        {"in place of a built-in step", "commands: {checkout: {steps: [{run: mine}]}}\n" + build("[checkout]"),
         "build: mine\n"},
        {"without steps", "commands: {none: {steps: []}}\n" + build("[none, checkout]"), "build: (checkout)\n"},
        {"in pre-steps and post-steps",
         greet + build("[checkout]") +
             "workflows: {w: {jobs: [{build: {pre-steps: [greet], post-steps: [{greet: {who: bye}}]}}]}}\n",
         "build: echo you false | (checkout) | echo bye false\n"},
    });
}

TEST(Commands, see_their_own_parameters_only) {
    expect_steps({
        {"not those of the caller",
         "commands:\n  inner: {steps: [{run: << parameters.x >>}]}\n"
         "  outer: {parameters: {x: {type: string}}, steps: [inner]}\n" +
             build("[{outer: {x: 1a}}]"),
         "3:28 unknown-parameter: the command 'inner' declares no parameter 'x'\n"},
        {"one of the same name is another one",
         "commands:\n  inner: {parameters: {x: {type: string, default: i}}, steps: [{run: << parameters.x >>}]}\n"
         "  outer: {parameters: {x: {type: string, default: o}}, steps: [inner, {run: << parameters.x >>}]}\n" +
             build("[outer]"),
         "build: i | o\n"},
        {"handed on by name",
         "commands:\n  inner: {parameters: {x: {type: string}}, steps: [{run: << parameters.x >>}]}\n"
         "  outer: {parameters: {y: {type: string}}, steps: [{inner: {x: a << parameters.y >> b}}]}\n" +
             build("[{outer: {y: z}}]"),
         "build: a z b\n"},
        {"steps that are given mean what they mean at the caller",
         "commands:\n  wrap: {parameters: {x: {type: string, default: i}, body: {type: steps}}, steps: [{steps: << "
         "parameters.body >>}]}\n"
         "  outer: {parameters: {x: {type: string, default: o}}, steps: [{wrap: {body: [{run: << parameters.x "
         ">>}]}}]}\n" +
             build("[outer]"),
         "build: o\n"},
    });
}

TEST(Commands, take_steps) {
    const std::string wrap =
        "commands:\n  wrap: {parameters: {body: {type: steps, default: []}}, steps: [{run: '{'}, {steps: << "
        "parameters.body >>}, {run: '}'}]}\n  bare: {parameters: {body: {type: steps, default: []}}, steps: [{run: "
        "'('}, << "
        "parameters.body >>]}\n";
    expect_steps({
        {"put in where the parameter stands", wrap + build("[{wrap: {body: [checkout, {run: b}]}}]"),
         "build: { | (checkout) | b | }\n"},
        {"none by default", wrap + build("[wrap]"), "build: { | }\n"},
        {"within each other", wrap + build("[{wrap: {body: [{wrap: {body: [checkout]}}]}}]"),
         "build: { | { | (checkout) | } | }\n"},
        {"a reference alone as an item", wrap + build("[{bare: {body: [checkout]}}, bare]"),
         "build: ( | (checkout) | (\n"},
        {"a list that is written there is a mistake", build("[[checkout]]"),
         "2:39 nested-steps: a list of steps cannot be an item of 'steps'\n"},
        {"also within steps that are given", wrap + build("[{wrap: {body: [[checkout]]}}]"),
         "5:54 nested-steps: a list of steps cannot be an item of 'steps'\n"},
        {"what is no list", wrap + build("[{wrap: {body: checkout}}]"),
         "5:53 wrong-argument: the parameter 'body' is of type steps, not text\n"},
        {"`steps` takes no text", build("[{steps: checkout}]"),
         "2:47 wrong-type: `steps` puts in the value of a parameter of type steps\n"},
    });
}

TEST(Commands, mistakes_in_calls_have_a_place) {
    const std::string need =
        "commands:\n  need: {parameters: {x: {type: string}}, steps: [{run: << parameters.x >>}]}\n";
    expect_steps({
        {"no argument for what has no default", need + build("[need]"),
         "4:39 missing-argument: the command 'need' needs an argument for its parameter 'x'\n"},
        {"an argument that it does not declare", need + build("[{need: {x: a, y: b}}]"),
         "4:53 unknown-argument: the command 'need' has no parameter 'y'\n"},
        {"`when` is an argument like any other", need + build("[{need: {x: a, when: always}}]"),
         "4:53 unknown-argument: the command 'need' has no parameter 'when'\n"},
        {"text in place of arguments", need + build("[{need: a}]"),
         "4:46 wrong-type: what is given to the command 'need' must be a mapping, not text\n"},
        {"one that nobody knows", need + build("[ned]"), "4:39 unknown-step: no step or command is called 'ned'\n"},
        {"without steps", "commands: {a: {description: x}}\n" + build("[a]"),
         "2:12 missing-key: a command needs 'steps'\n"},
        {"that calls itself", "commands: {a: {steps: [b]}, b: {steps: [a]}}\n" + build("[a]"),
         "2:41 recursive-command: the command calls itself: a -> b -> a\n"},
        {"two names in one step", need + build("[{need: {x: a}, checkout: }]"),
         "4:54 several-keys: a step has exactly one key; this one has 2\n"},
    });
}

TEST(Commands, say_the_way_to_a_mistake) {
    const CompileResult result = compile_2_1(R"(commands:
  inner: {parameters: {x: {type: string}}, steps: [{run: {command: a, background: << parameters.x >>}}]}
  outer: {parameters: {y: {type: string}}, steps: [{inner: {x: << parameters.y >>}}]}
jobs:
  build:
    machine: true
    steps: [{outer: {y: maybe}}]
)");
    std::vector<std::string> way;
    for (const Note& one : result.diagnostics.at(0).notes)
        way.push_back(std::to_string(one.range.line) + " " + one.message);
    EXPECT_EQ(result.diagnostics[0].message, "'background' must be true or false, not text");
    EXPECT_EQ(way, (std::vector<std::string>{"3 put in here by << parameters.x >>",
                                             "4 in the command 'inner', called here with x: maybe",
                                             "8 in the command 'outer', called here with y: maybe"}));
}

TEST(Commands, that_nothing_calls_are_read_for_their_mistakes) {
    const std::string text =
        "version: 2.1\ncommands:\n  spare: {parameters: {x: {type: string}}, steps: [checkuot, {run: << "
        "parameters.x >>}, {run: << parameters.y >>}]}\n" +
        build("[checkout]");
    EXPECT_EQ(complaints(text),
              "warning 3:3 unused-command: nothing uses the command 'spare'\n"
              "warning 3:52 unknown-step: no step or command is called 'checkuot'\n"
              "warning 3:98 unknown-parameter: the command 'spare' declares no parameter 'y'\n");
}

}  // namespace
}  // namespace gyre::config::test

// `orbs`: inline, and from a source (config-language.md section 10).

#include "config/memory_in_test.h"
#include "config/test_language.h"

namespace gyre::config::test {
namespace {

const std::string tools = R"(orbs:
  tools:
    executors: {box: {parameters: {tag: {type: string, default: stable}}, docker: [{image: box:<< parameters.tag >>}]}}
    commands:
      say: {parameters: {what: {type: string, default: hi}}, steps: [{run: say << parameters.what >>}]}
      shout: {steps: [{say: {what: HI}}, checkout]}
      checkout: {steps: [{run: own checkout}]}
    jobs:
      talk: {parameters: {what: {type: string, default: job}}, executor: box, steps: [say: {what: <<parameters.what>>}]}
)";

TEST(Orbs, give_elements_by_their_alias) {
    expect_steps({
        {"commands", tools + build("[tools/say, {tools/say: {what: me}}]"), "build: say hi | say me\n"},
        {"whose names mean those of the orb", tools + build("[checkout, tools/shout]"),
         "build: (checkout) | say HI | own checkout\n"},
        {"jobs", tools + "workflows: {w: {jobs: [tools/talk, tools/talk: {name: x, what: y}]}}\n",
         "tools/talk: say job\nx: say y\n"},
        {"jobs that others require",
         tools + build("[checkout]") + "workflows: {w: {jobs: [tools/talk, build: {requires: [tools/talk]}]}}\n",
         "tools/talk: say job\nbuild<tools/talk: (checkout)\n"},
        {"with pre-steps of the config",
         tools + "commands: {say: {steps: [{run: mine}]}}\n"
                 "workflows: {w: {jobs: [tools/talk: {pre-steps: [say]}]}}\n",
         "tools/talk: mine | say job\n"},
        {"in a matrix", tools + "workflows: {w: {jobs: [tools/talk: {matrix: {parameters: {what: [a, b]}}}]}}\n",
         "tools/talk-a: say a\ntools/talk-b: say b\n"},
    });
    expect_places({
        {"executors", tools + "jobs: {build: {executor: tools/box, steps: [checkout]}}\n", "build: box:stable\n"},
        {"with arguments", tools + "jobs: {build: {executor: {name: tools/box, tag: x}, steps: [checkout]}}\n",
         "build: box:x\n"},
        {"of jobs in the orb", tools + "workflows: {w: {jobs: [tools/talk]}}\n", "tools/talk: box:stable\n"},
    });
}

TEST(Orbs, have_a_scope_of_their_own) {
    const auto orb = [](const std::string& step) {
        return "parameters: {p: {type: string, default: x}}\ncommands: {outer: {steps: [{run: outer}]}}\norbs: {o: "
               "{commands: {c: "
               "{steps: [" +
               step + "]}}}}\n" + build("[o/c]");
    };
    expect_steps({
        {"commands of the config are not seen", orb("outer"),
         "4:35 unknown-step: no step or command is called 'outer'\n"},
        {"nor parameters of the pipeline", orb("{run: << pipeline.parameters.p >>}"),
         "4:44 unknown-reference: an orb does not see the parameters of the pipeline\n"},
        {"but values of the pipeline", orb("{run: << pipeline.git.branch >>}"), "build: main\n"},
        {"orbs of the config are not seen either",
         "orbs:\n  a: {commands: {c: {steps: [b/c]}}}\n  b: {commands: {c: {steps: [{run: b}]}}}\n" + build("[a/c]"),
         "3:30 unknown-orb: no orb is imported as 'b'\n"},
        {"its own are",
         "orbs: {a: {orbs: {b: {commands: {c: {steps: [{run: inner}]}}}}, commands: {c: {steps: [b/c]}}}}\n" +
             build("[a/c]"),
         "build: inner\n"},
        {"which are not the config's",
         "orbs: {a: {orbs: {b: {commands: {c: {steps: [{run: inner}]}}}}}}\n" + build("[a/b/c]"),
         "3:39 unknown-command: the orb 'a' has no command 'b/c'\n"},
    });
}

TEST(Orbs, that_are_wrong_have_a_place) {
    expect_steps({
        {"a shell command with a slash is no orb",
         tools + build("['npm run lint -- src/foo', ./scripts/test.sh, bin/test.sh]"),
         "11:39 unknown-step: no step or command is called 'npm run lint -- src/foo'\n"
         "11:66 unknown-step: no step or command is called './scripts/test.sh'\n"
         "11:85 unknown-step: no step or command is called 'bin/test.sh'\n"},
        {"an unknown alias", tools + build("[tool/say]"), "11:39 unknown-orb: no orb is imported as 'tool'\n"},
        {"an unknown command", tools + build("[tools/sya]"),
         "11:39 unknown-command: the orb 'tools' has no command 'sya'\n"},
        {"an unknown job", tools + "workflows: {w: {jobs: [tools/walk]}}\n",
         "11:24 unknown-job: the orb 'tools' has no job 'walk'\n"},
        {"an unknown executor", tools + "jobs: {build: {executor: tools/bix, steps: [checkout]}}\n",
         "11:26 unknown-executor: the orb 'tools' has no executor 'bix'\n"},
        {"no version", "orbs: {o: a/b}\n" + build("[checkout]"),
         "2:11 bad-orb: 'a/b' does not name an orb and its version\n"},
        {"no version of an orb", "orbs: {a: a/b@banana}\n" + build("[checkout]"),
         "2:11 bad-orb: 'a/b@banana' does not name an orb and its version\n"},
        {"an alias with a slash", "orbs: {a/b: {commands: {go: {steps: [checkout]}}}}\n" + build("[checkout]"),
         "2:8 bad-orb: 'a/b' cannot be the name of an import\n"},
        {"a list", "orbs: {o: [a/b@1]}\n" + build("[checkout]"),
         "2:11 wrong-type: the orb 'o' must be text or a mapping, not a list\n"},
        {"not available, and nothing about what it would define",
         "orbs: {o: a/b@1.2.3}\njobs: {build: {executor: o/e, steps: [o/c, {o/d: {x: 1}}]}}\n"
         "workflows: {w: {jobs: [build, o/j: {y: 2}]}}\n",
         "2:11 orb-unavailable: the orb 'a/b@1.2.3' is not available: this check has no orbs to look in\n"},
        {"and other mistakes all the same", "orbs: {o: a/b@1.2.3}\n" + build("[o/c, checkuot]"),
         "2:11 orb-unavailable: the orb 'a/b@1.2.3' is not available: this check has no orbs to look in\n"
         "3:44 unknown-step: no step or command is called 'checkuot'\n"},
    });
}

// A source of two orbs that says which it was asked for.
CompileResult with_source(const std::string& body, std::vector<std::string>& asked) {
    const OrbSource source = [&](const OrbReference& orb) -> OrbAnswer {
        asked.push_back(orb.name + " " + orb.version);
        if (orb.name == "acme/self") {
            return OrbText{"self.yml", "1.0.0",
                           "version: 2.1\norbs: {again: acme/self@1}\ncommands: {c: {steps: [again/c]}}\n"};
        }
        if (orb.name == "acme/broken") return OrbText{"broken.yml", "1.0.0", "version: 2.1\ncommands: [\n"};
        if (orb.name != "acme/tools") return OrbAbsent{"nobody has it", "another one"};
        return OrbText{
            "tools.yml", "1.2.3",
            "version: 2.1\ndescription: Tools\ncommands:\n  say:\n    parameters: {what: {type: boolean}}\n    steps:\n"
            "      - run: {command: say, background: << parameters.what >>}\n"};
    };
    return compile("version: 2.1\n" + body, {.file = "config.yml", .branch = "main", .orbs = source});
}

TEST(Orbs, come_from_a_source_by_name_and_version) {
    for (const char* version : {"1.2.3", "1.2", "1", "volatile", "dev:alpha"}) {
        std::vector<std::string> asked;
        const std::string body =
            "orbs: {t: acme/tools@" + std::string(version) + "}\n" + build("[{t/say: {what: true}}]");
        EXPECT_EQ(steps_text(with_source(body, asked)), "build: say\n");
        EXPECT_EQ(asked, std::vector{"acme/tools " + std::string(version)});
    }
    std::vector<std::string> asked;
    EXPECT_EQ(steps_text(with_source("parameters: {v: {type: string, default: '1.2'}}\norbs: {t: acme/tools@<< "
                                     "pipeline.parameters.v >>}\n" +
                                         build("[{t/say: {what: true}}]"),
                                     asked)),
              "build: say\n");
    EXPECT_EQ(asked, std::vector<std::string>{"acme/tools 1.2"});
}

TEST(Orbs, of_a_source_that_are_wrong_have_a_place) {
    std::vector<std::string> asked;
    EXPECT_EQ(steps_text(with_source("orbs: {n: acme/none@1}\n" + build("[checkout]"), asked)),
              "2:11 orb-unavailable: the orb 'acme/none@1' is not available: nobody has it\n");
    const CompileResult broken = with_source("orbs: {b: acme/broken@1}\n" + build("[checkout]"), asked);
    EXPECT_EQ(errors_of(broken).substr(0, 63), "2:11 bad-orb: the orb 'acme/broken@1' cannot be read: not valid");
    EXPECT_EQ(broken.diagnostics.at(0).notes.at(0).file, "broken.yml");
}

TEST(Orbs, that_import_themselves_are_told_with_the_way_around) {
    const auto cycle_from = [](const std::string& first) {
        const OrbSource source = [](const OrbReference& orb) -> OrbAnswer {
            const std::string next = orb.name == "a/one" ? "a/two@1.0" : orb.name == "a/two" ? "a/three@1" : "a/one@1";
            return OrbText{orb.name + ".yml", "1.0.0", "version: 2.1\norbs: {next: " + next + "}\ncommands: {}\n"};
        };
        return errors_of(compile("version: 2.1\norbs: {o: " + first + "}\n" + build("[checkout]"),
                                 {.file = "config.yml", .branch = "main", .orbs = source}));
    };
    EXPECT_EQ(cycle_from("a/one@1"),
              "2:14 bad-orb: the orb imports itself: a/one@1 -> a/two@1.0 -> a/three@1 -> a/one@1\n");
    EXPECT_EQ(cycle_from("a/two@1.0"),
              "2:14 bad-orb: the orb imports itself: a/two@1.0 -> a/three@1 -> a/one@1 -> a/two@1.0\n");
    std::vector<std::string> asked;
    EXPECT_EQ(steps_text(with_source("orbs: {s: acme/self@1}\n" + build("[s/c]"), asked)),
              "2:15 bad-orb: the orb imports itself: acme/self@1 -> acme/self@1\n");
    EXPECT_EQ(asked.size(), 1U);
}

TEST(Orbs, that_are_missing_are_likely_others) {
    const OrbSource source = [](const OrbReference&) -> OrbAnswer {
        return OrbAbsent{"it is gone", "it", "acme/tools"};
    };
    const auto result = compile("version: 2.1\norbs: {o: acme/tool@1.2}\n" + build("[checkout]"), {.orbs = source});
    EXPECT_EQ(result.diagnostics.at(0).suggestion, "acme/tools@1.2");
}

TEST(Orbs, say_the_way_into_their_text) {
    std::vector<std::string> asked;
    const CompileResult result = with_source("orbs: {t: acme/tools@1}\n" + build("[{t/say: {what: maybe}}]"), asked);
    const Diagnostic& one = result.diagnostics.at(0);
    EXPECT_EQ(one.message, "the parameter 'what' is of type boolean, not text");
    EXPECT_EQ(one.file, "config.yml");
    EXPECT_EQ(one.notes.at(0).file, "tools.yml");
    EXPECT_EQ(one.notes.at(0).range.line, 5);
}

TEST(Orbs, are_read_once_however_often_they_are_imported) {
    if (!can_measure_memory()) GTEST_SKIP() << "needs a build without sanitizers: they take memory of their own";
    std::string big = "version: 2.1\nexamples: {x: [";
    for (int i = 0; i < 90'000; ++i) big += "1,";
    big += "]}\n";
    const CompileInput input{.orbs = [&](const OrbReference&) { return OrbAnswer{OrbText{"big.yml", "1.0.0", big}}; }};
    std::string text = "version: 2.1\norbs:\n";
    for (int i = 0; i < 40; ++i) text += "  o" + std::to_string(i) + ": acme/big@1\n";
    EXPECT_TRUE(compile(text + build("[checkout]"), input).plan);
    EXPECT_LE(megabytes_to_compile(text + build("[checkout]"), input), 64);

    std::string others = "version: 2.1\norbs:\n";
    for (int i = 0; i < 40; ++i) others += "  o" + std::to_string(i) + ": acme/big@1." + std::to_string(i) + "\n";
    EXPECT_EQ(compile(others + build("[checkout]"), input).diagnostics.at(0).code, Code::too_much_expansion);
    EXPECT_LE(megabytes_to_compile(others + build("[checkout]"), input), 64);
}

TEST(Orbs, obey_the_limits_of_reading) {
    const std::string numbers = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21";
    const CompileInput input{.orbs = [&](const OrbReference&) {
        return OrbAnswer{OrbText{"o.yml", "1.0.0", "version: 2.1\nexamples: {x: [" + numbers + "]}\n"}};
    }};
    const std::string text = "version: 2.1\norbs: {o: a/b@1}\n" + build("[checkout]");
    EXPECT_TRUE(compile(text, input).plan);
    const CompileLimits few{.read = {.nodes = 24}};
    EXPECT_EQ(errors_of(compile(text, input, few)),
              "2:11 bad-orb: the orb 'a/b@1' cannot be read: the config has more than 24 values, the limit\n");
}

// 4^16 ways lead to the last of them.
TEST(Orbs, are_asked_for_once_however_often_they_are_imported) {
    int asked = 0;
    const auto chain = [&](const OrbReference& reference) -> OrbAnswer {
        ++asked;
        const std::string next = "acme/o" + std::to_string(std::stoi(reference.name.substr(6)) + 1) + "@1";
        return OrbText{reference.name, "1.0.0",
                       "version: 2.1\norbs: {a: " + next + ", b: " + next + ", c: " + next + ", d: " + next + "}\n"};
    };
    const std::string text = "version: 2.1\norbs: {o: acme/o0@1, p: acme/o0@1}\n";
    const CompileResult result = compile(text, {.file = "config.yml", .orbs = chain});
    EXPECT_FALSE(result.plan);
    EXPECT_LE(asked, 16);
    const CompileResult twice = compile(text + build("[checkout]"), {.orbs = [](const OrbReference&) {
                                            return OrbAnswer{OrbText{"o.yml", "1.2.3", "version: 2.1\n"}};
                                        }});
    ASSERT_EQ(twice.orbs.size(), 1U);
    EXPECT_EQ(twice.orbs[0].asked, "1");
    EXPECT_EQ(twice.orbs[0].version, "1.2.3");
    EXPECT_EQ(twice.orbs[0].sha256.size(), 64U);
}

}  // namespace
}  // namespace gyre::config::test

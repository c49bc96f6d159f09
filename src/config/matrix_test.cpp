// `matrix` (config-language.md section 8).

#include "config/test_language.h"
#include "config/text_in_test.h"

namespace gyre::config::test {
namespace {

const std::string jobs = R"(jobs:
  test:
    parameters: {os: {type: string, default: linux}, node: {type: string, default: lts}}
    machine: true
    steps: [{run: << parameters.os >> << parameters.node >>}]
  last: {machine: true, steps: [checkout]}
workflows:
  w:
    jobs:
)";

std::string entries(const std::string& lines) { return jobs + lines; }

TEST(Matrix, makes_a_copy_for_each_combination) {
    expect_steps({
        {"named by the values in the order of the parameters' names",
         entries("      - test: {matrix: {parameters: {os: [a, b], node: ['1', '2']}}}\n"),
         "test-1-a: a 1\ntest-2-a: a 2\ntest-1-b: b 1\ntest-2-b: b 2\n"},
        {"beside an argument", entries("      - test: {os: mac, matrix: {parameters: {node: ['1', '2']}}}\n"),
         "test-1: mac 1\ntest-2: mac 2\n"},
        {"values as they are written", entries("      - test: {matrix: {parameters: {node: ['3.10', '0.1']}}}\n"),
         "test-3.10: linux 3.10\ntest-0.1: linux 0.1\n"},
        {"one value", entries("      - test: {matrix: {parameters: {node: [only]}}}\n"), "test-only: linux only\n"},
        {"a name made of them",
         entries("      - test: {name: t << matrix.node >>, matrix: {parameters: {node: [x, y]}}}\n"),
         "t x: linux x\nt y: linux y\n"},
        {"values anywhere in the entry",
         entries("      - last: {name: l-x}\n      - last: {name: l-y}\n"
                 "      - test: {requires: [l-<< matrix.node >>], os: on-<< matrix.node >>, matrix: {parameters: "
                 "{node: [x, "
                 "y]}}}\n"),
         "l-x: (checkout)\nl-y: (checkout)\ntest-x<l-x: on-x x\ntest-y<l-y: on-y y\n"},
    });
}

TEST(Matrix, leaves_out_what_is_excluded) {
    expect_steps({
        {"a whole combination",
         entries(
             "      - test: {matrix: {parameters: {os: [a, b], node: ['1', '2']}, exclude: [{os: a, node: '2'}]}}\n"),
         "test-1-a: a 1\ntest-1-b: b 1\ntest-2-b: b 2\n"},
        {"what is no combination, with a warning at most",
         entries("      - test: {matrix: {parameters: {os: [a]}, exclude: [{os: z}]}}\n"), "test-a: a lts\n"},
        {"but each parameter is named",
         entries("      - test: {matrix: {parameters: {os: [a], node: [b]}, exclude: [{os: a}]}}\n"),
         "11:69 bad-matrix: an entry of 'exclude' must give a value to each parameter; 'node' is missing\n"},
        {"and no others", entries("      - test: {matrix: {parameters: {os: [a]}, exclude: [{os: a, nodes: x}]}}\n"),
         "11:66 bad-matrix: the matrix has no parameter 'nodes', so this excludes nothing\n"},
        {"and something is left", entries("      - test: {matrix: {parameters: {os: [a]}, exclude: [{os: a}]}}\n"),
         "11:16 bad-matrix: 'exclude' leaves nothing of the matrix to run\n"},
    });
}

TEST(Matrix, says_what_excludes_nothing) {
    const auto excluding = [](const std::string& entry) {
        return complaints(
            "version: 2.1\n" +
            entries("      - last\n      - test: {matrix: {parameters: {os: [a, b]}, exclude: [" + entry + "]}}\n"));
    };
    EXPECT_EQ(excluding("{os: z}"),
              "warning 12:61 bad-matrix: the matrix has no such combination, so this excludes nothing\n");
    EXPECT_EQ(excluding("{os: a}, {os: a}"), "");
    EXPECT_EQ(excluding("{os: << pipeline.git.branch >>}"), "");  // another time it is one
}

TEST(Matrix, is_required_as_a_whole) {
    expect_steps({
        {"by the job's name",
         entries("      - test: {matrix: {parameters: {node: [x, y]}}}\n      - last: {requires: [test]}\n"),
         "test-x: linux x\ntest-y: linux y\nlast<test-x,test-y: (checkout)\n"},
        {"by its alias",
         entries("      - test: {matrix: {alias: all, parameters: {node: [x, y]}}}\n      - last: {requires: [all]}\n"),
         "test-x: linux x\ntest-y: linux y\nlast<test-x,test-y: (checkout)\n"},
        {"by the job's name although the copies have another",
         entries("      - test: {name: t-<< matrix.node >>, matrix: {parameters: {node: [x, y]}}}\n      - last: "
                 "{requires: "
                 "[test]}\n"),
         "t-x: linux x\nt-y: linux y\nlast<t-x,t-y: (checkout)\n"},
        {"or one copy by its name",
         entries("      - test: {matrix: {parameters: {node: [x, y]}}}\n      - last: {requires: [test-y]}\n"),
         "test-x: linux x\ntest-y: linux y\nlast<test-y: (checkout)\n"},
        {"two matrices over one job by two aliases",
         entries(
             "      - test: {matrix: {alias: one, parameters: {node: [x]}}}\n"
             "      - test: {os: b, matrix: {alias: two, parameters: {node: [y]}}}\n      - last: {requires: [two]}\n"),
         "test-x: linux x\ntest-y: b y\nlast<test-y: (checkout)\n"},
    });
}

TEST(Matrix, takes_values_of_all_types) {
    expect_steps({
        {"booleans, numbers and executors",
         "executors: {e: {machine: true}, f: {docker: [{image: i}]}}\n"
         "jobs:\n  j:\n    parameters: {on: {type: boolean}, n: {type: integer}, where: {type: executor}}\n"
         "    executor: << parameters.where >>\n    steps: [{run: << parameters.on >> << parameters.n >>}]\n"
         "workflows: {w: {jobs: [j: {matrix: {parameters: {where: [e, f], n: [1], on: [true]}}}]}}\n",
         "j-1-true-e: true 1\nj-1-true-f: true 1\n"},
        {"executors with arguments, called by those",
         "executors: {e: {parameters: {v: {type: string}}, docker: [{image: i:<< parameters.v >>}]}}\n"
         "jobs: {j: {parameters: {on: {type: executor}}, executor: << parameters.on >>, steps: [checkout]}}\n"
         "workflows: {w: {jobs: [j: {matrix: {parameters: {on: [{name: e, v: '1'}, {name: e, v: '2'}]}}}]}}\n",
         "j-e-1: (checkout)\nj-e-2: (checkout)\n"},
        {"enums",
         "jobs: {j: {parameters: {v: {type: enum, enum: ['8', '11']}}, machine: true, steps: [{run: << parameters.v "
         ">>}]}}\n"
         "workflows: {w: {jobs: [j: {matrix: {parameters: {v: ['8', '11']}}}]}}\n",
         "j-8: 8\nj-11: 11\n"},
    });
}

TEST(Matrix, mistakes_have_a_place) {
    expect_steps({
        {"a value beside it, too", entries("      - test: {os: mac, matrix: {parameters: {os: [a, b]}}}\n"),
         "11:16 bad-matrix: 'os' is given by the matrix already\n"},
        {"no parameters", entries("      - test: {matrix: {exclude: []}}\n"),
         "11:16 missing-key: 'matrix' needs 'parameters'\n"},
        {"one that the job does not declare", entries("      - test: {matrix: {parameters: {oss: [a]}}}\n"),
         "11:38 unknown-argument: the job 'test' has no parameter 'oss'\n"},
        {"no values", entries("      - test: {matrix: {parameters: {os: []}}}\n"),
         "11:42 bad-matrix: 'os' has no values, so there is nothing to run\n"},
        {"text for values", entries("      - test: {matrix: {parameters: {os: a}}}\n"),
         "11:42 wrong-type: the values of 'os' must be a list, not text\n"},
        {"values twice", entries("      - test: {matrix: {parameters: {os: [a, a]}}}\n"),
         "11:9 duplicate-name: two jobs of this workflow are called 'test-a'\n"},
        {"a value of the wrong type", entries("      - test: {matrix: {parameters: {os: [1]}}}\n"),
         "11:43 wrong-argument: the parameter 'os' is of type string, not a number\n"},
        {"`matrix` elsewhere", "jobs: {build: {machine: true, steps: [{run: << matrix.os >>}]}}\n",
         "2:48 unknown-reference: 'matrix.os' stands outside of any matrix\n"},
        {"too many copies",
         entries("      - test: {matrix: {parameters: {os: &n [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, "
                 "s, t, u, v, w, x, "
                 "y, z, A, B, C, D, E, F, G], node: *n}}}\n"),
         "11:16 bad-matrix: the matrix has more than 1024 copies, the limit\n"},
        {"too many parameters", entries("      - test: {matrix: {parameters: {" + numbered("p#: [a], ", 101) + "}}}\n"),
         "11:16 bad-matrix: the matrix has more than 100 parameters, the limit\n"},
        {"too much to exclude",
         entries("      - test: {matrix: {parameters: {os: [a]}, exclude: [" + repeat("{os: b}, ", 1025) + "]}}\n"),
         "11:16 bad-matrix: the matrix has more than 1024 entries in 'exclude', the limit\n"},
    });
}

TEST(Matrix, says_in_which_copy_a_mistake_is) {
    const CompileResult result =
        compile_2_1(entries("      - test: {requires: [no-<< matrix.node >>], matrix: {parameters: {node: [x]}}}\n"));
    ASSERT_EQ(errors_of(result), "11:27 unknown-requirement: no job 'no-x' in this workflow\n");
    ASSERT_FALSE(result.diagnostics.at(0).notes.empty());
    EXPECT_EQ(result.diagnostics[0].notes.back().message, "in the copy of the matrix with node: x");
}

}  // namespace
}  // namespace gyre::config::test

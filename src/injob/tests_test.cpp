// `circleci tests`, as steps call it.

#include "injob/tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "injob/shell_in_test.h"

namespace gyre::injob {
namespace {

using testing::Directory;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::shell;

constexpr const char* results = R"({"tests": [
    {"file": "t/slow", "classname": "t.slow", "name": "one", "run_time": 9},
    {"file": "t/a", "classname": "t.a", "name": "one", "run_time": 3},
    {"file": "t/b", "classname": "t.b", "name": "one", "run_time": 3.5},
    {"file": "t/b", "classname": "t.b", "name": "two", "run_time": 0.5}]})";

// A job's place, with what earlier runs left.
class Tests : public ::testing::Test {
protected:
    testing::Ran run(const std::string& line) {
        return shell("export CIRCLE_INTERNAL_TASK_DATA='" + place / "data" + "'; " + line, place);
    }
    void tell(const std::string& text = results) { place.file("data/circle-test-results/results.json", text); }
    void tell_failed(const std::string& text) { place.file("data/circle-test-results/failed.json", text); }

    Directory place;
};

TEST_F(Tests, are_globbed_split_and_run) {
    for (const char* name : {"t/a_test", "t/b_test", "t/x/c_test"}) place.file(name);
    EXPECT_EQ(run("circleci tests glob 't/**/*_test'").output, "t/a_test\nt/b_test\nt/x/c_test\n");
    EXPECT_EQ(run("circleci tests glob 't/*_test' 't/a*'").output, "t/a_test\nt/b_test\n");
    EXPECT_EQ(run("printf 'c b\\na' | CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=2 circleci tests split").output, "b\n");
    EXPECT_EQ(run("echo a b c > list; circleci tests split list --index 0 --total 2").output, "a\nc\n");
    EXPECT_EQ(
        run("circleci tests glob 't/**/*_test' | circleci tests run --command='xargs echo run' --split-by=name").output,
        "run t/a_test t/b_test t/x/c_test\n");
    EXPECT_EQ(run("echo a | circleci tests run --command='exit 3'").code, 3);
    place.file("big", std::string(1000, 'x'));
    EXPECT_EQ(run("echo t/a_test big t/b_test | circleci tests split --split-by=filesize --index=0 --total=2").output,
              "big\n");
}

TEST_F(Tests, run_nothing_for_an_empty_share) {
    const auto none = run("true | circleci tests run --command='echo not run; exit 3'");
    EXPECT_EQ(none.code, 0);
    EXPECT_THAT(none.output, HasSubstr("Warning: there are no names of tests on standard input.\nNo tests for this"));
    EXPECT_EQ(run("echo a | circleci tests run --command='exit 3' --index=1 --total=2").code, 0);
}

TEST_F(Tests, are_split_by_what_they_took_the_longest_first) {
    tell();
    const std::string split = "echo t/a t/b t/slow t/new | circleci tests split --split-by=timings --total=2 --index=";
    EXPECT_EQ(run(split + "0").output, "Autodetected filename timings.\nNo timing found for \"t/new\"\nt/slow\n");
    EXPECT_THAT(run(split + "1").output, ::testing::EndsWith("\nt/a\nt/b\nt/new\n"));
    EXPECT_THAT(run(split + "0 --time-default=1s").output, ::testing::EndsWith("\nt/slow\n"));
    EXPECT_THAT(run(split + "0 --time-default=30s").output, ::testing::EndsWith("\nt/new\n"));
    EXPECT_EQ(run("echo t.slow t.a t.b | circleci tests split --split-by=timings --timings-type=classname --index=1"
                  " --total=2")
                  .output,
              "t.a\nt.b\n");
    EXPECT_EQ(
        run("echo one two | circleci tests split --split-by=timings --timings-type=name --index=0 --total=2 -v").output,
        "Task 0 of 2 has 1 of 2 names.\nThey are \"one\"\none\n");
}

TEST_F(Tests, are_split_by_name_where_timings_are_missing_and_why_is_said) {
    const std::string split = "echo b a | circleci tests split --split-by=timings --timings-type=classname";
    const std::string message = "No timings by classname, falling back to weighting by name. ";
    const auto said = [&](const std::string& why) { return message + why + "\na\nb\n"; };
    EXPECT_EQ(run(split).output, said("Without timings: no earlier build of this job has told how long they take."));
    EXPECT_EQ(run("CIRCLE_INTERNAL_TASK_DATA=; " + split).output,
              said("Without timings: no earlier build tells how long they take."));
    tell("{");
    EXPECT_THAT(run(split).output, HasSubstr("Without timings: "));
    EXPECT_THAT(run(split).output, ::testing::EndsWith("\na\nb\n"));
    tell(R"({"tests": []})");
    EXPECT_EQ(run(split).output, said("None of the 2 names in the list is a classname in 0 earlier test results."));
    tell();
    EXPECT_EQ(run(split).output,
              said("None of the 2 names in the list is a classname in 4 earlier test results. The list begins with"
                   " \"b\"; the first result has filename \"t/slow\", classname \"t.slow\", testname \"one\"."));
    EXPECT_THAT(run("echo t/a | circleci tests split --split-by=timings --timings-type=classname").output,
                HasSubstr("By filename, 1 would match.\nt/a\n"));
    EXPECT_THAT(run("echo none | circleci tests split --split-by=timings").output,
                ::testing::StartsWith("Error auto-detecting timing type, falling back to weighting by name. None of"));
}

TEST_F(Tests, take_timings_from_another_file) {
    place.file("mine.json", results);
    EXPECT_EQ(run("echo t/a t/slow t/b | circleci tests split --split-by=timings --timings-file mine.json"
                  " --timings-type=file --index=1 --total=2")
                  .output,
              "t/a\nt/b\n");
    EXPECT_THAT(run("mkfifo pipe; echo a | circleci tests split --split-by=timings --timings-file=pipe").output,
                HasSubstr("Without timings: "));
    EXPECT_THAT(run("echo a | circleci tests split --split-by=timings --timings-file=.").output,
                HasSubstr("Without timings: "));
}

TEST_F(Tests, that_failed_run_again_alone) {
    tell_failed(R"({"job": "job 7", "tests": [{"file": "t/b", "name": "x"}, {"file": "t/b", "name": "y"}]})");
    const std::string again = "echo t/a t/b t/c | circleci tests run --command='xargs echo ran' ";
    const std::string said = "Rerun of failed tests: 2 failed in job 7; 1 of 3 names run again.\n";
    EXPECT_EQ(run(again).output, said + "ran t/b\n");
    EXPECT_EQ(run(again + "--index=0 --total=2").output, said + "ran t/b\n");
    EXPECT_EQ(run(again + "--index=1 --total=2").output, said + "No tests for this task; the command is not run.\n");
    EXPECT_EQ(run("echo t/a t/b | circleci tests split").output, "t/a\nt/b\n") << "split knows nothing of reruns";
}

TEST_F(Tests, all_run_again_where_one_that_failed_is_not_found) {
    tell_failed(R"({"job": "job 7", "tests": [{"file": "t/b", "name": "x"}, {"file": "gone", "name": "y"}]})");
    const std::string again = "echo t/a t/b | circleci tests run --command='xargs echo ran'";
    EXPECT_THAT(run(again).output, HasSubstr("all 2 names run, for \"y\" failed, and neither its file \"gone\""));
    EXPECT_THAT(run(again).output, HasSubstr("ran t/a t/b\n"));
    for (const char* broken : {"", "{", "[]", R"({"tests": [1]})", R"({"tests": "x"})", R"({"job": "j", "tests": []})",
                               R"({"job": "j", "all_because": "nobody knows", "tests": [{"file": "t/a"}]})"}) {
        tell_failed(broken);
        EXPECT_THAT(run(again).output, HasSubstr("ran t/a t/b\n")) << broken;
    }
}

TEST_F(Tests, that_failed_are_found_by_their_own_names_where_those_are_asked_for) {
    tell_failed(R"({"job": "job 7", "tests": [{"name": "two"}]})");
    EXPECT_THAT(run("echo one two | circleci tests run --command=cat --timings-type=name").output,
                ::testing::EndsWith("again.\ntwo\n"));
    EXPECT_THAT(run("echo one two | circleci tests run --command=cat").output, ::testing::EndsWith("one\ntwo\n"));
}

TEST_F(Tests, refuse_wrong_options) {
    for (const char* options : {"--index=2 --total=2", "--total=0", "--index=x", "--split-by=luck", "--index",
                                "--timings-type=luck", "--time-default=10", "--time-default=-1s", "--show-count",
                                "--total=99999999999999999999", "no-such-list", "--command=x"}) {
        const auto ran = run(std::string("echo a | circleci tests split ") + options);
        EXPECT_EQ(ran.code, 2) << options;
        EXPECT_THAT(ran.output, ::testing::StartsWith("error: ")) << options;
    }
    EXPECT_EQ(run("echo a | circleci tests run").code, 2);
}

TEST_F(Tests, say_how_they_are_called_and_how_many_they_are) {
    for (const char* command : {"split --help", "run -h"}) {
        const auto help = run(std::string("circleci tests ") + command);
        EXPECT_EQ(help.code, 0);
        EXPECT_THAT(help.output, HasSubstr("--timings-type=filename|classname|testname|autodetect")) << command;
    }
    EXPECT_EQ(run("echo a b c | circleci tests split --show-counts --total=2").output,
              "Task 0 of 2 has 2 of 3 names.\na\nc\n");
}

}  // namespace
}  // namespace gyre::injob

#include "injob/timings.h"

#include <gtest/gtest.h>

#include <tuple>

#include "injob/duration.h"
#include "injob/failed_tests.h"

namespace gyre::injob {
namespace {

using Names = std::vector<std::string>;

TEST(Duration, is_read_as_go_writes_it) {
    const std::vector<std::pair<const char*, std::int64_t>> table{
        {"0", 0},        {"10s", 10'000'000}, {"1m30s", 90'000'000}, {"1.5h", 5'400'000'000},   {"250ms", 250'000},
        {"1us500ns", 1}, {"0s", 0},           {".5s", 500'000},      {"1h1m1s", 3'661'000'000}, {"7µs", 7}};
    for (const auto& [text, microseconds] : table) EXPECT_EQ(parse_duration(text).value_or(-1), microseconds) << text;
}

TEST(Duration, that_makes_no_sense_is_refused) {
    for (const char* text : {"", "10", "s", "-1s", "1x", "1 s", "1e5s", "nan", "inf", "infs", "nans", "1s-", "0x1s",
                             "100h", "9999999999999999999999h", "1s1", "+1s", "1..5s"})
        EXPECT_FALSE(parse_duration(text).ok()) << text;
    EXPECT_FALSE(parse_duration(std::string(1 << 20, '9') + "s").ok());
}

TEST(Results, are_read_however_little_they_hold) {
    const auto tests = read_results(R"({"tests": [
        {"classname": "C", "file": "a.py", "name": "n", "result": "success", "run_time": 1.5, "message": null},
        {"file": null, "name": "only a name", "source_type": "unknown"}, {}, 7, null, [], "text",
        {"file": {"deep": 1}, "classname": 3, "run_time": "soon"}], "exceptions": []})");
    ASSERT_TRUE(tests.ok()) << tests.error().message;
    ASSERT_EQ(tests->size(), 4U);
    EXPECT_EQ((*tests)[0].file + (*tests)[0].classname + (*tests)[0].name, "a.pyCn");
    EXPECT_EQ((*tests)[0].time, 1'500'000);
    EXPECT_EQ((*tests)[1].name, "only a name");
    EXPECT_EQ((*tests)[3].file + (*tests)[3].classname, "");
}

TEST(Results, that_are_hostile_are_refused_or_count_for_nothing) {
    for (const char* text : {"", "{}", "[]", "null", "7", "{\"tests\": 1}", "{\"tests\": {}}", "{\"tests\": [",
                             "{\"tests\": []} more", "\xff\xfe", "{\"tests\": [{\"name\": \"\xff\"}]}"})
        EXPECT_FALSE(read_results(text).ok()) << text;
    EXPECT_FALSE(read_results(std::string(100'000, '[')).ok());
    EXPECT_FALSE(read_results("{\"tests\": [" + std::string(100'000, '[') + std::string(100'000, ']') + "]}").ok());
    for (const char* time : {"-1", "1e999", "-1e999", "null", "true", "\"1\"", "[]", "-0.0"}) {
        const auto tests = read_results("{\"tests\": [{\"run_time\": " + std::string(time) + "}]}");
        const auto seconds = tests.ok() ? tests->at(0).time : 0;
        EXPECT_TRUE(seconds == 0 || (seconds == longest_duration && std::string(time) == "1e999")) << time;
    }
    EXPECT_EQ(read_results(R"({"tests": [{"run_time": 1e300}]})")->at(0).time, longest_duration);
    EXPECT_EQ(read_results(R"({"tests": [{"run_time": 18446744073709551615}]})")->at(0).time, longest_duration);
}

std::vector<KnownTest> known() {
    return {{"src/a_test.py", "src.a_test.A", "one", 2'000'000},
            {"./src/a_test.py", "src.a_test.A", "two", 1'000'000},
            {"/job/src/b_test.py", "src.b_test.B", "one", 500'000},
            {"", "", "nameless", 7}};
}

TEST(Timings, are_sums_by_file_class_and_test) {
    const Timings timings(known(), "/job");
    EXPECT_EQ(timings.of(TimingsType::filename, "src/a_test.py"), 3'000'000);
    EXPECT_EQ(timings.of(TimingsType::filename, "./src/a_test.py"), 3'000'000);
    EXPECT_EQ(timings.of(TimingsType::filename, "/job/src/b_test.py"), 500'000);
    EXPECT_EQ(timings.of(TimingsType::filename, "src/b_test.py"), 500'000);
    EXPECT_EQ(timings.of(TimingsType::classname, "src.a_test.A"), 3'000'000);
    EXPECT_EQ(timings.of(TimingsType::testname, "one"), 2'500'000);
    EXPECT_EQ(timings.of(TimingsType::filename, "b_test.py"), std::nullopt);
    EXPECT_EQ(timings.of(TimingsType::filename, ""), std::nullopt);
}

TEST(Timings, are_of_the_type_that_matches_most_names) {
    const Timings timings(known(), "/job");
    EXPECT_EQ(timings.best_for({"src/a_test.py", "src/new.py"}), TimingsType::filename);
    EXPECT_EQ(timings.best_for({"src.a_test.A", "src.b_test.B", "src/a_test.py"}), TimingsType::classname);
    EXPECT_EQ(timings.best_for({"two", "nameless"}), TimingsType::testname);
    EXPECT_EQ(timings.best_for({"x"}), std::nullopt);
    EXPECT_EQ(timings.best_for({}), std::nullopt);
    EXPECT_EQ(Timings({}, "/job").best_for({"x"}), std::nullopt);
}

wire::FailedBefore failed(std::vector<wire::EarlierTest> tests) {
    return {.job = "job 7", .tests = std::move(tests), .all_because = {}};
}

TEST(FailedTests, are_found_by_file_or_class) {
    const Names list{"./src/a", "src/b", "/job/src/c", "D"};
    const auto again = run_again(list,
                                 failed({{.file = "src/a", .name = "1"},
                                         {.file = "src/c", .name = "2"},
                                         {.classname = "D", .name = "3"},
                                         {.file = "src/a", .name = "4"}}),
                                 false, "/job");
    EXPECT_EQ(again.names, (Names{"./src/a", "/job/src/c", "D"}));
    EXPECT_EQ(again.why_all, "");
    EXPECT_EQ(run_again({"t", "u"}, failed({{.name = "t"}}), true, "/job").names, (Names{"t"}));
}

TEST(FailedTests, run_all_of_the_list_unless_each_is_found_there) {
    const Names list{"a", "b"};
    const auto why = [&](const wire::FailedBefore& before) {
        const auto again = run_again(list, before, false, "/job");
        EXPECT_EQ(again.names, list);
        return again.why_all;
    };
    EXPECT_EQ(why(failed({{.file = "a", .name = "1"}, {.classname = "C", .file = "z", .name = "2"}})),
              "\"2\" failed, and neither its file \"z\" nor its classname \"C\" is in the list");
    EXPECT_NE(why(failed({{.name = "a"}})), "") << "its own name is not asked for";
    EXPECT_NE(why(failed({{}})), "");
    EXPECT_NE(why(failed({})), "");
    auto because = failed({{.file = "a"}});
    because.all_because = "its task 1 was lost";
    EXPECT_EQ(why(because), "its task 1 was lost");
}

}  // namespace
}  // namespace gyre::injob

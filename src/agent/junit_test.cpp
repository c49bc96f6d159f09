#include "agent/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace gyre::agent {
namespace {

using testing::HasSubstr;

struct Parsed {
    std::vector<TestCase> cases;
    std::string error;
};

Parsed parse(std::string_view text, std::size_t piece = 7) {
    Parsed parsed;
    JUnitParser parser("report.xml", [&](TestCase&& test) { parsed.cases.push_back(std::move(test)); });
    Result<void> fed;
    for (; fed && !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        fed = parser.feed(text.substr(0, piece));
    if (fed) fed = parser.finish();
    if (!fed) parsed.error = fed.error().message;
    return parsed;
}

TEST(JUnit, reads_what_pytest_writes) {
    const auto parsed = parse(R"(<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.05" timestamp="2024-01-01T00:00:00" hostname="h">
<testcase classname="tests.test_a" name="test_ok" time="0.002"/>
<testcase classname="tests.test_a" name="test_bad" time="1.5"><failure message="assert 1 == 2">def test_bad():
&gt;   assert 1 == 2
E   assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="not today">x</skipped></testcase>
<testcase classname="tests.test_a" name="test_fixture" time="0.000"><error message="failed on setup">boom</error></testcase>
</testsuite></testsuites>)");
    ASSERT_EQ("", parsed.error);
    ASSERT_EQ(4u, parsed.cases.size());
    EXPECT_EQ("test_ok", parsed.cases[0].name);
    EXPECT_EQ("tests.test_a", parsed.cases[0].classname);
    EXPECT_EQ("pytest", parsed.cases[0].source);
    EXPECT_EQ(TestResult::success, parsed.cases[0].result);
    EXPECT_EQ(TestResult::failure, parsed.cases[1].result);
    EXPECT_DOUBLE_EQ(1.5, parsed.cases[1].run_time);
    EXPECT_EQ("assert 1 == 2\ndef test_bad():\n>   assert 1 == 2\nE   assert 1 == 2", parsed.cases[1].message);
    EXPECT_EQ(TestResult::skipped, parsed.cases[2].result);
    EXPECT_EQ(TestResult::error, parsed.cases[3].result);
}

TEST(JUnit, reads_what_jest_writes) {
    const auto parsed = parse(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="2" failures="1" errors="0" time="2.1">
  <testsuite name="sum" errors="0" failures="1" skipped="0" timestamp="2024-01-01T00:00:00" time="1.2" tests="2" file="src/sum.test.js">
    <testcase classname="sum adds" name="sum adds" time="0.003"></testcase>
    <testcase classname="sum fails" name="sum fails" time="0.004" file="src/other.test.js">
      <failure>Error: expect(received).toBe(expected) <![CDATA[ <b> & ]]></failure>
    </testcase>
  </testsuite>
</testsuites>)");
    ASSERT_EQ("", parsed.error);
    ASSERT_EQ(2u, parsed.cases.size());
    EXPECT_EQ("src/sum.test.js", parsed.cases[0].file);
    EXPECT_EQ("src/other.test.js", parsed.cases[1].file);
    EXPECT_THAT(parsed.cases[1].message, HasSubstr(" <b> & "));
}

TEST(JUnit, reads_what_surefire_writes) {
    const auto parsed = parse(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.AppTest" time="1,234.5" tests="2" errors="0" skipped="0" failures="1">
  <properties><property name="java.version" value="17"/></properties>
  <testcase name="works" classname="com.acme.AppTest" time="1,000.25"/>
  <testcase name="breaks" classname="com.acme.AppTest" time="0.1">
    <failure message="expected: &lt;1&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[trace]]></failure>
    <system-out><![CDATA[<failure>not one</failure>]]></system-out>
  </testcase>
</testsuite>)");
    ASSERT_EQ("", parsed.error);
    ASSERT_EQ(2u, parsed.cases.size());
    EXPECT_DOUBLE_EQ(1000.25, parsed.cases[0].run_time);
    EXPECT_EQ("com.acme.AppTest", parsed.cases[0].source);
    EXPECT_EQ("expected: <1>\ntrace", parsed.cases[1].message);
}

TEST(JUnit, reads_what_gtest_and_go_junit_report_write) {
    const auto gtest = parse(R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" disabled="0" errors="0" time="0.01" name="AllTests">
  <testsuite name="Redactor" tests="2" failures="1" disabled="0" skipped="0" errors="0" time="0.01">
    <testcase name="masks" file="/src/redact_test.cpp" line="46" status="run" result="completed" time="0.001" classname="Redactor" />
    <testcase name="holds" status="run" result="completed" time="0" classname="Redactor">
      <failure message="redact_test.cpp:1&#x0A;Expected" type=""><![CDATA[redact_test.cpp:1
Expected]]></failure>
      <failure message="second" type=""/>
    </testcase>
  </testsuite>
</testsuites>)");
    ASSERT_EQ("", gtest.error);
    ASSERT_EQ(2u, gtest.cases.size());
    EXPECT_EQ("/src/redact_test.cpp", gtest.cases[0].file);
    EXPECT_THAT(gtest.cases[1].message, HasSubstr("second"));

    const auto go = parse(R"(<testsuites><testsuite tests="1" failures="0" time="0.1" name="example.com/x">
<properties><property name="go.version" value="go1.21"></property></properties>
<testcase classname="x" name="TestA" time="0.010"></testcase></testsuite></testsuites>)");
    ASSERT_EQ("", go.error);
    ASSERT_EQ(1u, go.cases.size());
    EXPECT_EQ("example.com/x", go.cases[0].source);
}

Parsed read_report(const std::string& file) {
    std::ifstream stream(std::string(GYRE_REPORTS) + "/" + file);
    EXPECT_TRUE(stream.is_open()) << file;
    return parse(std::string(std::istreambuf_iterator<char>(stream), {}), 100);
}

struct Report {
    const char* file;
    int tests, failures, errors, skipped;
    bool with_files;  // each of its tests tells its own
};

// What the runners themselves wrote.
class JUnitReports : public ::testing::TestWithParam<Report> {};

TEST_P(JUnitReports, of_real_runners_are_read) {
    const Report& report = GetParam();
    const auto parsed = read_report(report.file);
    ASSERT_EQ("", parsed.error);
    const auto count = [&](TestResult result) { return std::ranges::count(parsed.cases, result, &TestCase::result); };
    EXPECT_EQ(report.tests, std::ssize(parsed.cases));
    EXPECT_EQ(report.failures, count(TestResult::failure));
    EXPECT_EQ(report.errors, count(TestResult::error));
    EXPECT_EQ(report.skipped, count(TestResult::skipped));
    EXPECT_EQ(report.with_files, std::ranges::count(parsed.cases, "", &TestCase::file) == 0);
    EXPECT_EQ(0, std::ranges::count(parsed.cases, "", &TestCase::name));
}

INSTANTIATE_TEST_SUITE_P(
    Real, JUnitReports,
    ::testing::Values(Report{"pytest.xml", 7, 1, 1, 1, false}, Report{"pytest-legacy.xml", 7, 1, 1, 1, true},
                      Report{"pytest-sum.xml", 9, 2, 1, 2, false}, Report{"gtest.xml", 7, 0, 0, 0, true},
                      Report{"googletest.xml", 8, 3, 0, 2, true}, Report{"mocha.xml", 3, 1, 0, 0, true},
                      Report{"mocha-junit.xml", 5, 3, 0, 0, true}, Report{"jest.xml", 7, 2, 0, 1, false},
                      Report{"jest-files.xml", 9, 3, 1, 1, true}, Report{"vitest.xml", 5, 2, 0, 1, false},
                      Report{"rspec.xml", 7, 2, 0, 2, true}, Report{"phpunit.xml", 9, 2, 2, 2, true},
                      Report{"surefire.xml", 0, 0, 0, 0, true}, Report{"surefire-inner.xml", 9, 2, 1, 2, false},
                      Report{"go-junit-report.xml", 9, 4, 1, 1, false}, Report{"gotestsum.xml", 9, 5, 0, 1, false}),
    [](const auto& one) {
        std::string name = one.param.file;
        std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
        return name;
    });

// One test of a report. Odd characters and lines are as the runner wrote them.
struct ReportedTest {
    const char* report;
    TestCase test;  // the message: a part of it
};

class JUnitReportedTests : public ::testing::TestWithParam<ReportedTest> {};

TEST_P(JUnitReportedTests, have_their_name_file_time_and_message) {
    const TestCase& wanted = GetParam().test;
    const auto parsed = read_report(GetParam().report);
    const auto found = std::ranges::find(parsed.cases, wanted.name, &TestCase::name);
    ASSERT_NE(found, parsed.cases.end()) << wanted.name;
    EXPECT_EQ(wanted.classname, found->classname);
    EXPECT_EQ(wanted.file, found->file);
    EXPECT_EQ(wanted.source, found->source);
    EXPECT_EQ(wanted.result, found->result);
    EXPECT_DOUBLE_EQ(wanted.run_time, found->run_time);
    EXPECT_THAT(found->message, HasSubstr(wanted.message));
}

INSTANTIATE_TEST_SUITE_P(Real, JUnitReportedTests,
                         ::testing::ValuesIn(std::vector<ReportedTest>{
                             {"jest.xml",
                              {.name = "sum <&> \"quoted\" fails with several lines",
                               .classname = "sum <&> \"quoted\" fails with several lines",
                               .source = "sum <&> \"quoted\"",
                               .result = TestResult::failure,
                               .run_time = 0.006,
                               .message = "Object {\n-   \"a\": 2,\n+   \"a\": 1,\n    \"b\": \"x<y&z\","}},
                             {"jest-files.xml",
                              {.name = "sum <&> \"quoted\" adds é ü 日本",
                               .classname = "t/jest/sum.test.js",
                               .file = "t/jest/sum.test.js",
                               .source = "sum <&> \"quoted\"",
                               .result = TestResult::success,
                               .run_time = 0.008}},
                             {"jest-files.xml",
                              {.name = "t/jest/broken.test.js",
                               .classname = "Test suite failed to run",
                               .file = "t/jest/broken.test.js",
                               .source = "t/jest/broken.test.js",
                               .result = TestResult::error,
                               .run_time = 0,
                               .message = "Cannot find module './is-not-there' from 'broken.test.js'\n"}},
                             {"vitest.xml",
                              {.name = "sum <&> \"quoted\" > errors",
                               .classname = "t/vitest/sum.vitest.mjs",
                               .source = "t/vitest/sum.vitest.mjs",
                               .result = TestResult::failure,
                               .run_time = 0.000713229,
                               .message = "TypeError: not\na\nnumber ]]>"}},
                             {"mocha-junit.xml",
                              {.name = "sum <&> \"quoted\" errors",
                               .classname = "errors",
                               .file = "/home/ci/app/t/mocha/sum.spec.js",
                               .source = "sum <&> \"quoted\"",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "TypeError: not\na\nnumber ]]>"}},
                             {"mocha-junit.xml",
                              {.name = "with a hook that fails \"before all\" hook for \"never runs\"",
                               .classname = "\"before all\" hook for \"never runs\"",
                               .file = "/home/ci/app/t/mocha/sum.spec.js",
                               .source = "with a hook that fails",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "no database"}},
                             {"rspec.xml",
                              {.name = "sum <&> \"quoted\" fails with several lines",
                               .classname = "sum_spec",
                               .file = "./sum_spec.rb",
                               .source = "rspec",
                               .result = TestResult::failure,
                               .run_time = 0.039495,
                               .message = "  Diff:\n  @@ -1 +1 @@\n  -:a => 2,"}},
                             {"rspec.xml",
                              {.name = "sum <&> \"quoted\" is pending",
                               .classname = "sum_spec",
                               .file = "./sum_spec.rb",
                               .source = "rspec",
                               .result = TestResult::skipped,
                               .run_time = 0.000003}},
                             {"phpunit.xml",
                              {.name = "testErrors",
                               .classname = "SumTest",
                               .file = "/home/ci/app/SumTest.php",
                               .source = "SumTest",
                               .result = TestResult::error,
                               .run_time = 0.000365,
                               .message = "TypeError: not\na\nnumber ]]> "}},
                             {"phpunit.xml",
                              {.name = "testWithRows with data set \"é <ü>\"",
                               .classname = "SumTest",
                               .file = "/home/ci/app/SumTest.php",
                               .source = "SumTest::testWithRows",
                               .result = TestResult::success,
                               .run_time = 0.000018}},
                             {"surefire-inner.xml",
                              {.name = "failsWithSeveralLines",
                               .classname = "com.acme.SumTest",
                               .source = "com.acme.SumTest$Inner",
                               .result = TestResult::failure,
                               .run_time = 0.014,
                               .message = "x<y&z]]>> but was: <a\nb>\n	at "}},
                             {"surefire-inner.xml",
                              {.name = "isAssumedAway",
                               .classname = "com.acme.SumTest",
                               .source = "com.acme.SumTest$Inner",
                               .result = TestResult::skipped,
                               .run_time = 0,
                               .message = "Assumption failed: no network"}},
                             {"surefire-inner.xml",
                              {.name = "prints",
                               .classname = "com.acme.SumTest",
                               .source = "com.acme.SumTest$Inner",
                               .result = TestResult::success,
                               .run_time = 0.006}},
                             {"go-junit-report.xml",
                              {.name = "TestFailsWithSeveralLines",
                               .classname = "example.com/sum",
                               .source = "example.com/sum",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "got \"x<y&z]]>\"\n        want \"é"}},
                             {"go-junit-report.xml",
                              {.name = "[build failed]",
                               .classname = "example.com/sum/broken",
                               .source = "example.com/sum/broken",
                               .result = TestResult::error,
                               .run_time = 0,
                               .message = "undefined: undefined"}},
                             {"gotestsum.xml",
                              {.name = "TestTable/é_<ü>",
                               .classname = "example.com/sum",
                               .source = "example.com/sum",
                               .result = TestResult::success,
                               .run_time = 0}},
                             {"gotestsum.xml",
                              {.name = "TestPanics",
                               .classname = "example.com/sum/crash",
                               .source = "example.com/sum/crash",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "assignment to entry in nil map"}},
                             {"googletest.xml",
                              {.name = "errors",
                               .classname = "Sum",
                               .file = "sum_test.cpp",
                               .source = "Sum",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "\"not\na\nnumber\" thrown in the test body."}},
                             {"googletest.xml",
                              {.name = "DISABLED_is_disabled",
                               .classname = "Sum",
                               .file = "sum_test.cpp",
                               .source = "Sum",
                               .result = TestResult::skipped,
                               .run_time = 0}},
                             {"pytest-sum.xml",
                              {.name = "test_errors",
                               .classname = "test_sum",
                               .source = "pytest",
                               .result = TestResult::error,
                               .run_time = 0.004,
                               .message = "E   RuntimeError: not\nE   a\n"}},
                             {"pytest-sum.xml",
                              {.name = "test_with_rows[b]",
                               .classname = "test_sum",
                               .source = "pytest",
                               .result = TestResult::failure,
                               .run_time = 0,
                               .message = "assert 'b' != 'b'"}},
                         }));

TEST(JUnit, says_a_message_once_that_stands_in_the_text_too) {
    const std::vector<std::pair<const char*, const char*>> table{
        {"<failure message='a&#10;b'>a&#10;b&#10;at c</failure>", "a\nb\nat c"},
        {"<failure message='a'>\n  at c</failure>", "a\nat c"},
        {"<failure message='a'>b a</failure>", "a\nb a"},
        {"<failure message='a'>a</failure><failure message='a'>a b</failure>", "a\na\na b"},
        {"<failure message='a'/><failure>a</failure>", "a\na"},
        {"<failure message=''>a</failure>", "a"},
        {"<failure message='a'> </failure>", "a"},
    };
    for (const auto& [elements, message] : table) {
        const auto parsed = parse("<testsuite><testcase>" + std::string(elements) + "</testcase></testsuite>", 1);
        EXPECT_EQ(message, parsed.cases.at(0).message) << elements;
    }
    const std::string much(2 * longest_test_message, 'x');
    const auto parsed =
        parse("<testsuite><testcase><failure message='" + much + "'>" + much + "</failure></testcase></testsuite>");
    EXPECT_EQ(longest_test_message, parsed.cases.at(0).message.size());
}

TEST(JUnit, takes_a_test_that_did_not_run_for_skipped) {
    for (const char* attributes : {"status='notrun'", "status='disabled'", "status='skipped'", "result='suppressed'",
                                   "status='run' result='skipped'"}) {
        const auto parsed = parse("<testsuite><testcase " + std::string(attributes) + "/></testsuite>");
        EXPECT_EQ(TestResult::skipped, parsed.cases.at(0).result) << attributes;
    }
    const auto failed = parse("<testsuite><testcase status='notrun'><failure/></testcase></testsuite>");
    EXPECT_EQ(TestResult::failure, failed.cases.at(0).result);
}

TEST(JUnit, is_lenient_about_what_is_missing) {
    const auto parsed = parse(
        R"(<testsuite><testcase/><testcase time="soon" name="a"/><testcase time="-1"/><testcase time="nan"/></testsuite>)");
    ASSERT_EQ("", parsed.error);
    ASSERT_EQ(4u, parsed.cases.size());
    EXPECT_EQ("report.xml", parsed.cases[0].source);
    for (const auto& test : parsed.cases) EXPECT_EQ(0, test.run_time);
    EXPECT_TRUE(parse("<coverage><line/></coverage>").cases.empty());
}

TEST(JUnit, knows_comments_from_what_they_say) {
    const auto parsed = parse(
        "<testsuite><!-- <![CDATA[ & &#27; <testcase name='no'/> -->"
        "<testcase name='a & b &#27;[0m'/><testcase name='c'><system-out><![CDATA[<!-- & ]]>"
        "</system-out></testcase><testcase name='d & e'/></testsuite>");
    ASSERT_EQ("", parsed.error);
    ASSERT_EQ(3u, parsed.cases.size());
    EXPECT_EQ("a & b ?[0m", parsed.cases[0].name);
    EXPECT_EQ("d & e", parsed.cases[2].name);
}

TEST(JUnit, reads_past_characters_that_xml_does_not_have) {
    const std::string text =
        "<testsuite><testcase name='a&amp;b &#x1b;[31m&#65;&#27;\x1b\x01'><failure message='&#0;'>\x08&#xFFFE;"
        "<![CDATA[\x1b[0m &#10; & ]]></failure></testcase></testsuite>";
    for (const std::size_t piece : {1, 2, 3, 5, 1000}) {
        const auto parsed = parse(text, piece);
        ASSERT_EQ("", parsed.error) << piece;
        EXPECT_EQ("a&b ?[31mA???", parsed.cases.at(0).name);
        EXPECT_EQ("?\n???[0m &#10; & ", parsed.cases.at(0).message);
    }
    const std::string careless =
        "<testsuite name='a & b &c; &nbsp; &amp;&&lt;'><testcase name='1'><failure>x && y &z <![CDATA[& &amp; ]]] & ]]>"
        "&</failure></testcase><!-- & --><testcase name='&";
    for (const std::size_t piece : {1, 2, 3, 5, 1000}) {
        const auto parsed = parse(careless + "'/></testsuite>", piece);
        ASSERT_EQ("", parsed.error) << piece;
        EXPECT_EQ("a & b &c; &nbsp; &&<", parsed.cases.at(0).source);
        EXPECT_EQ("x && y &z & &amp; ]]] & &", parsed.cases.at(0).message);
        EXPECT_EQ("&", parsed.cases.at(1).name);
    }
    EXPECT_EQ(1U, parse(careless).cases.size()) << "what came before the end of a cut report counts";
    std::string wide = "\xff\xfe";
    for (const char c : std::string("<testsuite><testcase name='x'/></testsuite>")) wide += std::string{c, '\0'};
    EXPECT_EQ("x", parse(wide).cases.at(0).name);
    for (const char* broken : {"<a>&#", "<a>&#x1", "<a>&", "<a>&#;</a>", "<a>&#xyz;</a>"})
        EXPECT_NE("", parse(broken, 1).error) << broken;
}

TEST(JUnit, takes_times_as_runners_write_them) {
    const std::vector<std::pair<const char*, double>> table{
        {"1,234.5", 1234.5}, {"1,234", 1234},        {"0,25", 0.25}, {"12,5", 12.5}, {"0,125", 0.125},
        {"1e-3", 0.001},     {"1,234,567", 1234567}, {" 1", 0},      {"1s", 1},      {"", 0}};
    for (const auto& [time, seconds] : table) {
        const auto parsed = parse("<testsuite><testcase time='" + std::string(time) + "'/></testsuite>");
        EXPECT_DOUBLE_EQ(seconds, parsed.cases.at(0).run_time) << time;
    }
}

TEST(JUnit, refuses_hostile_and_broken_documents_with_a_place) {
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "<a>";
    struct Case {
        std::string text;
        const char* expected;
    };
    const std::vector<Case> cases{
        {R"(<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"/>)",
         "entity declarations are not allowed"},
        {R"(<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite>&f;</testsuite>)",
         "entity declarations are not allowed"},
        {deep, "nested more than 64 deep"},
        {"<testsuite><testcase name='a'>", "no element found"},
        {"<testsuite>\n<testcase></testsuite>", "line 2, column"},
        {"", "no element found"},
        {"not xml", "line 1, column 1"},
        {std::string("<a>\0</a>", 8), "line 1"},
        {"<a>\xff\xfe</a>", "line 1"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_THAT(parse(text, 1000).error, HasSubstr(expected)) << text.substr(0, 60);
}

TEST(JUnit, keeps_no_endless_tag_in_memory_but_takes_long_texts) {
    const std::string much(5 << 20, 'a');
    for (const std::string before :
         {"<testsuite name='", "<!-- ", "<testsuite><!-- ", "<testsuite><testcase/><", "<?x "})
        EXPECT_THAT(parse(before + much, 256 << 10).error, HasSubstr("longer than 4 MB")) << before;
    std::string lines;
    while (lines.size() < much.size()) lines += "<!-- one of many -->\n";
    for (const std::string& text :
         {"<testsuite><testcase><failure>" + much + "</failure></testcase></testsuite>",
          "<testsuite><testcase><failure><![CDATA[" + much + "]]></failure></testcase></testsuite>",
          lines + "<testsuite><testcase/></testsuite>"}) {
        const auto parsed = parse(text, 256 << 10);
        EXPECT_EQ("", parsed.error) << text.substr(0, 60);
        EXPECT_EQ(1u, parsed.cases.size());
    }
}

TEST(JUnit, keeps_the_cases_before_the_broken_place) {
    const auto parsed = parse("<testsuite><testcase name='one'/><testcase name='two'/><broken");
    EXPECT_NE("", parsed.error);
    EXPECT_EQ(2u, parsed.cases.size());
}

TEST(JUnit, cuts_long_texts_between_characters) {
    std::string text = "<testsuite><testcase name='";
    for (int i = 0; i < 5000; ++i) text += "\xc3\xa9";
    text += "'><failure>";
    for (int i = 0; i < 50'000; ++i) text += "\xc3\xa9";
    text += "</failure></testcase></testsuite>";
    const auto parsed = parse(text, 1001);
    ASSERT_EQ("", parsed.error);
    EXPECT_EQ(longest_test_name, parsed.cases[0].name.size());
    EXPECT_LE(parsed.cases[0].message.size(), longest_test_message);
    EXPECT_EQ(0u, parsed.cases[0].message.size() % 2);
}

}  // namespace
}  // namespace gyre::agent

// Expressions: what they yield, what they name, and what is said where they are wrong.

#include "config/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/text_in_test.h"

namespace gyre::config {
namespace {

using test::repeat;

// A build of branch release-1, whose parameters are a few of each type.
std::optional<Operand> look_up(const Expression::Reference& reference) {
    if (reference.name == "pipeline.git.branch") return "release-1";
    if (reference.name == "pipeline.git.tag") return std::monostate();
    if (reference.name == "pipeline.number") return *read_number("12");
    if (reference.name == "parameters.yes") return true;
    if (reference.name == "parameters.no") return false;
    if (reference.name == "parameters.version") return *read_number("3.10");
    if (reference.name == "parameters.empty") return std::string();
    return std::nullopt;
}

// "number 12", "text a", "error 3-5 message"; "reported" where the look-up had no answer.
std::string answer(std::string_view text, std::uint64_t steps = 1'000'000) {
    const auto show = [](const ExpressionError& error) {
        return std::to_string(error.at.begin) + "-" + std::to_string(error.at.end) + " " + error.message;
    };
    const auto parsed = parse_expression(text);
    if (const auto* error = std::get_if<ExpressionError>(&parsed)) return show(*error);
    const auto result = std::get<Expression>(parsed).evaluate(look_up, steps);
    if (const auto* error = std::get_if<ExpressionError>(&result)) return show(*error);
    const auto& operand = std::get<std::optional<Operand>>(result);
    return operand ? std::string(type_name(*operand)) + " " + text_of(*operand) : "reported";
}

TEST(Expression, yields_what_it_says) {
    const struct {
        const char* text;
        const char* value;
    } table[] = {
        {"\"a b\"", "text a b"},
        {"'it is \"so\"'", "text it is \"so\""},
        {R"('don\'t \\ \d')", R"(text don't \ \d)"},
        {"12", "a number 12"},
        {"-1.50", "a number -1.50"},
        {"true", "a boolean true"},
        {"null", "null "},
        {"  ( \t(\n12 ) )", "a number 12"},
        {"pipeline.git.branch", "text release-1"},
        {"parameters.version", "a number 3.10"},
        {"pipeline.git.branch == \"release-1\"", "a boolean true"},
        {"pipeline.git.branch=='release-1'", "a boolean true"},
        {"pipeline.git.branch != \"main\"", "a boolean true"},
        {"pipeline.number == 12.0", "a boolean true"},
        {"pipeline.number == \"12\"", "a boolean false"},
        {"pipeline.number != \"12\"", "a boolean true"},
        {"pipeline.git.tag == null", "a boolean true"},
        {"pipeline.git.tag == \"\"", "a boolean false"},
        {"pipeline.number >= 12 and pipeline.number <= 12", "a boolean true"},
        {"pipeline.number < 12 or pipeline.number > 12", "a boolean false"},
        {"-1 < 1e3", "a boolean true"},
        {"pipeline.git.branch starts-with \"release\"", "a boolean true"},
        {"pipeline.git.branch starts-with \"elease\"", "a boolean false"},
        {"pipeline.git.branch matches /release-\\d+/", "a boolean true"},
        {"pipeline.git.branch matches /release/", "a boolean false"},
        {"(pipeline.git.branch matches /release-(1|2)/)", "a boolean true"},
        {"\"a/b c\" matches /a/b c/", "a boolean true"},
        {"\"a/b\" matches /a\\/b/ and true", "a boolean true"},
        {"pipeline.git.tag matches /v.*/", "a boolean false"},
        {"pipeline.git.tag starts-with \"v\"", "a boolean false"},
        {"pipeline.git.tag < 1", "a boolean false"},
        {"not pipeline.git.tag", "a boolean true"},
        {"not not parameters.yes", "a boolean true"},
        {"not parameters.no == true", "a boolean true"},
        {"not(parameters.no == false)", "a boolean false"},
        {"parameters.no or parameters.yes and 5", "a number 5"},
        {"(parameters.no or parameters.yes) and 5", "a number 5"},
        {"pipeline.git.branch == \"x\" and 10 or 1", "a number 1"},
        {"pipeline.git.branch == \"release-1\" and 10 or 1", "a number 10"},
        {"pipeline.git.tag or pipeline.git.branch", "text release-1"},
        {"parameters.empty or pipeline.git.tag", "null "},
        {"parameters.yes or parameters.unknown", "a boolean true"},
        {"parameters.no and parameters.unknown", "a boolean false"},
        {"parameters.yes and parameters.unknown", "reported"},
        {"not parameters.unknown", "reported"},
        {"parameters.unknown == 1", "reported"},
        {"parameters.unknown matches /a/", "reported"},
    };
    for (const auto& row : table) EXPECT_EQ(answer(row.text), row.value) << row.text;
}

TEST(Expression, says_what_is_wrong_and_where) {
    const struct {
        const char* text;
        const char* complaint;
    } table[] = {
        {"", "0-0 the expression ends too early"},
        {"parameters.yes and", "18-18 the expression ends too early"},
        {"not", "3-3 the expression ends too early"},
        {"and parameters.yes", "0-3 'and' cannot stand here"},
        {"parameters.yes parameters.no", "15-28 'parameters.no' cannot stand here"},
        {"(parameters.yes", "0-1 this '(' is not closed by ')'"},
        {"parameters.yes)", "14-15 ')' cannot stand here"},
        {"()", "1-2 ')' cannot stand here"},
        {"pipeline.git.branch == main", "23-27 'main' is no word of expressions; text stands between quotes"},
        {"pipeline.git.branch == release.1", "23-32 there is no value named 'release.1'"},
        {"pipeline.git.branch == 1.2.3", "23-28 '1.2.3' is not a number; text stands between quotes"},
        {"pipeline.git.branch = \"main\"", "20-21 '=' is not an operator of expressions"},
        {"parameters.yes && parameters.no", "15-17 '&&' is not an operator of expressions"},
        {"!parameters.yes", "0-1 '!' is not an operator of expressions"},
        {"pipeline.number == \"a", "19-21 this text is not closed by \""},
        {"1 < 2 < 3", "6-7 comparisons cannot be chained"},
        {"pipeline.git.branch matches \"a\"", "28-29 'matches' needs a pattern"},
        {"pipeline.git.branch matches", "27-27 'matches' needs a pattern"},
        {"pipeline.git.branch matches /a", "28-30 this pattern is not closed by /"},
        {"pipeline.git.branch matches /a\\", "28-31 this pattern is not closed by /"},
        {"pipeline.git.branch == /a/", "23-26 a pattern can stand behind 'matches' only"},
        {"parameters.yes < 1", "0-14 '<' works on numbers; this is a boolean"},
        {"1 >= \"1\"", "5-8 '>=' works on numbers; this is text"},
        {"pipeline.number starts-with \"1\"", "0-15 'starts-with' works on text; this is a number"},
        {"pipeline.git.branch starts-with 1", "32-33 'starts-with' works on text; this is a number"},
        {"parameters.yes matches /true/", "0-14 'matches' works on text; this is a boolean"},
        {"parameters.yes == \xC3\xA9t\xC3\xA9", "18-20 an expression cannot contain '\xC3\xA9' here"},
        {"parameters.yes ?", "15-16 an expression cannot contain '?' here"},
    };
    for (const auto& row : table) EXPECT_EQ(answer(row.text), row.complaint) << row.text;
    EXPECT_TRUE(answer("pipeline.git.branch matches /[/").starts_with("28-31 missing terminating ]"));
}

TEST(Expression, suggests_what_was_probably_meant) {
    const auto suggestion = [](std::string_view text) {
        return std::get<ExpressionError>(parse_expression(text)).suggestion;
    };
    EXPECT_EQ(suggestion("parameters.a && parameters.b"), "and");
    EXPECT_EQ(suggestion("parameters.a AND parameters.b"), "and");
    EXPECT_EQ(suggestion("parameters.a || parameters.b"), "or");
    EXPECT_EQ(suggestion("parameters.a = 1"), "==");
    EXPECT_EQ(suggestion("parameters.a =~ /b/"), "matches");
    EXPECT_EQ(suggestion("parameters.a starts_with \"b\""), "starts-with");
    EXPECT_EQ(suggestion("parameters.a == True"), "true");
    EXPECT_EQ(suggestion("parameters.a == main"), "\"main\"");
    EXPECT_EQ(suggestion("parameters.a == 1.2.3"), "\"1.2.3\"");
}

TEST(Expression, knows_a_lone_reference_whatever_its_name) {
    for (const std::string name : {"parameters.x",
                                   "parameters.my-name",
                                   "parameters.a_b.c",
                                   "parameters.not",
                                   "parameters.1",
                                   "parameters.or-and",
                                   "parameters.-",
                                   "parameters.a..b",
                                   "parameters.x.",
                                   "parameters.path/to",
                                   "parameters.gr\xC3\xBC\xC3\x9F",
                                   "pipeline.parameters.my-name",
                                   "pipeline.git.branch.is_default",
                                   "matrix.os",
                                   "orb.x",
                                   "trigger_parameters.a.b",
                                   "paramters.x",
                                   "pipline.git.branch",
                                   "Parameters.x",
                                   "trigger-parameters.x"}) {
        for (const std::string& text : {name, "  " + name + "\n", "((" + name + "))"}) {
            const auto parsed = parse_expression(text);
            const auto* expression = std::get_if<Expression>(&parsed);
            ASSERT_NE(expression, nullptr) << text;
            EXPECT_EQ(expression->lone_reference(), name) << text;
        }
    }
    for (const char* text : {"not parameters.x", "parameters.x == 1", "\"parameters.x\"", "true"}) {
        EXPECT_FALSE(std::get<Expression>(parse_expression(text)).lone_reference()) << text;
    }
}

TEST(Expression, lists_its_references_with_their_places) {
    const auto parsed = parse_expression("not matrix.a and ((pipeline.id) == \"orb.x\" or parameters.b matches /x/)");
    std::string found;
    for (const auto& one : std::get<Expression>(parsed).references()) {
        found += one.name + "@" + std::to_string(one.at.begin) + "-" + std::to_string(one.at.end) + " ";
    }
    EXPECT_EQ(found, "matrix.a@4-12 pipeline.id@19-30 parameters.b@46-58 ");
}

TEST(Expression, is_bounded) {
    const std::size_t most = most_expression_bytes;
    EXPECT_EQ(answer(std::string(most - 1, ' ') + "1"), "a number 1");
    EXPECT_EQ(answer(std::string(most, ' ') + "1"), "0-4096 the expression has 4097 bytes; the limit is 4096");
    EXPECT_EQ(answer(std::string(10U << 20U, '(')), "0-4096 the expression has 10485760 bytes; the limit is 4096");
    EXPECT_EQ(answer(repeat("(", 100) + "1" + repeat(")", 100)), "a number 1");
    EXPECT_EQ(answer(repeat("(", 101) + "1" + repeat(")", 101)),
              "100-101 the expression nests deeper than 100 levels, the limit");
    EXPECT_EQ(answer(repeat("not ", 100) + "1"), "a boolean true");
    EXPECT_EQ(answer(repeat("not ", 101) + "1"), "400-403 the expression nests deeper than 100 levels, the limit");
    EXPECT_EQ(answer(repeat("not(", 51) + "1"), "200-203 the expression nests deeper than 100 levels, the limit");
    EXPECT_EQ(answer(repeat("(1)or", 800) + "(1)"), "a number 1");
    EXPECT_EQ(answer(repeat("0 or ", 800) + "1"), "a number 1");
    EXPECT_EQ(answer(std::string(most, '(')), "100-101 the expression nests deeper than 100 levels, the limit");
    EXPECT_EQ(answer("\"" + std::string(60, 'a') + "\" matches /(a+)+[bc]/"),
              "0-82 the pattern takes too long to match");
    EXPECT_EQ(answer("\"a\" matches /a/", 10), "0-15 the pattern takes too long to match");
    EXPECT_EQ(answer(std::string("parameters.yes == \"\0\"", 21)), "a boolean false");
}

TEST(Operand, is_truthy_unless_it_is_empty) {
    const auto number = [](double value) { return Operand(Number{"x", value}); };
    for (const Operand& no : {Operand(), Operand(false), Operand(std::string()), number(0), number(-0.0),
                              number(std::numeric_limits<double>::quiet_NaN())}) {
        EXPECT_FALSE(is_truthy(no)) << type_name(no);
    }
    for (const Operand& yes : {Operand(true), Operand(std::string("false")), number(-1), number(HUGE_VAL)}) {
        EXPECT_TRUE(is_truthy(yes)) << type_name(yes);
    }
    EXPECT_FALSE(same(number(std::nan("")), number(std::nan(""))));
    EXPECT_TRUE(same(Operand(), Operand()));
    EXPECT_FALSE(same(*read_number("9007199254740993"), *read_number("9007199254740992")));
    EXPECT_TRUE(same(*read_number("1e3"), *read_number("1000")));
}

TEST(Number, keeps_its_text) {
    const struct {
        const char* text;
        double value;
    } table[] = {{"0", 0}, {"3.10", 3.1}, {"-7", -7}, {"+7", 7}, {"1e3", 1000}, {"007", 7}, {".5", 0.5}, {"5.", 5}};
    for (const auto& row : table) {
        ASSERT_TRUE(read_number(row.text)) << row.text;
        EXPECT_EQ(read_number(row.text)->value, row.value) << row.text;
        EXPECT_EQ(read_number(row.text)->text, row.text);
    }
    for (const char* text :
         {"", "-", "+", ".", "1.2.3", "0x10", "inf", "nan", "1e", "1e999", "--1", "+-1", "1 ", "e3"}) {
        EXPECT_FALSE(read_number(text)) << text;
    }
}

}  // namespace
}  // namespace gyre::config

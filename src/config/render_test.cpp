#include "config/render.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "config/test_support.h"

namespace gyre::config {
namespace {

std::vector<Diagnostic> diagnostics_of(std::string_view text) { return test::compile_on(text, "main").diagnostics; }

// At 2:5 of config.yml, "abc def".
Diagnostic made(const std::string& message) {
    return {.code = Code::unknown_key,
            .message = message,
            .file = "config.yml",
            .range = {2, 5, 2, 8},
            .excerpt = "    abc def",
            .excerpt_column = 5,
            .excerpt_width = 3};
}

json::object first_result(const std::vector<Diagnostic>& diagnostics) {
    const json::value sarif = json::parse(render_sarif(diagnostics));
    return sarif.at("runs").at(0).at("results").at(0).as_object();
}

TEST(RenderText, shows_the_line_of_a_note_and_the_path_one_station_deeper_than_the_other) {
    Diagnostic one = made("two of them");
    one.notes = {{.message = "the other one",
                  .file = "config.yml",
                  .range = {1, 1, 1, 3},
                  .excerpt = "ab: 1",
                  .excerpt_width = 2},
                 {.message = "called here", .file = "config.yml", .range = {10, 3, 10, 4}, .station = true},
                 {.message = "used here", .file = "orb.yml", .range = {12, 3, 12, 4}, .station = true}};
    EXPECT_EQ(render_text(one), R"(config.yml:2:5: error: two of them [unknown-key]
  2 |     abc def
    |     ^^^
  note: config.yml:1:1: the other one
    1 | ab: 1
      | ^^
  at config.yml:10:3: called here
    at orb.yml:12:3: used here
)");
}

TEST(RenderText, lets_no_control_character_through) {
    const std::string text = render_text(made("a\x1b[31m\nb\x7f"));
    EXPECT_EQ(text.substr(0, text.find('\n')), "config.yml:2:5: error: a\\x1b[31m\\nb\\x7f [unknown-key]");
}

TEST(RenderText, shows_what_would_turn_a_line_around) {
    const auto found =
        diagnostics_of("version: 2\njobs: {build: {machine: true, steps: [run: \"a\u202eb\u2066\", chek\u202eout]}}\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].range.column, 52);
    EXPECT_EQ(found[0].excerpt, "jobs: {build: {machine: true, steps: [run: \"a\\u202eb\\u2066\", chek\\u202eout]}}");
    EXPECT_EQ(found[0].excerpt_column, 62);
    EXPECT_EQ(found[0].excerpt_width, 13);
    EXPECT_EQ(render_text(found).find("\u202e"), std::string::npos);
    EXPECT_EQ(render_github(found).find("\u202e"), std::string::npos);
    EXPECT_TRUE(render_text(found).find("\n    | " + std::string(61, ' ') + std::string(13, '^') + "\n") !=
                std::string::npos)
        << render_text(found);
}

TEST(RenderText, puts_carets_below_what_a_terminal_shows) {
    const struct {
        const char* excerpt;
        int column;
        int width;
        const char* carets;
    } table[] = {
        {"ab: cd", 5, 2, "    ^^"},
        {"\u00e9: cd", 4, 2, "   ^^"},
        {"\u540d\u524d: cd", 5, 2, "      ^^"},
        {"a: \u540d\u524d", 4, 2, "   ^^^^"},
        {"\U0001f680 go: cd", 7, 2, "       ^^"},
        {"\u2705\u2705", 2, 1, "  ^^"},
        {"e\u0301e\u0301: cd", 7, 2, "    ^^"},
        {"e\u0301: cd", 2, 1, " ^"},
        {"a\u0085b: cd", 6, 2, "        ^^"},  // shown as \x85
        {"abc", 4, 2, "   ^^"},
        {"\u540d", 3, 1, "   ^"},
        {"abc", 2, 0, " ^"},
    };
    for (const auto& one : table) {
        Diagnostic wrong = made("x");
        wrong.excerpt = one.excerpt;
        wrong.excerpt_column = one.column;
        wrong.excerpt_width = one.width;
        const std::string text = render_text(wrong);
        EXPECT_TRUE(text.ends_with(std::string("\n    | ") + one.carets + "\n")) << text;
    }
}

TEST(RenderText, has_colours_when_asked_only) {
    EXPECT_EQ(render_text(made("x")).find('\x1b'), std::string::npos);
    EXPECT_NE(render_text(made("x"), {.colours = true}).find("\x1b[1;31merror\x1b[0m"), std::string::npos);
}

TEST(RenderText, puts_an_empty_line_between_diagnostics) {
    EXPECT_EQ(render_text(std::vector{made("a"), made("b")}), render_text(made("a")) + "\n" + render_text(made("b")));
}

TEST(Summary, counts_errors_and_warnings) {
    Diagnostic warning = made("w");
    warning.severity = Severity::warning;
    EXPECT_EQ(summary({}), "");
    EXPECT_EQ(summary({made("a")}), "1 error");
    EXPECT_EQ(summary({made("a"), made("b"), warning}), "2 errors, 1 warning");
    EXPECT_EQ(summary({warning, warning}), "2 warnings");
}

TEST(RenderGithub, is_one_escaped_line_each) {
    Diagnostic one = made("50% of a:b,c");
    one.file = "a,b:c%.yml";
    one.suggestion = "abd";
    one.notes = {{.message = "called here", .file = "f", .range = {10, 3, 10, 4}, .station = true}};
    EXPECT_EQ(render_github({one, made("x\r\ny")}),
              "::error file=a%2Cb%3Ac%25.yml,line=2,endLine=2,col=5,endColumn=8,title=unknown-key"
              "::50%25 of a:b,c%0Adid you mean 'abd'?%0Aat f:10:3: called here\n"
              "::error file=config.yml,line=2,endLine=2,col=5,endColumn=8,title=unknown-key::x\\x0d%0Ay\n");
}

TEST(RenderGithub, names_no_column_end_on_another_line) {
    Diagnostic one = made("x");
    one.severity = Severity::warning;
    one.range = {2, 5, 4, 1};
    EXPECT_EQ(render_github({one}), "::warning file=config.yml,line=2,endLine=4,col=5,title=unknown-key::x\n");
}

TEST(RenderSarif, names_the_rule_the_region_and_what_is_related) {
    const auto diagnostics = diagnostics_of(
        "version: 2\njobs:\n  build: {machine: true, steps: [checkout]}\n"
        "  Build: {machine: true, steps: [checkout]}\n");
    const json::value sarif = json::parse(render_sarif(diagnostics));
    EXPECT_EQ(sarif.at("version"), "2.1.0");
    const json::value& run = sarif.at("runs").at(0);
    EXPECT_EQ(run.at("columnKind"), "unicodeCodePoints");
    EXPECT_EQ(run.at("tool").at("driver").at("rules").at(0).at("id"), "duplicate-job");
    const json::value& result = run.at("results").at(0);
    EXPECT_EQ(result.at("ruleId"), "duplicate-job");
    EXPECT_EQ(result.at("ruleIndex"), 0);
    EXPECT_EQ(result.at("level"), "error");
    const json::value& place = result.at("locations").at(0).at("physicalLocation");
    EXPECT_EQ(place.at("artifactLocation").at("uri"), "config.yml");
    EXPECT_EQ(place.at("region"),
              (json::object{{"startLine", 4}, {"startColumn", 3}, {"endLine", 4}, {"endColumn", 8}}));
    const json::value& other = result.at("relatedLocations").at(0);
    EXPECT_EQ(other.at("message").at("text"), "the other job");
    EXPECT_EQ(other.at("physicalLocation").at("region").at("startLine"), 3);
}

TEST(RenderSarif, fixes_a_misspelled_name) {
    const auto result = first_result(diagnostics_of("version: 2\njobs: {build: {machine: true, steps: [chekout]}}\n"));
    const json::value& replacement = result.at("fixes").at(0).at("artifactChanges").at(0).at("replacements").at(0);
    EXPECT_EQ(replacement.at("insertedContent").at("text"), "checkout");
    EXPECT_EQ(replacement.at("deletedRegion").at("startColumn"), 39);
}

TEST(RenderSarif, offers_no_fix_where_more_is_marked_than_the_wrong_name) {
    Diagnostic one = made("no parameter 'imag'");
    one.suggestion = "image";
    EXPECT_FALSE(first_result({one}).contains("fixes"));
    one.message = "unknown key 'abc'";
    EXPECT_TRUE(first_result({one}).contains("fixes"));
    one.range.end_column = 12;
    one.excerpt_width = 7;
    one.message = "unknown key 'abc def'";
    EXPECT_FALSE(first_result({one}).contains("fixes"));
}

TEST(RenderSarif, writes_paths_as_addresses_and_each_rule_once) {
    Diagnostic one = made("x");
    one.file = "/a b/c#.yml";
    const json::value sarif = json::parse(render_sarif({one, one}));
    const json::value& run = sarif.at("runs").at(0);
    EXPECT_EQ(run.at("tool").at("driver").at("rules").as_array().size(), 1U);
    EXPECT_EQ(run.at("results").at(1).at("ruleIndex"), 0);
    const json::value& place = run.at("results").at(0).at("locations").at(0).at("physicalLocation");
    EXPECT_EQ(place.at("artifactLocation").at("uri"), "file:///a%20b/c%23.yml");
}

TEST(RenderSarif, has_no_results_for_a_config_without_mistakes) {
    const json::value sarif = json::parse(render_sarif({}));
    EXPECT_TRUE(sarif.at("runs").at(0).at("results").as_array().empty());
}

}  // namespace
}  // namespace gyre::config

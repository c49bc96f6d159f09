// References in text: what is one, what only looks like one, and where they are.

#include "config/reference.h"

#include <gtest/gtest.h>

#include "config/text_in_test.h"

namespace gyre::config {
namespace {

using test::repeat;

std::string_view bracket_of(PartKind kind) {
    if (kind == PartKind::section) return "[#";
    if (kind == PartKind::inverted_section) return "[^";
    return kind == PartKind::section_end ? "[/" : "[";
}

// "a [parameters.x] b": expressions in brackets. Also holds what is true of every split.
std::string split(std::string_view text) {
    std::string shown;
    std::uint32_t end = 0;
    bool was_text = false;
    for (const TemplatePart& part : split_template(text)) {
        EXPECT_EQ(part.at.begin, end) << "a gap or an overlap";
        const bool is_text = part.kind == PartKind::text;
        EXPECT_FALSE(was_text && is_text) << "two texts side by side";
        end = part.at.end;
        was_text = is_text;
        shown += is_text ? part.text : std::string(bracket_of(part.kind)) + part.text + "]";
    }
    EXPECT_EQ(end, text.size());
    const auto parts = split_template(text);
    const bool is_itself =
        parts.empty() || (parts.size() == 1 && parts[0].kind == PartKind::text && parts[0].text == text);
    EXPECT_EQ(has_marks(text), !is_itself);
    return shown;
}

TEST(Reference, is_told_from_other_angle_brackets) {
    const struct {
        const char* text;
        const char* parts;
    } table[] = {
        {"<< parameters.a >>", "[parameters.a]"},
        {"<<parameters.a>>", "[parameters.a]"},
        {"<<\n\tparameters.a\r\n>>", "[parameters.a]"},
        {"x<<pipeline.id>>y<< matrix.b >>", "x[pipeline.id]y[matrix.b]"},
        {"<< parameters.a >>>", "[parameters.a]>"},
        {"echo << parameters.a >> >> file", "echo [parameters.a] >> file"},
        {"<< orb.a >><< trigger_parameters.b >>", "[orb.a][trigger_parameters.b]"},
        {"<< parameters.my-name_2.x >>", "[parameters.my-name_2.x]"},
        {"<< not pipeline.x >>", "[not pipeline.x]"},
        {"<< not(pipeline.x) >>", "[not(pipeline.x)]"},
        {"<< ( not ((parameters.a)) ) >>", "[( not ((parameters.a)) )]"},
        {"<< parameters.a == \"x\" and 1 or 2 >>", "[parameters.a == \"x\" and 1 or 2]"},
        {"<< \"x\" == parameters.a >>", "[\"x\" == parameters.a]"},
        {"<< 3 < pipeline.number >>", "[3 < pipeline.number]"},
        {"<< parameters. >>", "[parameters.]"},
        {"<< parameters.a !! >>", "[parameters.a !!]"},
        {"<< paramters.x >>", "[paramters.x]"},
        {"<<pipline.git.branch>>", "[pipline.git.branch]"},
        {"<< not Parameters.x >>", "[not Parameters.x]"},
        {"<<# parameters.a >>x<</ parameters.a >>", "[#parameters.a]x[/parameters.a]"},
        {"<<^parameters.a>>x<</parameters.a>>", "[^parameters.a]x[/parameters.a]"},
        {"<< # parameters.a >>", "[#parameters.a]"},
        // only looks like one
        {"<<# a comment >>", "<<# a comment >>"},
        {"<</etc/x >>", "<</etc/x >>"},
        {"", ""},
        {"<<", "<<"},
        {"<<>>", "<<>>"},
        {"<< >>", "<< >>"},
        {"cat <<EOF", "cat <<EOF"},
        {"cat <<EOF >> file\nparameters.a\nEOF", "cat <<EOF >> file\nparameters.a\nEOF"},
        {"cat <<'EOF' >> a.txt", "cat <<'EOF' >> a.txt"},
        {"cat <<\"EOF\" >> a.txt", "cat <<\"EOF\" >> a.txt"},
        {"a << b >> c", "a << b >> c"},
        {"<< parameters >>", "<< parameters >>"},
        {"<< parametersx >>", "<< parametersx >>"},
        {"<< outputs.junit >>", "<< outputs.junit >>"},
        {"<< nothing.a >>", "<< nothing.a >>"},
        {"<< paramters.x y >>", "<< paramters.x y >>"},
        {"<< parameters.a", "<< parameters.a"},
        {"<< parameters.a > >", "<< parameters.a > >"},
        {"< < parameters.a >>", "< < parameters.a >>"},
        {">> << parameters.a", ">> << parameters.a"},
        {"$((1 << 2)) >> parameters.a", "$((1 << 2)) >> parameters.a"},
        {"<< 1 >>", "<< 1 >>"},
        {"<< \"parameters.a\" >>", "<< \"parameters.a\" >>"},
        // overlaps: the last `<<` of a run begins it, the first `>>` ends it
        {"<<<< matrix.x >>>>", "<<[matrix.x]>>"},
        {"<<< parameters.a >>", "<[parameters.a]"},
        {"cat <<EOF\n<< parameters.a >>\nEOF", "cat <<EOF\n[parameters.a]\nEOF"},
        {"<< parameters.a << parameters.b >>", "[parameters.a << parameters.b]"},
        {"<< x.y << parameters.b >>", "<< x.y [parameters.b]"},
        {"<< parameters.a == \">>\" >>", "[parameters.a == \"]\" >>"},
    };
    for (const auto& row : table) EXPECT_EQ(split(row.text), row.parts) << row.text;
}

TEST(Reference, is_text_behind_a_backslash) {
    const struct {
        const char* text;
        const char* parts;
    } table[] = {
        {R"(cat \<<EOF)", "cat <<EOF"},
        {R"(\<< parameters.a >>)", "<< parameters.a >>"},
        {R"(\\<< parameters.a >>)", R"(\[parameters.a])"},
        {R"(\\\<< parameters.a >>)", R"(\<< parameters.a >>)"},
        {R"(C:\\<< parameters.a >>\\<< parameters.b >>)", R"(C:\[parameters.a]\[parameters.b])"},
        {R"(\\<<EOF)", R"(\<<EOF)"},
        {R"(\<<<< parameters.a >>)", "<<[parameters.a]"},
        {R"(\<<< parameters.a >>)", "<<< parameters.a >>"},
        {R"(<< parameters.a >>\<<EOF)", "[parameters.a]<<EOF"},
        {R"(\<<\<<)", "<<<<"},
        {R"(<\<< parameters.a >>)", "<<< parameters.a >>"},
        {R"(\x \\ \< \>> >>)", R"(\x \\ \< \>> >>)"},
        {R"(\ << parameters.a >>)", R"(\ [parameters.a])"},
        {R"(\)", R"(\)"},
    };
    for (const auto& row : table) EXPECT_EQ(split(row.text), row.parts) << row.text;
}

TEST(Reference, has_a_place) {
    const auto parts = split_template(R"(a\\<< parameters.b >>c)");
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(parts[0].at, (Span{0, 3}));
    EXPECT_EQ(parts[1].at, (Span{3, 21}));
    EXPECT_EQ(parts[2].at, (Span{21, 22}));
}

TEST(Reference, is_found_in_any_amount_of_marks) {
    const std::size_t many = 200'000;
    const struct {
        const char* what;
        std::string text;
        std::size_t parts;
    } table[] = {
        {"without an end", repeat("<<", 1'000'000), 1},
        {"one end", repeat("<<", many) + ">>", 1},
        {"ends first", repeat(">>", many) + repeat("<<", many), 1},
        {"unclosed references", repeat("<< parameters.a ", many), 1},
        {"unclosed references, one end", repeat("<< parameters.a ", many) + ">>", 1},
        {"references", repeat("<<matrix.a>>", many), many},
        {"near references", repeat("<<matrx.a>>", many), 11},
        {"near references of one line", repeat("<<matrx.a ", many) + ">>", 2},
        {"brackets behind each", repeat("<<(((((", many) + ">>", 1},
        {"long openings", repeat("<<" + std::string(10'000, '('), 100) + ">>", 1},
        {"long denials", repeat("<<" + repeat("not ", 2'000), 100) + ">>", 1},
        {"quotes", repeat("<<\"", many) + ">>", 1},
        {"backslashes", std::string(4 * many, '\\') + "<<", 1},
        {"escapes", repeat("\\<<", many), 1},
        {"escapes and references", repeat("\\<<<<matrix.a>>", many), 2 * many},
        {"pairs", repeat("\\\\<<", many), 1},
        {"NUL", std::string(many, '\0'), 1},
    };
    for (const auto& row : table) {
        EXPECT_EQ(split_template(row.text).size(), row.parts) << row.what;
        EXPECT_EQ(has_marks(row.text), row.parts > 1 || split_template(row.text).at(0).text != row.text) << row.what;
    }
}

TEST(Reference, is_known_by_its_first_part) {
    for (const char* yes :
         {"parameters.x", "pipeline.git.branch", "matrix.", "orb.a", "orbs.a", "PIPELINE.x", "matrx.x"}) {
        EXPECT_TRUE(is_like_reference(yes)) << yes;
    }
    for (const char* no : {"", ".", "parameters", ".parameters", "outputs.x", "env.x", "a b.c", "parameters x."}) {
        EXPECT_FALSE(is_like_reference(no)) << no;
    }
    EXPECT_FALSE(is_like_reference(repeat("matrix", 1'000'000) + "."));
}

}  // namespace
}  // namespace gyre::config

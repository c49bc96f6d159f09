#include "config/read.h"

#include <gtest/gtest.h>

#include "config/scalar.h"

namespace gyre::config {
namespace {

// A text with its document; both must live as long as nodes are looked at.
struct Text {
    explicit Text(std::string_view text) : source("t.yml", text), document(read(source, diagnostics)) {}
    const Node& at(std::string_view key) const { return *document.root()->find(key)->value.node; }
    std::string place(const Node& node) const {
        const Range range = source.range(node.span);
        return std::to_string(range.line) + ":" + std::to_string(range.column) + "-" + std::to_string(range.end_line) +
               ":" + std::to_string(range.end_column);
    }
    std::string codes() const {
        std::string text;
        for (const Diagnostic& one : diagnostics) {
            text += std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " +
                    std::string(name_of(one.code)) + "\n";
        }
        return text;
    }

    Source source;
    std::vector<Diagnostic> diagnostics;
    Document document;
};

TEST(Read, keeps_scalars_as_written) {
    const Text text("a: 3.10\nb: 1234567890\nc: 0x1F\nd: yes\ne: '3.10'\nf: |\n  x\n  y\ng: ~\nh:\n");
    EXPECT_EQ(text.at("a").text, "3.10");
    EXPECT_EQ(text.at("b").text, "1234567890");
    EXPECT_EQ(text.at("c").text, "0x1F");
    EXPECT_EQ(as_boolean(text.at("d")), true);
    EXPECT_EQ(text.at("e").style, ScalarStyle::quoted);
    EXPECT_EQ(text.at("f").text, "x\ny\n");
    EXPECT_EQ(text.at("f").style, ScalarStyle::block);
    EXPECT_EQ(text.at("g").kind, NodeKind::null);
    EXPECT_EQ(text.at("h").kind, NodeKind::null);
}

TEST(Read, knows_where_each_value_starts_and_ends) {
    const Text text("a: one\nb: &x 'two'\nc:\n  - 1\n  - [2, 3]\nd: {e: f}\n");
    EXPECT_EQ(text.place(text.at("a")), "1:4-1:7");
    EXPECT_EQ(text.place(text.at("b")), "2:7-2:12");
    EXPECT_EQ(text.place(text.at("c")), "4:3-5:11");
    EXPECT_EQ(text.place(*text.at("c").items[1].node), "5:5-5:11");
    EXPECT_EQ(text.place(text.at("d")), "6:4-6:10");
    EXPECT_EQ(text.place(*text.document.root()->find("d")->key), "6:1-6:2");
}

TEST(Read, counts_columns_in_characters_and_lines_by_any_line_end) {
    const Text text(
        "\xEF\xBB\xBF"
        "a: 'h\xC3\xA9\xE2\x82\xAC'\r\nb: [\xF0\x9F\x98\x80, z]\r\nc: d\r\n");
    EXPECT_EQ(text.codes(), "");
    EXPECT_EQ(text.place(text.at("a")), "1:4-1:9");
    EXPECT_EQ(text.place(*text.at("b").items[1].node), "2:8-2:9");
    EXPECT_EQ(text.place(text.at("c")), "3:4-3:5");
}

TEST(Read, shares_what_aliases_name) {
    const Text text("a: &x {k: v}\nb: *x\nc: [*x, *x]\n");
    EXPECT_EQ(&text.at("a"), &text.at("b"));
    EXPECT_EQ(&text.at("a"), text.at("c").items[1].node);
    EXPECT_EQ(text.place(*text.at("c").items[1].alias), "3:9-3:11");
}

TEST(Read, takes_the_latest_anchor_of_a_name) {
    const Text text("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
    EXPECT_EQ(text.at("b").text, "1");
    EXPECT_EQ(text.at("d").text, "2");
}

TEST(Read, merges_mappings_own_keys_first_then_in_order) {
    const Text text(R"(
one: &one {a: 1, b: 1}
two: &two {b: 2, c: 2}
list: {<<: [*one, *two], a: 0}
many: {<<: *two, <<: *one}
chain: &chain {<<: *one, d: 4}
more: {<<: *chain}
quoted: {"<<": text}
)");
    EXPECT_EQ(text.codes(), "");
    const auto value = [&](std::string_view map, std::string_view key) {
        return text.at(map).find(key)->value.node->text;
    };
    EXPECT_EQ(value("list", "a"), "0");
    EXPECT_EQ(value("list", "b"), "1");
    EXPECT_EQ(value("list", "c"), "2");
    EXPECT_EQ(value("many", "b"), "2");
    EXPECT_EQ(value("more", "a"), "1");
    EXPECT_EQ(value("more", "d"), "4");
    EXPECT_EQ(value("quoted", "<<"), "text");
    EXPECT_EQ(text.place(*text.at("more").find("a")->merge), "7:12-7:18");
}

TEST(Read, reports_each_wrong_key_and_anchor) {
    EXPECT_EQ(Text("a: 1\nb: 2\na: 3\nb: 4\n").codes(), "3:1 duplicate-key\n4:1 duplicate-key\n");
    EXPECT_EQ(Text("a: *nope\nb: *nope\n").codes(), "1:4 unknown-anchor\n2:4 unknown-anchor\n");
    EXPECT_EQ(Text("a: &a [*a]\n").codes(), "1:8 recursive-anchor\n");
    EXPECT_EQ(Text("a: {<<: 1}\nb: {<<: [x]}\n").codes(), "1:9 bad-merge\n2:10 bad-merge\n");
    EXPECT_EQ(Text("? [a]\n: b\n").codes(), "1:3 wrong-type\n");
    EXPECT_EQ(Text("a: 1\n---\nb: 1\n").codes(), "2:1 several-documents\n");
    const Text near("defaults: &defaults 1\na: *defualts\n");
    EXPECT_EQ(near.diagnostics.at(0).suggestion, "defaults");
}

TEST(Read, says_what_is_wrong_with_the_syntax) {
    const struct {
        const char* text;
        const char* place_and_message;
    } table[] = {
        {"a: b: c\n", "1:5 not valid YAML: a ': ' cannot stand here"},
        {"a:\n\t- b\n", "2:1 not valid YAML: a tab cannot indent YAML"},
        {"a: @b\n", "1:4 not valid YAML: a value cannot start with '@'"},
        {"a: 'b\nc: d\n", "1:4 not valid YAML: a quote that is never closed"},
        {"a: [b, c\nd: e\n", "2:2 not valid YAML: a list in [ ] that is not closed"},
        {"a: 1\n  b: 2\n",
         "2:4 not valid YAML: this line continues the text of the line before, where no ': ' can stand"},
        {"a: b: 2\n", "1:5 not valid YAML: a ': ' cannot stand here"},
        {"a:\n  b: 1\n c: 2\n", "3:2 not valid YAML: this line does not fit the mapping around it"},
        {"a:\n  - b\n  c: d\n", "3:3 not valid YAML: this line does not fit the list around it"},
        {"a: 1\nb\nc: 2\n", "2:1 not valid YAML: a key without ':'"},
    };
    for (const auto& row : table) {
        const Text text(row.text);
        ASSERT_EQ(text.diagnostics.size(), 1U) << row.text;
        const Diagnostic& one = text.diagnostics.front();
        EXPECT_EQ(std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " + one.message,
                  row.place_and_message);
        EXPECT_FALSE(one.expected.empty()) << row.text;
        EXPECT_EQ(text.document.root(), nullptr);
    }
}

}  // namespace
}  // namespace gyre::config

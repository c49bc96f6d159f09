#include "config/yaml_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "config/read.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

// The text as a value and a key in a mapping in a list, read back.
std::string read_back(const std::string& text) {
    Yaml inner = Yaml::mapping();
    inner.set(text, Yaml::of_text(text)).set(text + " after", Yaml::list().add(Yaml::of_text(text)));
    const std::string written = write_yaml(Yaml::mapping().set("a", Yaml::list().add(std::move(inner))));
    const Source source("x", written);
    std::vector<Diagnostic> diagnostics;
    const Document document = read(source, diagnostics);
    if (!diagnostics.empty() || document.root() == nullptr) {
        return written + ": " + (diagnostics.empty() ? "" : diagnostics[0].message);
    }
    const auto& entries = document.root()->entries.at(0).value.node->items.at(0).node->entries;
    const Node& value = *entries.at(0).value.node;
    const Node& item = *entries.at(1).value.node->items.at(0).node;
    const bool same = entries.size() == 2 && value.kind == NodeKind::scalar && entries[0].key->text == text &&
                      value.text == item.text && item.kind == NodeKind::scalar && !as_boolean(value);
    const bool number = value.style == ScalarStyle::plain && is_number(value.text);
    return same && !number ? value.text : written;
}

std::string line_of(const std::string& text) { return write_yaml(Yaml::of_text(text)); }

TEST(Yaml, quotes_only_what_would_be_read_as_something_else) {
    for (const char* plain : {"a", "cimg/node:20.1", "1.2.3", "v1", "10m", "~/project", "-x", "a#b", "a:b", "$HOME/x",
                              "a, b", "<< parameters.x >>", "{{ checksum }} x"}) {
        if (plain[0] == '{') continue;
        EXPECT_EQ(line_of(plain), std::string(plain) + "\n");
    }
    for (const char* quoted :
         {"",           "3.10", "1",    "true", "Off", "y",  "null", "~",   "- a",  "a: b",  "a #b",
          " a",         "a ",   "a:",   "#a",   "*a",  "&a", "[a",   "{a}", "0x1F", "1_000", "12:30:45",
          "2026-11-21", "1e3",  ".inf", "---",  "%a",  "@a", "<<",   "`a`", "|",    ">"}) {
        EXPECT_EQ(line_of(quoted), "\"" + std::string(quoted) + "\"\n");
    }
    EXPECT_EQ(line_of("\"a\""), "'\"a\"'\n");
    EXPECT_EQ(line_of("it's: \"a\""), "'it''s: \"a\"'\n");
    EXPECT_EQ(line_of("a\r\tb"), "\"a\\x0D\\tb\"\n");
}

TEST(Yaml, writes_lines_as_a_block) {
    const Yaml value = Yaml::list().add(Yaml::mapping().set("run", Yaml::of_text("a\n\n  b\n")));
    EXPECT_EQ(write_yaml(value), "- run: |\n    a\n\n      b\n");
    EXPECT_EQ(write_yaml(Yaml::mapping().set("k", Yaml::of_text("a\nb"))), "k: |-\n  a\n  b\n");
    EXPECT_EQ(write_yaml(Yaml::mapping().set("k", Yaml::of_text("  a\nb\n\n"))), "k: |2+\n    a\n  b\n\n");
}

TEST(Yaml, keeps_every_text) {
    for (const char* text : {"",
                             "a",
                             "3.10",
                             " ",
                             "\n",
                             "\n\n",
                             "a\n",
                             "a\n\n",
                             "\na",
                             "\n a\n",
                             " a\nb",
                             "\ta\nb",
                             "a\n \n",
                             "a\n  ",
                             "a \nb",
                             "a\tb\n\tc",
                             "a\rb\nc",
                             "a\r\n",
                             "\\",
                             "\"",
                             "'",
                             "a\\nb",
                             "\x01\x7f",
                             "\xC2\x85\n",
                             "\xE2\x80\xA8",
                             "\xEF\xBB\xBF",
                             "\xF0\x9F\x98\x80 \xC3\xBC\n\xC2\xA0",
                             "# a\nb",
                             "- a\n- b",
                             "a: b\nc: d",
                             "---\na",
                             "a\n---\n",
                             "a\n...\n",
                             "? a",
                             ": a",
                             "<<",
                             "*a",
                             "|\n",
                             "%YAML 1.1\n",
                             "a\n\t",
                             "\n\t\n",
                             "null",
                             "No",
                             "0o7",
                             "1:2"}) {
        EXPECT_EQ(read_back(text), text);
    }
    EXPECT_EQ(read_back(std::string(3000, 'k')), std::string(3000, 'k'));
}

RC_GTEST_PROP(Yaml, keeps_any_text, ()) {
    const auto character = rc::gen::element<std::string>(
        "a", "b", " ", "  ", "\n", "\n\n", "\t", ":", "#", "-", "?", "'", "\"", "\\", "<<", "{", "]", "&", "*", "!",
        "|", ">", "%", "1", ".", "\r", "\xC3\xBC", "\xC2\x85", "\x1B", ",", "~", "\xE2\x80\xA9");
    std::string text;
    for (const std::string& one : *rc::gen::container<std::vector<std::string>>(character)) text += one;
    RC_ASSERT(read_back(text) == text);
}

}  // namespace
}  // namespace gyre::config

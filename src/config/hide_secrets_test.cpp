#include "config/hide_secrets.h"

#include <gtest/gtest.h>

#include "config/test_support.h"
#include "config/text_in_test.h"

namespace gyre::config {
namespace {

constexpr const char* token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

// All that is shown of a compile, with an orb for those that import one.
std::string shown(const std::string& text, const std::string& orb = "") {
    const CompileInput input{.file = "config.yml", .branch = "main", .orbs = [&](const OrbReference&) {
                                 return OrbAnswer{OrbText{"orb.yml", "1.0.0", orb}};
                             }};
    const auto diagnostics = compile(text, input).diagnostics;
    EXPECT_FALSE(diagnostics.empty());
    return render_text(diagnostics) + render_json(diagnostics) + render_sarif(diagnostics) + render_github(diagnostics);
}

void expect_hidden(const std::string& all, std::string_view secret, const char* what) {
    EXPECT_EQ(all.find(secret), std::string::npos) << what << "\n" << all;
}

std::string unknown_steps(int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += "      - unknown" + std::to_string(i) + "\n";
    return text;
}

TEST(HideSecrets, whatever_the_complaint_is) {
    const std::string steps = "version: 2\njobs:\n  build:\n    machine: true\n    steps:\n";
    const std::string run = "      - run: {command: x, environment: {TOKEN: " + std::string(token) + "}, wrong: 1}\n";
    expect_hidden(shown(steps + run), token, "beside a mistake");
    expect_hidden(shown(steps + run + unknown_steps(120)), token, "when there is no room for a warning about it");
    expect_hidden(shown(steps + "      - " + token + "\n"), token, "as the mistake itself");
    expect_hidden(shown(steps + "      - " + token + token + token + "\n"), "ghp_0123", "cut off in a message");
    expect_hidden(shown("version: 2\nenvironment: {TOKEN: " + std::string(token) + ": x}\n"), token, "in no YAML");
    expect_hidden(shown("a: [\nAPI_PASSWORD: 0123456789abcdef: x\n"), "0123456789", "by its name, in no YAML");
    expect_hidden(shown("{a: 1, \"api-key\": \"0123456789abcdef\", a: 2"), "0123456789", "in quotes, in no YAML");
    expect_hidden(shown("version: 2\nk: &k\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIabc: *x\n  -----END X\n"), "MIIabc",
                  "a private key, in no YAML");
    expect_hidden(shown("x: {PASSWORD: &x \"abc\\x64efgh12345\", a: *y}\n"), "efgh12345", "written with escapes");
    expect_hidden(shown("x: {username: me, password: hunter2, username: you}\n"), "hunter2",
                  "of a registry, read twice");
}

TEST(HideSecrets, where_they_stand_again_and_do_not_look_like_secrets) {
    const std::string all = shown(
        "version: 2\njobs:\n  build:\n    machine: true\n    environment: {API_TOKEN: abcd1234efgh5678}\n"
        "    steps: [run: {command: a, no_output_timeout: abcd1234efgh5678}]\n");
    expect_hidden(all, "abcd1234efgh5678", "in the line that shows a mistake");
    EXPECT_NE(all.find("no_output_timeout: ****************}]"), std::string::npos) << all;
}

TEST(HideSecrets, of_orbs_too) {
    const std::string config = "version: 2.1\norbs: {o: a/b@1}\njobs: {build: {machine: true, steps: [o/c]}}\n";
    const std::string step = "[nosuch, run: {command: x, environment: {TOKEN: " + std::string(token) + "}}]";
    expect_hidden(shown(config, "version: 2.1\ncommands: {c: {steps: " + step + "}}\n"), token, "in a command of it");
    expect_hidden(shown(config, "version: 2.1\nTOKEN: " + std::string(token) + ": x\n"), token, "that is no YAML");
    expect_hidden(shown(config, "a: {TOKEN: 0123456789abcdef, a: 1, a: 2}\n"), "0123456789", "with a key twice");
}

TEST(HideSecrets, in_arguments_that_a_note_names) {
    const std::string text =
        "version: 2.1\ncommands: {c: {parameters: {t: {type: string}}, steps: [nosuch]}}\n"
        "jobs:\n  build:\n    machine: true\n    steps:\n      - c:\n          t: " +
        std::string(token) + "\n";
    expect_hidden(shown(text), token, "an argument");
    EXPECT_NE(shown(text).find("called here with t: ****"), std::string::npos);
}

TEST(HideSecrets, character_by_character_in_excerpts) {
    const std::string text = "env: {Ünlü: 'tr\xC3\xBCstno1', other: x}\n";
    Source source("config.yml", text);
    const auto begin = static_cast<std::uint32_t>(text.find("tr\xC3\xBCstno1"));
    const auto other = static_cast<std::uint32_t>(text.find("other"));
    source.hide({{begin + 2, begin + 9}, {begin, begin + 4}});
    const Excerpt excerpt = source.excerpt({other, other + 5});
    EXPECT_EQ(excerpt.text, "env: {Ünlü: '********', other: x}");
    EXPECT_EQ(excerpt.column, 25);
    EXPECT_EQ(source.excerpt({begin, begin + 9}).width, 8);
}

TEST(HideSecrets, in_messages_once_and_no_more) {
    HiddenSecrets secrets;
    secrets.add("tr\xC3\xBCstno1");
    secrets.add("a-long-secret-0123456789");
    secrets.add("abc");
    std::vector<Diagnostic> diagnostics{{.message = "'trüstno1' is no image, nor is trüst",
                                         .expected = "abc",
                                         .suggestion = "a-long-secret-0123",
                                         .notes = {{.message = "in a-long..., trüstno1"}}}};
    for (int i = 0; i < 2; ++i) {
        secrets.hide_in(diagnostics);
        EXPECT_EQ(diagnostics[0].message, "'****' is no image, nor is trüst");
        EXPECT_EQ(diagnostics[0].expected, "abc");
        EXPECT_EQ(diagnostics[0].suggestion, "****");
        EXPECT_EQ(diagnostics[0].notes[0].message, "in ****..., ****");
    }
}

// Written in the text, and such that only the tree tells: '' stands for one quote.
TEST(HideSecrets, as_many_as_a_config_may_have) {
    const std::string config = "version: 2.1\njobs: {build: {machine: true, steps: [checkout]}}\nx:\n";
    for (const std::string item : {"- TOKEN=abcdefgh1234#\n", "- {username: a, password: '12''3#'}\n"}) {
        const std::string all = shown(config + test::numbered(item, 10'001));
        EXPECT_NE(all.find("more than 10000 values look like secrets, the limit"), std::string::npos) << all;
        expect_hidden(all, "abcdefgh", "a secret over the limit");
        expect_hidden(all, "12''3", "a password over the limit");
        EXPECT_EQ(shown(config + test::numbered(item, 9'999)).find("the limit"), std::string::npos);
    }
}

// Half of them in one pass and one text, the others in another.
TEST(HideSecrets, as_many_as_all_texts_may_have_together) {
    const std::string orb = "version: 2.1\nx:\n" + test::numbered("- TOKEN=abcdefgh1234#\n", 4'000);
    const auto shown_with = [&](int own) {
        return shown("version: 2.1\norbs: {o: a/b@1}\njobs: {build: {machine: true, steps: [checkout, nosuch]}}\nx:\n" +
                         test::numbered("- TOKEN='abcdefgh1234#'\n", 3'000) +
                         test::numbered("- {username: a, password: '12''3#'}\n", own),
                     orb);
    };
    EXPECT_EQ(shown_with(2'999).find("the limit"), std::string::npos);
    EXPECT_NE(shown_with(3'001).find("more than 10000 values look like secrets, the limit"), std::string::npos);
}

TEST(HideSecrets, and_nothing_else) {
    const std::string text =
        test::job("    machine: true\n    steps: [{run: {command: \"TOKEN=$TOKEN make\", x: 1}}]\n");
    EXPECT_EQ(shown(text).find('*'), std::string::npos);
}

}  // namespace
}  // namespace gyre::config

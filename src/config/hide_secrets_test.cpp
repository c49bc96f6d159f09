#include "config/hide_secrets.h"

#include <gtest/gtest.h>

#include "config/render.h"

namespace gyre::config {
namespace {

constexpr std::string_view text =
    "version: 2\nenv: {TOKEN: hunter2, Ünlü: 'tr\xC3\xBCstno1', other: x}\nkey: |\n  hunter2\n";

class HideSecrets : public testing::Test {
protected:
    Diagnostic marks(Code code, std::string_view word, const std::string& message) const {
        const auto begin = static_cast<std::uint32_t>(text.find(word));
        const Span span{begin, begin + static_cast<std::uint32_t>(word.size())};
        const Note marked = note_at(source_, span, "");
        return {.code = code,
                .message = message,
                .file = marked.file,
                .range = marked.range,
                .excerpt = marked.excerpt,
                .excerpt_column = marked.excerpt_column,
                .excerpt_width = marked.excerpt_width};
    }

    Source source_{"config.yml", text};
};

TEST_F(HideSecrets, in_the_excerpt_of_the_warning_itself) {
    std::vector diagnostics{marks(Code::secret_literal, "hunter2", "looks like a secret")};
    hide_secrets(diagnostics);
    EXPECT_EQ(diagnostics[0].excerpt, "env: {TOKEN: *******, Ünlü: 'trüstno1', other: x}");
}

TEST_F(HideSecrets, in_other_excerpts_of_the_line_and_in_messages) {
    std::vector diagnostics{marks(Code::secret_literal, "'tr\xC3\xBCstno1'", "looks like a secret"),
                            marks(Code::unknown_key, "other", "'trüstno1' is no image")};
    diagnostics[1].notes.push_back(note_at(source_, {15, 18}, "trüstno1 here"));
    hide_secrets(diagnostics);
    EXPECT_EQ(diagnostics[0].excerpt, "env: {TOKEN: hunter2, Ünlü: **********, other: x}");
    EXPECT_EQ(diagnostics[1].excerpt, diagnostics[0].excerpt);
    EXPECT_EQ(diagnostics[1].message, "'****' is no image");
    EXPECT_EQ(diagnostics[1].notes[0].excerpt, diagnostics[0].excerpt);
    EXPECT_EQ(diagnostics[1].notes[0].message, "**** here");
    for (const std::string& shown : {render_json(diagnostics), render_sarif(diagnostics), render_text(diagnostics)}) {
        EXPECT_EQ(shown.find("stno1"), std::string::npos) << shown;
    }
}

TEST_F(HideSecrets, twice_as_once) {
    std::vector diagnostics{marks(Code::secret_literal, "hunter2", "looks like ******* a secret")};
    hide_secrets(diagnostics);
    const std::string once = render_json(diagnostics);
    hide_secrets(diagnostics);
    EXPECT_EQ(render_json(diagnostics), once);
}

TEST_F(HideSecrets, on_every_line_that_they_cover) {
    std::vector diagnostics{marks(Code::secret_literal, "|\n  hunter2", "looks like a secret"),
                            marks(Code::bad_value, "  hunter2\n", "wrong")};
    hide_secrets(diagnostics);
    EXPECT_EQ(diagnostics[1].excerpt, "*********");
}

TEST_F(HideSecrets, and_nothing_else) {
    std::vector diagnostics{marks(Code::unknown_key, "TOKEN", "unknown key 'TOKEN'")};
    const std::string before = render_json(diagnostics);
    hide_secrets(diagnostics);
    EXPECT_EQ(render_json(diagnostics), before);
}

}  // namespace
}  // namespace gyre::config

// Real configs of public projects, where they lie beside the repository: every one is answered, and the answers stay
// what they were.

#include "config/test_corpus.h"

namespace gyre::config::test {
namespace {

const fs::path corpus_dir = source_dir / ".." / "shared" / "corpus";

// The configs, without the fragments of `extra/`, or with them alone.
std::vector<fs::path> files(bool extra) {
    std::vector<fs::path> found = yaml_files(corpus_dir);
    std::erase_if(found,
                  [&](const fs::path& one) { return (one.string().find("/extra/") != std::string::npos) != extra; });
    return found;
}

void check_place(const Range& range, const std::vector<std::size_t>& lengths) {
    ASSERT_GE(range.line, 1);
    ASSERT_GE(range.column, 1);
    ASSERT_LE(static_cast<std::size_t>(range.end_line), lengths.size());
    ASSERT_LE(static_cast<std::size_t>(range.column), lengths[static_cast<std::size_t>(range.line - 1)] + 1);
    ASSERT_LE(static_cast<std::size_t>(range.end_column), lengths[static_cast<std::size_t>(range.end_line - 1)] + 1);
    ASSERT_LE(std::pair(range.line, range.column), std::pair(range.end_line, range.end_column));
}

std::vector<std::size_t> line_lengths(const std::string& text) {
    std::vector<std::size_t> lengths{0};
    for (const char c : text) {
        if (c == '\n') {
            lengths.push_back(0);
        } else {
            ++lengths.back();
        }
    }
    return lengths;
}

CompileResult check(const fs::path& file, OrbSource orbs = {}) {
    const std::string text = contents(file);
    const std::string name = file.filename().string();
    CompileResult result = compile(text, {.file = name, .branch = "main", .orbs = std::move(orbs)});
    EXPECT_EQ(result.plan.has_value(), !has_errors(result.diagnostics)) << file;
    const auto lengths = line_lengths(text);
    for (const Diagnostic& one : result.diagnostics) {
        SCOPED_TRACE(render_text(one));
        if (one.file == name) check_place(one.range, lengths);
        for (const Note& note : one.notes) {
            if (note.file == name) check_place(note.range, lengths);
        }
    }
    return result;
}

std::string verdicts(const OrbSource& orbs) {
    std::string lines;
    for (const fs::path& file : files(false)) {
        lines += file.lexically_relative(corpus_dir).string() + " " + verdict(check(file, orbs)) + "\n";
    }
    return lines;
}

class Corpus : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(corpus_dir)) {
            GTEST_SKIP() << "needs " << corpus_dir << ": the real configs are not part of the repository";
        }
    }
};

TEST_F(Corpus, every_config_compiles_or_says_why_not) {
    expect_golden(verdicts({}), golden_dir / "corpus_verdicts.txt");
}

// tests/golden/orbs has stubs of public orbs: their names and parameters, as far as these configs use them.
TEST_F(Corpus, with_stubs_of_public_orbs_only_private_orbs_and_mistakes_are_left) {
    expect_golden(verdicts(stubs_in(golden_dir / "orbs")), golden_dir / "corpus_verdicts_with_stubs.txt");
}

TEST_F(Corpus, fragments_are_answered_too) {
    for (const fs::path& file : files(true)) check(file);
}

}  // namespace
}  // namespace gyre::config::test

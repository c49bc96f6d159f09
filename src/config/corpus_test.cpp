// Real configs of public projects, where they lie beside the repository: every one is answered, and the answers stay
// what they were. GYRE_ACCEPT=1 writes the present answers down as right.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/test_support.h"

namespace gyre::config {
namespace {

namespace fs = std::filesystem;

const fs::path source_dir = GYRE_SOURCE_DIR;
const fs::path corpus_dir = source_dir / ".." / "shared" / "corpus";
const fs::path verdicts_file = source_dir / "tests" / "golden" / "corpus_verdicts.txt";

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The configs, without the fragments of `extra/`, or with them alone.
std::vector<fs::path> files(bool extra) {
    std::vector<fs::path> found;
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(corpus_dir, failed)) {
        const bool is_extra = entry.path().string().find("/extra/") != std::string::npos;
        const bool is_yaml = entry.path().extension() == ".yml" || entry.path().extension() == ".yaml";
        if (entry.is_regular_file() && is_yaml && is_extra == extra) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
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

CompileResult check(const fs::path& file) {
    const std::string text = contents(file);
    CompileResult result = compile(text, {.file = file.filename().string(), .branch = "main"});
    EXPECT_EQ(result.plan.has_value(), !has_errors(result.diagnostics)) << file;
    const auto lengths = line_lengths(text);
    for (const Diagnostic& one : result.diagnostics) {
        SCOPED_TRACE(render_text(one));
        check_place(one.range, lengths);
        for (const Note& note : one.notes) check_place(note.range, lengths);
    }
    return result;
}

TEST(Corpus, every_config_compiles_or_says_why_not) {
    const auto configs = files(false);
    if (configs.empty()) GTEST_SKIP() << "needs " << corpus_dir << ": the real configs are not part of the repository";
    std::string verdicts;
    for (const fs::path& file : configs) {
        const CompileResult result = check(file);
        const std::string verdict = result.plan ? "compiles" : std::string(name_of(result.diagnostics.front().code));
        verdicts += file.lexically_relative(corpus_dir).string() + " " + verdict + "\n";
    }
    if (std::getenv("GYRE_ACCEPT") != nullptr) {
        fs::create_directories(verdicts_file.parent_path());
        std::ofstream(verdicts_file) << verdicts;
        GTEST_SKIP() << "accepted: " << verdicts_file;
    }
    EXPECT_EQ(verdicts, contents(verdicts_file));
}

TEST(Corpus, fragments_are_answered_too) {
    const auto fragments = files(true);
    if (fragments.empty())
        GTEST_SKIP() << "needs " << corpus_dir << ": the real configs are not part of the repository";
    for (const fs::path& file : fragments) check(file);
}

}  // namespace
}  // namespace gyre::config

// The readers of strangers' texts over the seeds and some mutations of them, without libFuzzer. GYRE_FUZZ_MUTATIONS
// multiplies their number, GYRE_FUZZ_SEED starts others.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fuzz/entries.h"
#include "fuzz/mutation.h"

namespace gyre::fuzz {
namespace {

const std::filesystem::path folder = GYRE_FUZZ_FOLDER;

std::string contents(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(text).str();
}

std::vector<std::string> seeds_of(std::string_view name) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder / "seeds" / name)) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const auto& file : files) texts.push_back(contents(file));
    return texts;
}

// A line of a dictionary of libFuzzer between its quotes: \\, \" and \xAB are escapes.
std::string word_of(std::string_view line) {
    std::string word;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '\\') {
            word += line[i];
        } else if (line[++i] == 'x') {
            word += static_cast<char>(std::stoi(std::string(line.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            word += line[i];
        }
    }
    return word;
}

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words;
    std::ifstream file(folder / "words" / (std::string(name) + ".dict"));
    for (std::string line; std::getline(file, line);) {
        const bool is_word = line.size() > 2 && line.front() == '"' && line.back() == '"';
        if (is_word) words.push_back(word_of(std::string_view(line).substr(1, line.size() - 2)));
    }
    return words;
}

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
    const char* given = std::getenv(variable);
    return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

class Readers : public testing::TestWithParam<Entry> {};

TEST_P(Readers, hold_on_every_seed) {
    const auto seeds = seeds_of(GetParam().name);
    ASSERT_FALSE(seeds.empty());
    for (const std::string& seed : seeds) EXPECT_EQ(GetParam().run(seed), "") << seed;
    EXPECT_EQ(GetParam().run(""), "");
}

TEST_P(Readers, hold_on_mutations_of_seeds) {
    const auto seeds = seeds_of(GetParam().name);
    const auto words = words_of(GetParam().name);
    const std::uint64_t first = number_of("GYRE_FUZZ_SEED", 1);
    const std::uint64_t count = number_of("GYRE_FUZZ_MUTATIONS", 1) * static_cast<std::uint64_t>(GetParam().mutations);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::mt19937_64 random(first + i);
        const std::string text = mutated(seeds[i % seeds.size()], seeds, words, random);
        ASSERT_EQ(GetParam().run(text), "") << "GYRE_FUZZ_SEED=" << first + i << ":\n" << testing::PrintToString(text);
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Readers, testing::ValuesIn(entries().begin(), entries().end()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace gyre::fuzz

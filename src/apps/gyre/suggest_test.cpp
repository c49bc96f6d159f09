#include "apps/gyre/suggest.h"

#include <gtest/gtest.h>

#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

std::optional<std::string> suggest(std::vector<std::string> words) {
    CLI::App app("test", "gyre");
    auto* jobs = app.add_subcommand("jobs");
    jobs->add_option("workflow");
    jobs->add_subcommand("diff");
    app.add_subcommand("project")->add_subcommand("add");
    words.insert(words.begin(), "gyre");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    return suggestion(app, static_cast<int>(argv.size()), argv.data());
}

TEST(Suggestion, names_the_nearest_command) {
    EXPECT_EQ(suggest({"jbos"}), "there is no command 'gyre jbos'; did you mean `gyre jobs`?");
    EXPECT_EQ(suggest({"project", "ad"}), "there is no command 'gyre project ad'; did you mean `gyre project add`?");
    EXPECT_EQ(suggest({"zzzzzz"}), "there is no command 'gyre zzzzzz'; `gyre --help` lists them");
}

TEST(Suggestion, is_silent_about_lines_that_are_fine) {
    EXPECT_FALSE(suggest({"jobs", "some-id"})) << "it may be an id, though the command has others below it";
    EXPECT_FALSE(suggest({"jobs", "diff", "some-slug"}));
    EXPECT_FALSE(suggest({"--help"}));
    EXPECT_FALSE(suggest({}));
}

TEST(Human, numbers_have_units) {
    EXPECT_EQ(human_duration(850), "850 ms");
    EXPECT_EQ(human_duration(12'345), "12.3 s");
    EXPECT_EQ(human_duration(245'000), "4 min 05 s");
    EXPECT_EQ(human_duration(7'380'000), "2 h 03 min");
    EXPECT_EQ(human_bytes(812), "812 B");
    EXPECT_EQ(human_bytes(3'400'000), "3.4 MB");
    EXPECT_EQ(human_memory(812), "812 B");
    EXPECT_EQ(human_memory(std::int64_t{2048} << 20), "2 GiB") << "as the page says it";
    EXPECT_EQ(human_memory((std::int64_t{5} << 30) / 2), "2.5 GiB");
    EXPECT_EQ(human_memory(std::int64_t{1234567} << 10), "1.2 GiB");
    EXPECT_EQ(human_memory(std::int64_t{150'000} << 10), "146 MiB");
    EXPECT_EQ(human_memory(std::int64_t{4096} << 40), "4096 TiB");
}

}  // namespace
}  // namespace gyre::apps

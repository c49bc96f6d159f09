#include "apps/gyre/config_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "apps/gyre/compile_flags.h"
#include "apps/gyre/terminal.h"
#include "base/random.h"
#include "config/compile.h"

namespace gyre::apps {
namespace {

using config::Code;
using config::Severity;

std::vector<config::Diagnostic> an_error_and_a_warning() {
    return {{.code = Code::unknown_key, .severity = Severity::error},
            {.code = Code::unused_job, .severity = Severity::warning}};
}

TEST(ConfigReport, allows_warnings_by_their_code) {
    auto diagnostics = an_error_and_a_warning();
    EXPECT_TRUE(drop_allowed({.allowed = {"unused-job"}}, diagnostics).ok());
    ASSERT_EQ(diagnostics.size(), 1U);
    EXPECT_EQ(diagnostics[0].code, Code::unknown_key);
}

TEST(ConfigReport, allows_no_errors) {
    auto diagnostics = an_error_and_a_warning();
    EXPECT_TRUE(drop_allowed({.allowed = {"unknown-key"}}, diagnostics).ok());
    EXPECT_EQ(diagnostics.size(), 2U);
}

TEST(ConfigReport, names_the_nearest_code) {
    auto diagnostics = an_error_and_a_warning();
    const auto done = drop_allowed({.allowed = {"unsed-job"}}, diagnostics);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().message, "--allow: no diagnostic has the code 'unsed-job'; did you mean 'unused-job'?");
}

TEST(ConfigReport, looks_for_a_config_under_another_ending) {
    const auto folder = std::filesystem::temp_directory_path() / ("gyre-config-" + random_token(4));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.yaml") << "version: 2.1\n";
    const auto missing = read_config((folder / "config.yml").string());
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().fault, Fault::not_found);
    EXPECT_NE(missing.error().message.find("config.yaml, but the server reads config.yml"), std::string::npos)
        << missing.error().message;
    EXPECT_EQ(read_config((folder / "other.yml").string()).error().message.find(";"), std::string::npos);
    std::filesystem::remove_all(folder);
    EXPECT_EQ(shown_name("-"), "<stdin>");
    EXPECT_EQ(shown_name("a.yml"), "a.yml");
}

TEST(ConfigReport, has_values_that_every_pipeline_has) {
    const auto plain = compile_input({.branch = "main"}, "c.yml");
    EXPECT_EQ(plain->values.at("number"), config::Scalar(std::int64_t{1}));
    EXPECT_EQ(plain->values.at("git.branch.is_default"), config::Scalar(true));
    EXPECT_EQ(compile_input({.branch = "x"}, "c.yml")->values.at("git.branch.is_default"), config::Scalar(false));
    EXPECT_EQ(compile_input({.values = {"number=7"}}, "c.yml")->values.at("number"), config::Scalar(std::int64_t{7}));
    const std::string values =
        "<< pipeline.id >> << pipeline.git.revision >> << pipeline.git.commit.url >> << pipeline.project.git_url >> "
        "<< pipeline.project.slug >> << pipeline.trigger_source >> << pipeline.trigger.received_at >>";
    const auto made =
        config::compile("version: 2.1\njobs: {build: {machine: true, steps: [run: '" + values + "']}}\n", *plain);
    ASSERT_TRUE(made.plan);
    const auto& run = std::get<RunStep>(made.plan->jobs.at(0).steps.at(0));
    EXPECT_EQ(std::count(run.command.begin(), run.command.end(), ' '), 6);
    EXPECT_EQ(run.command.find("  "), std::string::npos) << run.command;
    const auto refusal = [](const std::string& value) {
        return compile_input({.values = {value}}, "c.yml").error().message;
    };
    EXPECT_EQ(refusal("number=abc"), "--pipeline-value: 'number' is a whole number, not 'abc'");
    EXPECT_EQ(refusal("git.branch=x"), "--pipeline-value: 'git.branch' is given by --branch");
    EXPECT_EQ(refusal("git.branch.is_default=maybe"),
              "--pipeline-value: 'git.branch.is_default' is true or false, not 'maybe'");
}

TEST(ConfigReport, fails_on_errors_and_on_warnings_where_that_is_asked_for) {
    const Cli cli;
    const std::vector<config::Diagnostic> warning{{.code = Code::unused_job, .severity = Severity::warning}};
    EXPECT_EQ(report(cli, {.format = "github"}, {}), 0);
    EXPECT_EQ(report(cli, {.format = "github"}, warning), 0);
    EXPECT_EQ(report(cli, {.format = "github", .strict = true}, warning), exit_failed);
    EXPECT_EQ(report(cli, {.format = "github"}, an_error_and_a_warning()), exit_failed);
}

TEST(ConfigReport, reads_of_a_large_file_only_what_shows_that_it_is_too_large) {
    const std::string path = testing::TempDir() + "/large-config.yml";
    {
        std::ofstream file(path, std::ios::binary);
        file << "\xEF\xBB\xBF";
    }
    ASSERT_EQ(::truncate(path.c_str(), 1 << 30), 0);
    const auto text = read_config(path);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->size(), config::ReadLimits{}.bytes + 4);
    const auto diagnostics = config::compile(*text, {}).diagnostics;
    ASSERT_EQ(diagnostics.size(), 1U);
    EXPECT_EQ(diagnostics[0].code, Code::too_large);
    EXPECT_EQ(diagnostics[0].message,
              "the config has more than " + std::to_string(config::ReadLimits{}.bytes) + " bytes, the limit");
    ::unlink(path.c_str());
}

// Names of jobs, branches and people stand in tables.
TEST(Table, gives_the_terminal_nothing_to_obey) {
    testing::internal::CaptureStdout();
    print_table({{"JOB", "STATUS"}, {"\x1b]0;title\a", "failed"}});
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "JOB               STATUS\n"
              "\\x1b]0;title\\x07  failed\n");
}

TEST(Table, stands_straight_below_names_that_take_two_columns_a_character) {
    testing::internal::CaptureStdout();
    print_table({{"JOB", "STATUS"}, {"構築", "failed"}, {"build", "failed"}});
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "JOB    STATUS\n"
              "構築   failed\n"
              "build  failed\n");
}

}  // namespace
}  // namespace gyre::apps

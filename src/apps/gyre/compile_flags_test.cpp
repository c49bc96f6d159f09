#include "apps/gyre/compile_flags.h"

#include <gtest/gtest.h>

namespace gyre::apps {
namespace {

TEST(CompileFlags, leave_what_stands_behind_them_to_others) {
    CLI::App app;
    CompileFlags flags;
    std::string file;
    app.add_option("file", file);
    add_compile_options(&app, flags);
    app.parse("--parameter a=1 --parameter b=2 --pipeline-value number=3 config.yml");
    EXPECT_EQ(flags.parameters, (std::vector<std::string>{"a=1", "b=2"}));
    EXPECT_EQ(flags.values, std::vector<std::string>{"number=3"});
    EXPECT_EQ(file, "config.yml");
}

TEST(CompileFlags, take_text_in_utf8_only) {
    for (const std::string bad : {"s=\xff", "s=\xc3"}) {
        const auto input = compile_input({.branch = "main", .parameters = {bad}}, "c.yml");
        ASSERT_FALSE(input.ok());
        EXPECT_EQ(input.error().fault, Fault::invalid);
    }
    EXPECT_TRUE(compile_input({.branch = "main", .parameters = {"s=\u00e9"}}, "c.yml").ok());
}

// The config is not to blame: exit code 5, and said once.
TEST(CompileFlags, tell_of_a_server_that_does_not_answer_apart_from_the_config) {
    CompileFlags flags{.branch = "main"};
    flags.orbs.of_server = true;
    flags.orbs.address.server = "unix:" + testing::TempDir() + "nobody-listens-here.sock";
    const auto input = compile_input(flags, "c.yml");
    ASSERT_TRUE(input.ok()) << input.error().message;
    EXPECT_TRUE(check_server_answered(flags.orbs).ok());
    for (const char* name : {"acme/tools", "acme/more"})
        EXPECT_TRUE(std::holds_alternative<config::OrbAbsent>(input->orbs({name, "1.0.0"})));
    const auto answered = check_server_answered(flags.orbs);
    ASSERT_FALSE(answered.ok());
    EXPECT_EQ(answered.error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace gyre::apps

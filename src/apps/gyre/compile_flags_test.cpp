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

}  // namespace
}  // namespace gyre::apps

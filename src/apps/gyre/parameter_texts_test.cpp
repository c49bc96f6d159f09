#include "apps/gyre/parameter_texts.h"

#include <gtest/gtest.h>

namespace gyre::apps {
namespace {

TEST(ParameterTexts, are_split_at_the_first_sign) {
    const auto texts = parameter_texts({"a=1", "b=x=y", "c="});
    ASSERT_TRUE(texts.ok());
    EXPECT_EQ(*texts, (std::map<std::string, std::string>{{"a", "1"}, {"b", "x=y"}, {"c", ""}}));
}

TEST(ParameterTexts, of_another_form_are_refused) {
    for (const std::vector<std::string>& wrong : {std::vector<std::string>{"a"}, {"=1"}, {""}, {"a=1", "a=2"}})
        EXPECT_EQ(parameter_texts(wrong).error().fault, Fault::invalid) << wrong[0];
}

TEST(ParameterTexts, leave_what_stands_behind_them_to_others) {
    CLI::App app;
    std::vector<std::string> parameters;
    std::string slug;
    app.add_option("slug", slug);
    add_parameter_option(&app, parameters);
    app.parse("--parameter a=1 --parameter b=2 git/app");
    EXPECT_EQ(parameters, (std::vector<std::string>{"a=1", "b=2"}));
    EXPECT_EQ(slug, "git/app");
}

}  // namespace
}  // namespace gyre::apps

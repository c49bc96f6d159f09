#include "config/diagnostic.h"

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

std::string rendered(std::string_view text) { return render_text(test::compile_on(text, "main").diagnostics); }

TEST(Diagnostic, shows_place_excerpt_help_and_the_way_there) {
    EXPECT_EQ(rendered(R"(version: 2
defaults: &defaults
  docker:
    - imagee: cimg/base
      image: cimg/base
jobs:
  build:
    <<: *defaults
    steps: [checkout]
    resource_class: mediun
)"),
              R"(config.yml:4:7: error: unknown key 'imagee' in a docker entry [unknown-key]
  4 |     - imagee: cimg/base
    |       ^^^^^^
  help: did you mean 'image'?
  at config.yml:8:9: merged in here by '<<'

config.yml:10:21: error: docker jobs have no resource class 'mediun' [unknown-resource-class]
  10 |     resource_class: mediun
     |                     ^^^^^^
  help: did you mean 'medium'?
  help: expected one of small, medium, medium+, large, xlarge, 2xlarge, 2xlarge+
)");
}

TEST(Diagnostic, cuts_long_lines_around_the_place) {
    const std::string text = "version: 2\njobs: {build: {machine: true, x: '" + std::string(500, 'a') +
                             "', steps: [chekout, '" + std::string(500, 'b') + "']}}\n";
    const Diagnostic one = test::compile_on(text, "main").diagnostics.at(0);
    EXPECT_EQ(one.message, "no step is called 'chekout'");
    EXPECT_EQ(one.range, (Range{2, 546, 2, 553}));
    EXPECT_EQ(one.excerpt.size(), 120U);
    EXPECT_EQ(one.excerpt.substr(static_cast<std::size_t>(one.excerpt_column - 1), 7), "chekout");
}

TEST(Diagnostic, is_json_too) {
    const auto result = test::compile_on("version: 2\njobs: {build: {machine: true, steps: [chekout]}}\n", "main");
    EXPECT_EQ(
        render_json(result.diagnostics),
        R"({"valid":false,"diagnostics":[{"code":"unknown-step","severity":"error","message":"no step is called 'chekout'",)"
        R"("file":"config.yml","range":{"line":2,"column":39,"end_line":2,"end_column":46},"expected":"",)"
        R"("suggestion":"checkout","notes":[],"excerpt":"jobs: {build: {machine: true, steps: [chekout]}}",)"
        R"("excerpt_column":39,"excerpt_width":7}]})");
}

TEST(Diagnostic, errors_come_before_warnings_and_both_in_order) {
    const auto result = test::compile_on(
        "version: 2\njobs:\n  unused: {machine: true, steps: [checkout]}\n  build: {machine: true, steps: [b, a]}\n",
        "main");
    std::string places;
    for (const Diagnostic& one : result.diagnostics)
        places += std::to_string(one.range.column) + std::string(name_of(one.severity)) + " ";
    EXPECT_EQ(places, "34error 37error 3warning ");
}

TEST(Diagnostic, every_code_has_its_own_name) {
    const auto names = enum_names(Code{});
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(names[i].first), i);
        EXPECT_EQ(enum_from<Code>(names[i].second), names[i].first);
    }
    EXPECT_EQ(static_cast<std::size_t>(Code::timeout_above_limit) + 1, names.size());
}

}  // namespace
}  // namespace gyre::config

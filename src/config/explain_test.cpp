#include "config/explain.h"

#include <algorithm>

#include "config/test_support.h"

namespace gyre::config {
namespace {

bool gives(const CompileResult& result, Code code) {
    return std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                       [&](const Diagnostic& one) { return one.code == code; });
}

TEST(Explain, has_every_code_once_in_order) {
    const auto names = enum_names(Code{});
    ASSERT_EQ(explanations().size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(explanations()[i].code, names[i].first) << names[i].second;
}

TEST(Explain, says_something_about_each) {
    for (const Explanation& one : explanations()) {
        SCOPED_TRACE(name_of(one.code));
        EXPECT_FALSE(one.summary.empty());
        EXPECT_EQ(one.summary.find('\n'), std::string_view::npos);
        EXPECT_NE(one.summary.back(), '.');
        EXPECT_FALSE(one.meaning.empty());
        EXPECT_FALSE(one.fix.empty());
        EXPECT_NE(one.wrong.empty(), one.not_shown.empty()) << "an example, or the reason why there is none";
        EXPECT_EQ(one.wrong.empty(), one.right.empty());
        EXPECT_EQ(&explanation_of(one.code), &one);
    }
}

// What a result says, but what is said of everything that cannot run yet.
std::size_t complaints_of(const CompileResult& result, Code shown) {
    return static_cast<std::size_t>(std::ranges::count_if(result.diagnostics, [&](const Diagnostic& one) {
        return one.code == shown || one.code != Code::not_yet_supported;
    }));
}

TEST(Explain, wrong_examples_give_the_code_and_right_ones_nothing) {
    for (const Explanation& one : explanations()) {
        if (one.wrong.empty()) continue;
        SCOPED_TRACE(name_of(one.code));
        const CompileResult wrong = test::compile_on(one.wrong, "main");
        EXPECT_TRUE(gives(wrong, one.code)) << render_text(wrong.diagnostics);
        EXPECT_EQ(complaints_of(wrong, one.code), 1U) << "nothing else is wrong: " << render_text(wrong.diagnostics);
        const CompileResult right = test::compile_on(one.right, "main");
        EXPECT_TRUE(right.plan.has_value()) << render_text(right.diagnostics);
        EXPECT_EQ(complaints_of(right, one.code), 0U) << render_text(right.diagnostics);
    }
}

TEST(Explain, reads_as_a_page) {
    EXPECT_EQ(explained(explanation_of(Code::missing_executor)), R"(missing-executor: the job does not say where it runs

A job runs in a container, on a machine, or in a named executor. There is no default.

Add `docker` with an image, `machine: true`, or `executor` with a name.

Wrong:

    version: 2.1
    jobs:
      build:
        steps: [checkout]

Right:

    version: 2.1
    jobs:
      build:
        docker: [{image: cimg/base:stable}]
        steps: [checkout]
)");
}

}  // namespace
}  // namespace gyre::config

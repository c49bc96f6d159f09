#include "model/resource_usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/json.h"

namespace gyre {
namespace {

using testing::HasSubstr;

ResourceUsage example() {
    ResourceUsage usage;
    usage.limits = {2000, 4096};
    usage.wall_ms = 5'000;
    usage.totals = {.cpu_ms = 2'500, .memory_peak_bytes = 100 << 20, .read_bytes = 0};
    usage.samples.at_ms = {2'000, 4'000};
    usage.samples.cpu_ms = {900, 900};
    usage.samples.memory_bytes = {80 << 20, 10 << 20};
    return usage;
}

TEST(ResourceUsage, is_read_as_it_was_written) {
    const auto read = read_usage(to_json_text(example()));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(example(), *read);
    EXPECT_FALSE(read->totals.sent_bytes.has_value()) << "what is not counted is not 0";
}

TEST(ResourceUsage, of_the_most_samples_with_the_largest_numbers_has_room) {
    auto usage = example();
    auto& samples = usage.samples;
    for (auto* column : {&samples.at_ms, &samples.cpu_ms, &samples.memory_bytes, &samples.read_bytes,
                         &samples.written_bytes, &samples.received_bytes, &samples.sent_bytes})
        column->assign(most_usage_samples, largest_usage_number);
    const auto read = read_usage(to_json_text(usage));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(usage, *read);
}

TEST(ResourceUsage, that_cannot_be_right_is_refused) {
    const auto changed = [](const std::function<void(ResourceUsage&)>& change) {
        auto usage = example();
        change(usage);
        return to_json_text(usage);
    };
    struct Case {
        std::string text;
        const char* reason;
    };
    const std::vector<Case> cases{
        {"", ""},
        {"[]", "an object"},
        {"{\"samples\":{\"at_ms\":[1e99]}}", "an integer"},
        {"{\"samples\":{\"at_ms\":[[[[[1]]]]]}}", ""},
        {"{\"totals\":{\"cpu_ms\":\"1\"}}", "an integer"},
        {std::string(largest_usage + 1, ' '), ""},
        {changed([](auto& usage) { usage.version = 2; }), "version 2"},
        {changed([](auto& usage) { usage.wall_ms = -1; }), "cannot be"},
        {changed([](auto& usage) { usage.limits.millicpus = -1; }), "cannot be"},
        {changed([](auto& usage) { usage.totals.cpu_ms = -1; }), "cannot be -1"},
        {changed([](auto& usage) { usage.totals.sent_bytes = largest_usage_number + 1; }), "cannot be"},
        {changed([](auto& usage) { usage.samples.cpu_ms = {1}; }), "a number a sample"},
        {changed([](auto& usage) {
             usage.samples.cpu_ms = {2, 1};
         }),
         "falls"},
        {changed([](auto& usage) {
             usage.samples.at_ms = {2, 1};
         }),
         "falls"},
        {changed([](auto& usage) {
             usage.samples.memory_bytes = {1, -1};
         }),
         "cannot be"},
        {changed([](auto& usage) { usage.samples = {.at_ms = std::vector<std::int64_t>(121)}; }), "more than 120"},
    };
    for (const auto& [text, reason] : cases) {
        const auto read = read_usage(text);
        ASSERT_FALSE(read.ok()) << text.substr(0, 100);
        EXPECT_THAT(read.error().message, HasSubstr(reason));
    }
}

TEST(ResourceUsage, tells_its_share_of_the_class) {
    EXPECT_DOUBLE_EQ(0.25, cpu_share(example()).value());  // 2.5 s of 2 CPUs for 5 s
    auto usage = example();
    usage.wall_ms = 0;
    EXPECT_FALSE(cpu_share(usage).has_value());
    usage = example();
    usage.limits = {};
    EXPECT_FALSE(cpu_share(usage).has_value());
    usage = example();
    usage.totals = {};
    EXPECT_FALSE(cpu_share(usage).has_value());
}

}  // namespace
}  // namespace gyre

// How lists of tests are dealt out: every name to one task, the same on all of them, and evenly.

#include "injob/split.h"

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace gyre::injob {
namespace {

using Names = std::vector<std::string>;
using Weights = std::vector<std::int64_t>;

TEST(Split, deals_out_every_name_exactly_once) {
    const Names names{"d", "a", "c", "b", "a", "e"};
    for (std::size_t total = 1; total < 9; ++total) {
        Names by_name;
        Names by_weight;
        for (std::size_t index = 0; index < total; ++index) {
            for (const auto& name : share_by_name(names, index, total)) by_name.push_back(name);
            std::vector<Weighted> items;
            for (const auto& name : names) items.push_back({name, name[0]});
            for (const auto& name : share_by_weight(items, index, total)) by_weight.push_back(name);
        }
        std::sort(by_name.begin(), by_name.end());
        std::sort(by_weight.begin(), by_weight.end());
        EXPECT_EQ(by_name, (Names{"a", "a", "b", "c", "d", "e"}));
        EXPECT_EQ(by_weight, by_name);
    }
}

TEST(Split, balances_weights) {
    const std::vector<Weighted> items{{"big", 100}, {"b", 40}, {"c", 35}, {"d", 25}};
    EXPECT_EQ(share_by_weight(items, 0, 2), (Names{"big"}));
    EXPECT_EQ(share_by_weight(items, 1, 2), (Names{"b", "c", "d"}));
    EXPECT_EQ(share_by_weight({{"x", 0}, {"y", 0}, {"z", 0}, {"w", 0}}, 0, 2).size(), 2U)
        << "files without weight are dealt out too";
}

TEST(Split, reads_words) { EXPECT_EQ(words_of("  a b\n\nc\td \r\n"), (Names{"a", "b", "c", "d"})); }

TEST(Split, deals_out_what_has_no_weight_evenly_beginning_with_the_lightest) {
    std::vector<Weighted> items{{"heavy", 10}, {"light", 1}};
    for (int i = 0; i < 7; ++i) items.push_back({"new" + std::to_string(i), 0});
    EXPECT_EQ(share_by_weight(items, 0, 2), (Names{"heavy", "new1", "new3", "new5"}));
    EXPECT_EQ(share_by_weight(items, 1, 2), (Names{"light", "new0", "new2", "new4", "new6"}));
}

TEST(Split, holds_with_weights_beyond_all_bounds) {
    const auto most = std::numeric_limits<std::int64_t>::max();
    const std::vector<Weighted> items{{"a", most}, {"b", most}, {"c", -1}, {"d", most}, {"e", most}};
    EXPECT_EQ(share_by_weight(items, 0, 2), (Names{"a", "c", "d"}));
    EXPECT_EQ(share_by_weight(items, 1, 2), (Names{"b", "e"}));
}

std::vector<Weighted> items_of(const Weights& weights) {
    std::vector<Weighted> items;
    for (std::size_t i = 0; i < weights.size(); ++i) items.push_back({"t" + std::to_string(i), weights[i]});
    return items;
}

Weights loads_of(const Weights& weights, std::size_t total) {
    Weights loads;
    for (std::size_t task = 0; task < total; ++task) {
        loads.push_back(0);
        for (const auto& name : share_by_weight(items_of(weights), task, total))
            loads.back() += weights[std::stoul(name.substr(1))];
    }
    return loads;
}

// The least possible greatest load, by trying all ways.
std::int64_t optimum(const Weights& weights, Weights& loads, std::size_t next = 0) {
    if (next == weights.size()) return *std::max_element(loads.begin(), loads.end());
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    for (auto& load : loads) {
        load += weights[next];
        best = std::min(best, optimum(weights, loads, next + 1));
        load -= weights[next];
    }
    return best;
}

RC_GTEST_PROP(SplitProperty, each_name_is_in_one_share_whatever_the_order_of_the_list, ()) {
    const auto weights = *rc::gen::container<Weights>(rc::gen::inRange<std::int64_t>(0, 50));
    const auto total = *rc::gen::inRange<std::size_t>(1, 12);
    auto items = items_of(weights);
    auto turned = items;
    std::ranges::reverse(turned);
    Names all;
    for (std::size_t task = 0; task < total; ++task) {
        const auto share = share_by_weight(items, task, total);
        RC_ASSERT(share == share_by_weight(turned, task, total));
        all.insert(all.end(), share.begin(), share.end());
    }
    Names names;
    for (const auto& item : items) names.push_back(item.name);
    std::ranges::sort(all);
    std::ranges::sort(names);
    RC_ASSERT(all == names);
}

RC_GTEST_PROP(SplitProperty, the_longest_share_is_at_most_four_thirds_of_the_best_one, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 9);
    const auto weights = *rc::gen::container<Weights>(count, rc::gen::inRange<std::int64_t>(1, 100));
    const auto total = *rc::gen::inRange<std::size_t>(1, 4);
    const auto loads = loads_of(weights, total);
    Weights none(total, 0);
    RC_ASSERT(3 * *std::ranges::max_element(loads) <= 4 * optimum(weights, none));
}

RC_GTEST_PROP(SplitProperty, no_share_is_longer_than_the_mean_and_the_longest_test, ()) {
    const auto weights = *rc::gen::nonEmpty(rc::gen::container<Weights>(rc::gen::inRange<std::int64_t>(0, 1000)));
    const auto total = *rc::gen::inRange<std::size_t>(1, 20);
    const auto loads = loads_of(weights, total);
    const auto sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    const auto most = *std::ranges::max_element(loads);
    RC_ASSERT(most <= sum / static_cast<std::int64_t>(total) + *std::ranges::max_element(weights) + 1);
    RC_ASSERT(std::accumulate(loads.begin(), loads.end(), std::int64_t{0}) == sum);
}

RC_GTEST_PROP(SplitProperty, by_name_shares_differ_by_one_at_most, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 60);
    const auto total = *rc::gen::inRange<std::size_t>(1, 12);
    Names names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("t" + std::to_string(i * 7 % 60));
    std::size_t sum = 0;
    for (std::size_t task = 0; task < total; ++task) {
        const auto size = share_by_name(names, task, total).size();
        RC_ASSERT(size == count / total + (task < count % total ? 1 : 0));
        sum += size;
    }
    RC_ASSERT(sum == count);
}

}  // namespace
}  // namespace gyre::injob

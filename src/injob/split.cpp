#include "injob/split.h"

#include <algorithm>
#include <compare>
#include <functional>
#include <queue>
#include <span>
#include <utility>

namespace gyre::injob {

std::vector<std::string> words_of(std::string_view text) {
    static constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string> words;
    std::size_t at = text.find_first_not_of(blanks);
    while (at != std::string_view::npos) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(blanks, end);
    }
    return words;
}

std::vector<std::string> share_by_name(std::vector<std::string> names, std::size_t index, std::size_t total) {
    std::sort(names.begin(), names.end());
    std::vector<std::string> share;
    for (std::size_t i = index; i < names.size(); i += total) share.push_back(std::move(names[i]));
    return share;
}

namespace {

struct Load {
    std::int64_t weight = 0;
    std::size_t count = 0;
    std::size_t task = 0;
    auto operator<=>(const Load&) const = default;
};

// Deals out the items, of which the heaviest come first, and tells `take` whose each is.
template <typename Take>
void deal_by_weight(std::span<Weighted> items, std::vector<Load>& loads, Take take) {
    std::priority_queue lightest(std::greater<>(), std::move(loads));
    for (auto& item : items) {
        Load load = lightest.top();
        lightest.pop();
        take(load.task, item);
        load.weight += item.weight;
        ++load.count;
        lightest.push(load);
    }
    for (loads.clear(); !lightest.empty(); lightest.pop()) loads.push_back(lightest.top());
}

}  // namespace

std::vector<std::string> share_by_weight(std::vector<Weighted> items, std::size_t index, std::size_t total) {
    for (auto& item : items) item.weight = std::clamp<std::int64_t>(item.weight, 0, heaviest);
    std::sort(items.begin(), items.end(), [](const Weighted& a, const Weighted& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.name < b.name;
    });
    const auto weightless = std::find_if(items.begin(), items.end(), [](const auto& item) { return item.weight == 0; });
    std::vector<Load> loads;
    for (std::size_t task = 0; task < total; ++task) loads.push_back({0, 0, task});
    std::vector<std::string> share;
    const auto take = [&](std::size_t task, Weighted& item) {
        if (task == index) share.push_back(std::move(item.name));
    };
    deal_by_weight({items.begin(), weightless}, loads, take);
    std::size_t next = 0;
    for (auto item = weightless; item != items.end(); ++item) take(loads[next++ % total].task, *item);
    std::sort(share.begin(), share.end());
    return share;
}

}  // namespace gyre::injob

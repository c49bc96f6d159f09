#include "injob/split.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

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

std::vector<std::string> share_by_weight(std::vector<Weighted> items, std::size_t index, std::size_t total) {
    std::sort(items.begin(), items.end(), [](const Weighted& a, const Weighted& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.name < b.name;
    });
    struct Load {
        std::int64_t weight = 0;
        std::size_t count = 0;  // breaks ties, so that files without weight are dealt out evenly
        std::size_t task = 0;
        bool operator>(const Load& other) const {
            return std::tie(weight, count, task) > std::tie(other.weight, other.count, other.task);
        }
    };
    std::priority_queue<Load, std::vector<Load>, std::greater<>> lightest;
    for (std::size_t task = 0; task < total; ++task) lightest.push({0, 0, task});
    std::vector<std::string> share;
    for (auto& item : items) {
        Load load = lightest.top();
        lightest.pop();
        if (load.task == index) share.push_back(std::move(item.name));
        load.weight += item.weight;
        ++load.count;
        lightest.push(load);
    }
    std::sort(share.begin(), share.end());
    return share;
}

}  // namespace gyre::injob

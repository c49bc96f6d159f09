#include <algorithm>

#include "base/json.h"
#include "fuzz/entries.h"
#include "injob/duration.h"
#include "injob/failed_tests.h"
#include "injob/split.h"
#include "injob/timings.h"

namespace gyre::fuzz {
namespace {

// Some names of a list that a job might split: words of the file itself, and one that is new.
std::vector<std::string> list_of(const std::vector<injob::KnownTest>& tests) {
    std::vector<std::string> names{"new"};
    for (const auto& test : tests) {
        for (const auto type : injob::all_timings_types) {
            if (names.size() < 30 && !test.get(type).empty()) names.push_back(test.get(type));
        }
    }
    return names;
}

std::string check_shares(const std::vector<injob::KnownTest>& tests) {
    const injob::Timings timings(tests, "/work");
    auto names = list_of(tests);
    const auto type = timings.best_for(names).value_or(injob::TimingsType::filename);
    std::vector<injob::Weighted> items;
    for (const auto& name : names) {
        const auto time = timings.of(type, name).value_or(0);
        if (time < 0 || time > injob::longest_duration) return "a time of " + std::to_string(time);
        items.push_back({name, time});
    }
    std::vector<std::string> all;
    for (std::size_t task = 0; task < 3; ++task) {
        const auto share = injob::share_by_weight(items, task, 3);
        all.insert(all.end(), share.begin(), share.end());
    }
    std::sort(all.begin(), all.end());
    std::sort(names.begin(), names.end());
    return all == names ? "" : "the shares are not the list";
}

// Whatever is said to have failed, what runs again is of the list, and is all of it unless that is explained.
std::string check_again(std::string_view bytes) {
    const auto failed = from_json_text<wire::FailedBefore>(bytes);
    if (!failed) return {};
    const std::vector<std::string> list{"a_test", "./b_test", "C"};
    const auto again = injob::run_again(list, *failed, true, "/work");
    if (again.names.empty()) return "nothing runs again";
    if (!again.why_all.empty() && again.names != list) return "not all run";
    const auto known = [&](const std::string& name) { return std::count(list.begin(), list.end(), name) == 1; };
    return std::all_of(again.names.begin(), again.names.end(), known) ? "" : "another name runs";
}

}  // namespace

// results.json, failed.json, and the times of options.
std::string test_results(std::string_view bytes) {
    const auto time = injob::parse_duration(bytes);
    if (time && (*time < 0 || *time > injob::longest_duration)) return "a duration of " + std::to_string(*time);
    if (auto wrong = check_again(bytes); !wrong.empty()) return wrong;
    const auto tests = injob::read_results(bytes);
    if (!tests) return tests.error().message.empty() ? "a refusal says nothing" : "";
    return check_shares(*tests);
}

}  // namespace gyre::fuzz

#include "injob/failed_tests.h"

#include <set>

#include "injob/timings.h"

namespace gyre::injob {
namespace {

using Names = std::set<std::string, std::less<>>;

// What of the list the test is known by.
std::vector<std::string_view> found_as(const wire::EarlierTest& test, const Names& list, bool by_name,
                                       std::string_view directory) {
    std::vector<std::string_view> found;
    const auto look_for = [&](std::string_view name) {
        if (!name.empty() && list.contains(name)) found.push_back(name);
    };
    look_for(plain_path(test.file, directory));
    look_for(test.classname);
    if (by_name) look_for(test.name);
    return found;
}

std::string lost(const wire::EarlierTest& test) {
    return "\"" + test.name + "\" failed, and neither its file \"" + test.file + "\" nor its classname \"" +
           test.classname + "\" is in the list";
}

}  // namespace

Again run_again(const std::vector<std::string>& names, const wire::FailedBefore& failed, bool by_name,
                std::string_view directory) {
    if (!failed.all_because.empty()) return {names, failed.all_because};
    if (failed.tests.empty()) return {names, "no test is known to have failed"};
    Names list;
    for (const auto& name : names) list.emplace(plain_path(name, directory));
    Names wanted;
    for (const auto& test : failed.tests) {
        const auto found = found_as(test, list, by_name, directory);
        if (found.empty()) return {names, lost(test)};
        wanted.insert(found.begin(), found.end());
    }
    Again again;
    for (const auto& name : names) {
        if (wanted.contains(plain_path(name, directory))) again.names.push_back(name);
    }
    return again;
}

}  // namespace gyre::injob

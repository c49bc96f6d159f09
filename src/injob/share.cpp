#include "injob/share.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.h"
#include "injob/duration.h"
#include "injob/files.h"
#include "injob/home.h"
#include "injob/split.h"
#include "wire/earlier_tests.h"

namespace gyre::injob {
namespace {

constexpr std::size_t longest_list = 64 << 20;
constexpr long long most_tasks = 10'000;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Result<long long> number_from(const Arguments& arguments, const char* option, const char* name, long long fallback) {
    if (arguments.has(option)) return arguments.number(option, fallback);
    const std::string text = variable(name);
    if (text.empty()) return fallback;
    Arguments one;
    one.options[name] = text;
    return one.number(name, fallback);
}

Result<SplitBy> split_by(const std::string& word) {
    if (word == "name") return SplitBy::name;
    if (word == "filesize") return SplitBy::filesize;
    if (word == "timings") return SplitBy::timings;
    return invalid("--split-by must be name, filesize or timings, not '" + word + "'");
}

Result<std::optional<TimingsType>> timings_type(const std::string& word) {
    if (word == "autodetect") return std::optional<TimingsType>();
    if (word == "filename" || word == "file") return std::optional(TimingsType::filename);
    if (word == "classname") return std::optional(TimingsType::classname);
    if (word == "testname" || word == "name") return std::optional(TimingsType::testname);
    return invalid("--timings-type must be filename, classname, testname or autodetect, not '" + word + "'");
}

std::vector<Weighted> sizes_of(Words names) {
    std::vector<Weighted> items;
    for (auto& name : names) {
        struct stat facts {};
        const bool known = stat(name.c_str(), &facts) == 0;
        if (!known) say(name + ": no such file; it counts as empty");
        items.push_back({std::move(name), known ? facts.st_size : 0});
    }
    return items;
}

Result<std::vector<KnownTest>> results_in(const std::string& path) {
    if (path.empty()) return not_found("no earlier build tells how long they take");
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe is not waited for
    if (!file && errno == ENOENT) return not_found("no earlier build of this job has told how long they take");
    if (!file) return errno_error("opening " + path);
    GYRE_TRY_ASSIGN(const std::string text, read_all(file.get(), largest_results));
    auto results = read_results(text);
    if (!results) return results.error().during(path);
    return results;
}

// Why none of the names has a timing, and what would help.
std::string why_none(const Words& names, const std::vector<KnownTest>& results, const Timings& timings,
                     std::optional<TimingsType> type) {
    std::string why = "None of the " + std::to_string(names.size()) + " names in the list is a " +
                      (type ? name_of(*type) : "filename, classname or testname") + " in " +
                      std::to_string(results.size()) + " earlier test results.";
    if (names.empty() || results.empty()) return why;
    if (const auto other = type ? timings.best_for(names) : std::nullopt)
        return why + " By " + name_of(*other) + ", " + std::to_string(timings.matches(*other, names)) + " would match.";
    why += " The list begins with " + some_of({names.front()}, 1) + "; the first result has";
    for (const auto one : all_timings_types)
        why +=
            (one == TimingsType::filename ? " " : ", ") + name_of(one) + " " + some_of({results.front().get(one)}, 1);
    return why + ".";
}

Words by_name_instead(Words names, const ShareWanted& wanted, const std::string& why) {
    const std::string what =
        wanted.type ? "No timings by " + name_of(*wanted.type) : std::string("Error auto-detecting timing type");
    say(what + ", falling back to weighting by name. " + why);
    return share_by_name(std::move(names), wanted.index, wanted.total);
}

Words share_by_timings(Words names, const ShareWanted& wanted) {
    const auto results = results_in(wanted.timings_file);
    if (!results) return by_name_instead(std::move(names), wanted, "Without timings: " + results.error().message + ".");
    const Timings timings(*results, here());
    const auto type = wanted.type ? wanted.type : timings.best_for(names);
    if (!type || timings.matches(*type, names) == 0)
        return by_name_instead(names, wanted, why_none(names, *results, timings, wanted.type));
    if (!wanted.type) say("Autodetected " + name_of(*type) + " timings.");
    std::vector<Weighted> items;
    Words untimed;
    for (auto& name : names) {
        const auto time = timings.of(*type, name);
        if (!time) untimed.push_back(name);
        items.push_back({std::move(name), time.value_or(wanted.time_default)});
    }
    if (!untimed.empty()) say("No timing found for " + some_of(untimed, 20));
    return share_by_weight(std::move(items), wanted.index, wanted.total);
}

}  // namespace

std::string task_data_file(const char* name) {
    const std::string directory = variable(wire::task_data_variable);
    return directory.empty() ? "" : directory + "/" + name;
}

Result<ShareWanted> share_wanted(const Arguments& arguments) {
    ShareWanted wanted;
    GYRE_TRY_ASSIGN(wanted.by, split_by(arguments.text("split-by", "name")));
    GYRE_TRY_ASSIGN(wanted.type, timings_type(arguments.text("timings-type", "autodetect")));
    GYRE_TRY_ASSIGN(const long long index, number_from(arguments, "index", "CIRCLE_NODE_INDEX", 0));
    GYRE_TRY_ASSIGN(const long long total, number_from(arguments, "total", "CIRCLE_NODE_TOTAL", 1));
    if (total < 1 || total > most_tasks) return invalid("--total must be from 1 to " + std::to_string(most_tasks));
    if (index >= total) return invalid("--index must be below --total (" + std::to_string(total) + ")");
    wanted.index = static_cast<std::size_t>(index);
    wanted.total = static_cast<std::size_t>(total);
    if (arguments.has("time-default")) {
        const auto time = parse_duration(arguments.text("time-default"));
        if (!time) return time.error().during("--time-default");
        wanted.time_default = *time;
    }
    wanted.timings_file = arguments.text("timings-file", task_data_file(wire::earlier_results_file));
    wanted.counts = arguments.has("show-counts");
    wanted.verbose = arguments.has("verbose");
    return wanted;
}

Result<Words> names_from(const Arguments& arguments) {
    Fd file;
    if (!arguments.rest.empty()) {
        file = Fd(open(arguments.rest[0].c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) return errno_error("opening " + arguments.rest[0]);
    }
    GYRE_TRY_ASSIGN(const std::string text, read_all(file ? file.get() : STDIN_FILENO, longest_list));
    return words_of(text);
}

Words share_of(Words names, const ShareWanted& wanted) {
    const auto all = names.size();
    Words share;
    switch (wanted.by) {
        case SplitBy::name:
            share = share_by_name(std::move(names), wanted.index, wanted.total);
            break;
        case SplitBy::filesize:
            share = share_by_weight(sizes_of(std::move(names)), wanted.index, wanted.total);
            break;
        case SplitBy::timings:
            share = share_by_timings(std::move(names), wanted);
            break;
    }
    if (wanted.counts || wanted.verbose)
        say("Task " + std::to_string(wanted.index) + " of " + std::to_string(wanted.total) + " has " +
            std::to_string(share.size()) + " of " + std::to_string(all) + " names.");
    if (wanted.verbose && !share.empty()) say("They are " + some_of(share, 50));
    return share;
}

}  // namespace gyre::injob

#include "model/cron.h"

#include <array>
#include <charconv>
#include <span>

#include "base/ascii.h"

namespace gyre {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::size_t shown = 40;    // bytes of a wrong part in a message
constexpr int cycle_of_years = 400;  // after which the calendar repeats itself, days of the week included
constexpr Timestamp first_time{sys_days{std::chrono::year{0} / 1 / 1}};
constexpr Timestamp end_of_time{sys_days{std::chrono::year{10'000} / 1 / 1}};

struct FieldSpec {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> words = {};  // the first stands for `least`
};

constexpr std::array<FieldSpec, 5> field_specs{{{"minute", 0, 59},
                                                {"hour", 0, 23},
                                                {"day of the month", 1, 31},
                                                {"month", 1, 12, month_names},
                                                {"day of the week", 0, 7, day_names}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// Digits and nothing else, within the bounds.
std::optional<int> read_digits(std::string_view text, int least, int most) {
    int number = 0;
    const char* const end = text.data() + text.size();
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || last != end || number < least || number > most) return std::nullopt;
    return number;
}

std::optional<int> read_value(std::string_view text, const FieldSpec& spec) {
    const std::string word = lowered(text.substr(0, 4));
    for (std::size_t i = 0; i < spec.words.size(); ++i) {
        if (spec.words[i] == word) return static_cast<int>(i) + spec.least;
    }
    return read_digits(text, spec.least, spec.most);
}

struct Range {
    int from = 0;
    int to = 0;
    int step = 1;
};

// `*`, `a` or `a-b`, each with `/step`.
std::optional<Range> read_range(std::string_view item, const FieldSpec& spec) {
    Range range{spec.least, spec.most, 1};
    const auto slash = item.find('/');
    if (slash != std::string_view::npos) {
        const auto step = read_digits(item.substr(slash + 1), 1, spec.most);
        if (!step) return std::nullopt;
        range.step = *step;
        item = item.substr(0, slash);
    }
    if (item == "*") return range;
    const auto dash = item.find('-');
    const auto from = read_value(item.substr(0, dash), spec);
    if (!from) return std::nullopt;
    range.from = *from;
    if (dash == std::string_view::npos) {
        if (slash == std::string_view::npos) range.to = *from;
        return range;
    }
    const auto to = read_value(item.substr(dash + 1), spec);
    if (!to) return std::nullopt;
    const bool until_sunday = *to == 0 && *from > 0 && spec.most == 7;
    range.to = until_sunday ? 7 : *to;
    if (range.from > range.to) return std::nullopt;
    return range;
}

int next_set(const std::bitset<60>& bits, int from) {
    for (int i = from; i < 60; ++i) {
        if (bits[static_cast<std::size_t>(i)]) return i;
    }
    return -1;
}

}  // namespace

class CronReader {
public:
    std::variant<Cron, CronProblem> read(std::string_view line) {
        std::vector<std::string_view> fields;
        for (const std::string_view field : split(line, " \t\r\n")) {
            if (!field.empty()) fields.push_back(field);
        }
        if (fields.size() != field_specs.size()) {
            const char* const noun = fields.size() == 1 ? " field" : " fields";
            return CronProblem{"it has " + std::to_string(fields.size()) + noun + ", not 5", {}};
        }
        for (std::size_t i = 0; i < fields.size(); ++i) {
            for (const std::string_view item : split(fields[i], ",")) {
                const auto range = read_range(item, field_specs[i]);
                if (!range) return wrong(item, i);
                for (int value = range->from; value <= range->to; value += range->step) set(i, value);
            }
        }
        cron_.both_days_ = fields[2].front() == '*' || fields[4].front() == '*';
        return cron_;
    }

private:
    static CronProblem wrong(std::string_view item, std::size_t field) {
        return {"'" + std::string(item.substr(0, shown)) + "' is no " + std::string(field_specs[field].name), item};
    }

    void set(std::size_t field, int value) {
        const auto at = static_cast<std::size_t>(value);
        if (field == 0) cron_.minutes_.set(at);
        if (field == 1) cron_.hours_.set(at);
        if (field == 2) cron_.days_.set(at);
        if (field == 3) cron_.months_.set(at);
        if (field == 4) cron_.weekdays_.set(at % 7);
    }

    Cron cron_;
};

// Any date that there is falls on each day of the week within the calendar's cycle.
bool Cron::can_fire() const {
    if (!both_days_) return true;
    constexpr std::array<int, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (std::size_t month = 1; month <= 12; ++month) {
        for (int day = 1; months_[month] && day <= longest[month]; ++day) {
            if (days_[static_cast<std::size_t>(day)]) return true;
        }
    }
    return false;
}

bool Cron::matches_day(sys_days day) const {
    const bool of_month = days_[static_cast<unsigned>(year_month_day{day}.day())];
    const bool of_week = weekdays_[std::chrono::weekday{day}.c_encoding()];
    return both_days_ ? of_month && of_week : of_month || of_week;
}

bool Cron::matches(Timestamp at) const {
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::hh_mm_ss time(std::chrono::floor<minutes>(at - day));
    return months_[static_cast<unsigned>(year_month_day{day}.month())] && matches_day(day) &&
           hours_[static_cast<std::size_t>(time.hours().count())] &&
           minutes_[static_cast<std::size_t>(time.minutes().count())];
}

// Of the day, from the time on.
std::optional<minutes> Cron::next_time(minutes from) const {
    int minute = static_cast<int>(from.count() % 60);
    for (int hour = static_cast<int>(from.count() / 60); hour < 24; ++hour) {
        const int found = hours_[static_cast<std::size_t>(hour)] ? next_set(minutes_, minute) : -1;
        if (found >= 0) return hours{hour} + minutes{found};
        minute = 0;
    }
    return std::nullopt;
}

std::optional<Timestamp> Cron::next_after(Timestamp at) const {
    if (at >= end_of_time || !can_fire()) return std::nullopt;
    const Timestamp from = std::chrono::floor<minutes>(std::max(at, first_time)) + minutes{1};
    sys_days day = std::chrono::floor<days>(from);
    minutes time = std::chrono::floor<minutes>(from - day);
    const sys_days last = std::min(sys_days{std::chrono::floor<days>(end_of_time)}, day + days{366 * cycle_of_years});
    while (day < last) {
        const year_month_day date{day};
        const bool month_fits = months_[static_cast<unsigned>(date.month())];
        if (month_fits && matches_day(day)) {
            if (const auto found = next_time(time)) return Timestamp{day} + *found;
        }
        day = month_fits ? day + days{1} : sys_days{(date.year() / date.month() + std::chrono::months{1}) / 1};
        time = minutes{0};
    }
    return std::nullopt;
}

std::variant<Cron, CronProblem> parse_cron(std::string_view line) { return CronReader().read(line); }

Result<Cron> read_cron(std::string_view line) {
    auto parsed = parse_cron(line);
    if (const auto* problem = std::get_if<CronProblem>(&parsed)) return invalid("not a cron line: " + problem->message);
    return std::get<Cron>(parsed);
}

Timetable read_timetable(const std::vector<std::string>& lines) {
    Timetable timetable;
    for (const auto& line : lines) {
        if (auto cron = read_cron(line)) timetable.push_back(*cron);
    }
    return timetable;
}

std::optional<Timestamp> next_after(const Timetable& timetable, Timestamp at) {
    std::optional<Timestamp> next;
    for (const Cron& cron : timetable) {
        const auto of_this = cron.next_after(at);
        if (of_this && (!next || *of_this < *next)) next = of_this;
    }
    return next;
}

}  // namespace gyre

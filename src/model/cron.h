#pragma once

// A cron line: minute, hour, day of the month, month, day of the week, in UTC (config-language.md section 7; POSIX
// crontab). A field is `*`, or a list of numbers and ranges, each with `/step`; `a/step` runs from `a` to the field's
// end; months and days have names of three letters, too; Sunday is 0 and 7. Where both the day of the month and the day
// of the week are restricted, either will do; a field that begins with `*` (`*/2` as well) counts as not restricted
// there, and then both must agree.
//
// A value; pure.

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace gyre {

class Cron {
public:
    // Whether it fires in the minute that `at` lies in.
    bool matches(Timestamp at) const;
    // The first minute after `at` in which it fires, that of `at` itself excluded. Nothing when there is none any more:
    // no month has a 31st of February, and nothing fires from the year 10000 on.
    std::optional<Timestamp> next_after(Timestamp at) const;
    // Whether there is such a minute at all: none on a 31st of February. Cheap.
    bool can_fire() const;

private:
    friend class CronReader;
    bool matches_day(std::chrono::sys_days day) const;
    std::optional<std::chrono::minutes> next_time(std::chrono::minutes from) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;    // of the month, from 1
    std::bitset<13> months_;  // from 1
    std::bitset<7> weekdays_;
    bool both_days_ = false;  // the day of the month and that of the week must agree
};

// What is wrong, and with which part of the line (empty: all of it).
struct CronProblem {
    std::string message;
    std::string_view part;
};
std::variant<Cron, CronProblem> parse_cron(std::string_view line);

// For a line that was checked before; `invalid` if it was not.
Result<Cron> read_cron(std::string_view line);

// Several lines that are one timetable. Lines that are none (of a newer server) never fire.
using Timetable = std::vector<Cron>;
Timetable read_timetable(const std::vector<std::string>& lines);
std::optional<Timestamp> next_after(const Timetable& timetable, Timestamp at);

}  // namespace gyre

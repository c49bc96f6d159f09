#include "model/cron.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <set>

namespace gyre {
namespace {

using std::chrono::minutes;

Timestamp utc(const std::string& text) { return from_iso(text + ":00Z").value(); }

std::string next(const std::string& line, const std::string& at) {
    const auto found = read_cron(line).value().next_after(utc(at));
    return found ? to_iso(*found).substr(0, 16) : "never";
}

std::string problem(std::string_view line) {
    const auto parsed = parse_cron(line);
    const auto* found = std::get_if<CronProblem>(&parsed);
    return found == nullptr ? "none" : found->message;
}

TEST(Cron, says_what_is_wrong_and_where) {
    const std::string huge(100'000, '1');
    const struct {
        std::string line;
        std::string problem;
    } table[] = {
        {"", "it has 0 fields, not 5"},
        {" \t\n", "it has 0 fields, not 5"},
        {"@daily", "it has 1 field, not 5"},
        {"* * * *", "it has 4 fields, not 5"},
        {"0 0 * * * *", "it has 6 fields, not 5"},
        {"60 * * * *", "'60' is no minute"},
        {"-1 * * * *", "'-1' is no minute"},
        {"+1 * * * *", "'+1' is no minute"},
        {"0x1 * * * *", "'0x1' is no minute"},
        {"1.5 * * * *", "'1.5' is no minute"},
        {"99999999999999999999 * * * *", "'99999999999999999999' is no minute"},
        {huge + " * * * *", "'" + std::string(40, '1') + "' is no minute"},
        {"* 24 * * *", "'24' is no hour"},
        {"* 1, * * *", "'' is no hour"},
        {"* ,1 * * *", "'' is no hour"},
        {"* * 0 * *", "'0' is no day of the month"},
        {"* * 32 * *", "'32' is no day of the month"},
        {"* * mon * *", "'mon' is no day of the month"},
        {"* * L * *", "'L' is no day of the month"},
        {"* * ? * *", "'?' is no day of the month"},
        {"* * * 0 *", "'0' is no month"},
        {"* * * 13 *", "'13' is no month"},
        {"* * * january *", "'january' is no month"},
        {"* * * * 8", "'8' is no day of the week"},
        {"* * * * mon#1", "'mon#1' is no day of the week"},
        {"5-1 * * * *", "'5-1' is no minute"},
        {"1- * * * *", "'1-' is no minute"},
        {"- * * * *", "'-' is no minute"},
        {"1-2-3 * * * *", "'1-2-3' is no minute"},
        {"*-5 * * * *", "'*-5' is no minute"},
        {"*/0 * * * *", "'*/0' is no minute"},
        {"*/ * * * *", "'*/' is no minute"},
        {"*/60 * * * *", "'*/60' is no minute"},
        {"*/2/2 * * * *", "'*/2/2' is no minute"},
        {"** * * * *", "'**' is no minute"},
        {"0 0 1,2,x * *", "'x' is no day of the month"},
    };
    for (const auto& row : table) EXPECT_EQ(problem(row.line), row.problem) << row.line.substr(0, 60);
    const std::string_view line = "0 0 1,77,3 * *";
    EXPECT_EQ(std::get<CronProblem>(parse_cron(line)).part.data(), line.data() + 6);
    EXPECT_EQ(std::get<CronProblem>(parse_cron(line)).part, "77");
    EXPECT_EQ(read_cron("x").error().message, "not a cron line: it has 1 field, not 5");
}

TEST(Cron, fires_next) {
    const struct {
        const char* line;
        const char* at;
        const char* next;
    } table[] = {
        {"* * * * *", "2026-01-02T03:04", "2026-01-02T03:05"},
        {"* * * * *", "2026-12-31T23:59", "2027-01-01T00:00"},
        {"0 3 * * *", "2026-01-02T02:59", "2026-01-02T03:00"},
        {"0 3 * * *", "2026-01-02T03:00", "2026-01-03T03:00"},
        {"30 9 * * *", "2026-01-02T08:45", "2026-01-02T09:30"},
        {"\t*/15  1-5,7 * * *\n", "2026-01-02T05:45", "2026-01-02T07:00"},
        {"50/5 * * * *", "2026-01-02T05:55", "2026-01-02T06:50"},
        {"10-20/5 0 * * *", "2026-01-02T00:15", "2026-01-02T00:20"},
        {"0 0 1 * *", "2026-01-31T12:00", "2026-02-01T00:00"},
        {"0 0 31 * *", "2026-01-31T00:00", "2026-03-31T00:00"},
        {"0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00"},
        {"0 0 29 2 *", "2096-02-29T00:00", "2104-02-29T00:00"},
        {"0 0 30 2 *", "2026-01-01T00:00", "never"},
        {"0 0 31 4,6,9,11 *", "2026-01-01T00:00", "never"},
        {"0 0 29 2 */2", "2026-01-01T00:00", "2028-02-29T00:00"},
        {"0 0 29 2 */7", "2032-02-29T00:00", "2060-02-29T00:00"},
        {"0 0 * jan-MAR Mon", "2026-01-02T00:00", "2026-01-05T00:00"},
        {"0 0 * * 7", "2026-01-02T00:00", "2026-01-04T00:00"},
        {"0 0 * * 0", "2026-01-02T00:00", "2026-01-04T00:00"},
        {"0 0 * * fri-sun", "2026-01-03T00:00", "2026-01-04T00:00"},
        {"0 0 * * 5-7", "2026-01-04T00:00", "2026-01-09T00:00"},
        {"0 0 13 * fri", "2026-01-01T00:00", "2026-01-02T00:00"},  // either
        {"0 0 13 * fri", "2026-01-09T00:00", "2026-01-13T00:00"},
        {"0 0 */2 * fri", "2026-01-01T00:00", "2026-01-09T00:00"},  // both
        {"59 23 31 12 *", "9999-12-31T23:58", "9999-12-31T23:59"},
        {"59 23 31 12 *", "9999-12-31T23:59", "never"},
    };
    for (const auto& row : table) EXPECT_EQ(next(row.line, row.at), row.next) << row.line << " after " << row.at;
}

TEST(Cron, takes_any_time_whatever) {
    const Cron cron = read_cron("0 0 1 1 *").value();
    const Cron never = read_cron("0 0 31 2 *").value();
    for (const Timestamp at : {Timestamp::min(), Timestamp::max(), Timestamp::max() - Duration{1}, from_millis(-1)}) {
        const auto found = cron.next_after(at);
        EXPECT_TRUE(!found || *found > at);
        EXPECT_FALSE(never.next_after(at));
    }
    EXPECT_EQ(to_iso(cron.next_after(from_millis(-1)).value()), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(read_cron("* * * * *").value().next_after(from_millis(59'999)), from_millis(60'000));
    EXPECT_EQ(read_cron("* * * * *").value().next_after(from_millis(60'000)), from_millis(120'000));
}

// A second, slow reading of the language, to compare with: which values a field names.
std::set<int> values_of(const std::string& field, int least, int most) {
    std::set<int> values;
    for (std::size_t begin = 0; begin <= field.size();) {
        const std::size_t end = std::min(field.find(',', begin), field.size());
        const std::string item = field.substr(begin, end - begin);
        int from = least;
        int to = most;
        int step = 1;
        const auto slash = item.find('/');
        if (slash != std::string::npos) step = std::stoi(item.substr(slash + 1));
        if (item[0] != '*') {
            from = std::stoi(item);
            if (slash == std::string::npos) to = from;
            if (const auto dash = item.find('-'); dash != std::string::npos) to = std::stoi(item.substr(dash + 1));
        }
        for (int i = from; i <= to; i += step) values.insert(i);
        begin = end + 1;
    }
    return values;
}

struct SlowCron {
    std::string fields[5];

    bool fires(Timestamp at) const {
        const std::time_t seconds = at.time_since_epoch().count() / 1000;
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        const bool of_month = values_of(fields[2], 1, 31).contains(parts.tm_mday);
        const auto weekdays = values_of(fields[4], 0, 7);
        const bool of_week = weekdays.contains(parts.tm_wday) || (parts.tm_wday == 0 && weekdays.contains(7));
        const bool either = fields[2][0] != '*' && fields[4][0] != '*';
        return values_of(fields[0], 0, 59).contains(parts.tm_min) &&
               values_of(fields[1], 0, 23).contains(parts.tm_hour) &&
               values_of(fields[3], 1, 12).contains(parts.tm_mon + 1) &&
               (either ? of_month || of_week : of_month && of_week);
    }
    std::string line() const {
        return fields[0] + " " + fields[1] + " " + fields[2] + " " + fields[3] + " " + fields[4];
    }
};

class RandomCron {
public:
    explicit RandomCron(unsigned seed) : random_(seed) {}
    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    SlowCron line() { return {{field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)}}; }

private:
    std::string item(int least, int most) {
        const int from = least + below(most - least + 1);
        const std::string step = below(3) == 0 ? "/" + std::to_string(1 + below(most)) : "";
        if (below(4) == 0) return "*" + step;
        if (below(2) == 0) return std::to_string(from) + step;
        return std::to_string(from) + "-" + std::to_string(from + below(most - from + 1)) + step;
    }
    std::string field(int least, int most) {
        if (below(3) == 0) return "*";
        std::string text = item(least, most);
        while (below(3) == 0) text += "," + item(least, most);
        return text;
    }
    std::mt19937 random_;
};

TEST(Cron, agrees_with_looking_at_every_minute) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        RandomCron random(seed);
        const SlowCron slow = random.line();
        const Cron cron = read_cron(slow.line()).value();
        const Timestamp begin = utc("2024-02-26T00:00") + std::chrono::hours{random.below(24 * 366)};
        auto expected = cron.next_after(begin);
        for (Timestamp at = begin + minutes{1}; at < begin + minutes{3000}; at += minutes{1}) {
            const bool fires = slow.fires(at);
            ASSERT_EQ(cron.matches(at), fires) << slow.line() << " at " << to_iso(at);
            ASSERT_EQ(expected == at, fires) << slow.line() << " at " << to_iso(at) << ", seed " << seed;
            if (fires) expected = cron.next_after(at + Duration{random.below(60'000)});
        }
    }
}

TEST(Cron, leaves_out_nothing_on_long_ways) {
    for (unsigned seed = 100; seed < 300; ++seed) {
        RandomCron random(seed);
        const SlowCron slow = random.line();
        const Cron cron = read_cron(slow.line()).value();
        const Timestamp begin = utc("2020-01-01T00:00") + minutes{random.below(4 * 525'960)};
        const auto found = cron.next_after(begin);
        if (!found) continue;
        ASSERT_TRUE(slow.fires(*found)) << slow.line();
        for (int i = 0; i < 200; ++i) {
            const auto between = std::chrono::floor<minutes>((*found - begin) * random.below(1000) / 1000);
            if (between > minutes{0}) {
                ASSERT_FALSE(slow.fires(std::chrono::floor<minutes>(begin + between))) << slow.line();
            }
        }
    }
}

}  // namespace
}  // namespace gyre

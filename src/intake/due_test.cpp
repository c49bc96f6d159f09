#include "intake/due.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace gyre::intake {
namespace {

Timestamp utc(const std::string& text) { return from_iso(text + "Z").value(); }
std::string shown(std::optional<Timestamp> at) { return at ? to_iso(*at).substr(5, 11) : "-"; }

std::string due(const std::vector<std::string>& crons, const std::string& settled_until, const std::string& now) {
    const auto found = due_ticks(read_timetable(crons), utc(settled_until), utc(now));
    std::string text = "fire " + shown(found.fire) + ", missed " + std::to_string(found.missed_count) + " " +
                       shown(found.missed) + ", next " + shown(found.next);
    return found.set_back ? text + ", set back" : text;
}

TEST(DueTicks, fire_in_their_minute) {
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-01T10:00:00", "2026-01-02T02:59:59.999"),
              "fire -, missed 0 -, next 01-02T03:00");
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-01T10:00:00", "2026-01-02T03:00:00"),
              "fire 01-02T03:00, missed 0 -, next 01-03T03:00");
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-02T03:00:00", "2026-01-02T03:00:00.001"),
              "fire -, missed 0 -, next 01-03T03:00");
}

TEST(DueTicks, of_several_lines_are_one_timetable) {
    EXPECT_EQ(due({"0 3 * * *", "0 3 * * 5", "30 3 * * *"}, "2026-01-01T10:00:00", "2026-01-02T03:00:00"),
              "fire 01-02T03:00, missed 0 -, next 01-02T03:30");
    EXPECT_EQ(due({"nonsense"}, "2026-01-01T10:00:00", "2026-01-02T03:00:00"), "fire -, missed 0 -, next -");
}

TEST(DueTicks, that_are_late_fire_once_and_only_the_newest) {
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-01T10:00:00", "2026-01-02T04:00:00"),
              "fire 01-02T03:00, missed 0 -, next 01-03T03:00");
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-01T10:00:00", "2026-01-02T04:00:00.001"),
              "fire -, missed 1 01-02T03:00, next 01-03T03:00");
    EXPECT_EQ(due({"*/15 * * * *"}, "2026-01-02T03:00:00", "2026-01-02T05:16:00"),
              "fire 01-02T05:15, missed 8 01-02T05:00, next 01-02T05:30");
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-01T10:00:00", "2026-01-05T03:10:00"),
              "fire 01-05T03:00, missed 3 01-04T03:00, next 01-06T03:00");
}

TEST(DueTicks, are_not_counted_without_end) {
    EXPECT_EQ(due({"* * * * *"}, "2016-01-01T00:00:00", "2026-01-02T03:00:30"),
              "fire 01-02T03:00, missed 1000 01-02T02:59, next 01-02T03:01");
    EXPECT_EQ(due({"* 0-3 * * *"}, "2016-01-01T00:00:00", "2026-01-02T12:00:00"),
              "fire -, missed 1000 01-02T03:59, next 01-03T00:00");
}

TEST(DueTicks, wait_while_the_clock_was_set_back_a_little_and_go_on_when_it_was_much) {
    EXPECT_EQ(due({"0 3 * * *"}, "2026-01-02T03:00:00", "2026-01-02T02:30:00"), "fire -, missed 0 -, next 01-03T03:00");
    EXPECT_EQ(due({"0 3 * * *"}, "2036-01-02T03:00:00", "2026-01-02T02:30:00"),
              "fire -, missed 0 -, next 01-02T03:00, set back");
}

// Whatever the moments at which somebody looks: each tick fires at most once, in order, never late, and is fired or
// counted as missed.
TEST(DueTicks, fire_or_are_missed_each_once) {
    const std::vector<std::string> lines{"* * * * *", "*/7 * * * *", "0 3 * * *", "30 */2 * * 1-5", "0 0 1 * *"};
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const auto timetable = read_timetable({lines[random() % 5], lines[random() % 5]});
        const Timestamp begin = utc("2026-02-27T00:00:00") + Duration{random() % 86'400'000};
        Timestamp settled = begin;
        Timestamp now = begin;
        int dealt_with = 0;
        for (int look = 0; look < 30; ++look) {
            now += Duration{random() % (look % 3 == 0 ? 40'000'000 : 200'000)};
            const auto found = due_ticks(timetable, settled, now);
            if (found.fire) {
                EXPECT_GT(*found.fire, settled);
                EXPECT_LE(*found.fire, now);
                EXPECT_GE(*found.fire + latest_firing, now);
            }
            dealt_with += found.missed_count + (found.fire ? 1 : 0);
            if (found.fire) settled = *found.fire;
            if (!found.fire && found.missed) settled = *found.missed;
        }
        int all = 0;
        for (auto tick = next_after(timetable, begin); tick && *tick <= now; tick = next_after(timetable, *tick)) ++all;
        EXPECT_EQ(dealt_with, all) << "seed " << seed;
    }
}

}  // namespace
}  // namespace gyre::intake

#include "output/line_search.h"

#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "output/sealed_part.h"

namespace gyre::output {
namespace {

class Lines : public testing::Test {
protected:
    // What stands from the found place on, up to some bytes; or the error.
    std::string run(LineSearch search) {
        for (int steps = 0; steps < 10'000; ++steps) {
            const auto found = search.step();
            if (!found) return found.error().message;
            if (*found) return *stores_.output_store().read(name_, **found, 20);
        }
        return "no end";
    }
    std::string line(std::int64_t number) { return run(LineSearch::line(stores_.output_store(), name_, number)); }
    std::string tail(std::int64_t lines) { return run(LineSearch::tail(stores_.output_store(), name_, lines)); }
    void write(const std::string& text) {
        const auto length = *stores_.output_store().length(name_);
        EXPECT_TRUE(stores_.output_store().append(name_, length, text)->accepted);
    }

    memory::MemoryStores stores_;
    OutputName name_{{{"j"}, 0, 1}, 101};
};

TEST_F(Lines, AreFoundByTheirNumber) {
    write("one\ntwo\n\nfour");
    EXPECT_EQ(line(1), "one\ntwo\n\nfour");
    EXPECT_EQ(line(2), "two\n\nfour");
    EXPECT_EQ(line(3), "\nfour");
    EXPECT_EQ(line(4), "four") << "the last line may have no end";
    EXPECT_EQ(line(5), "There is no line 5: the output has 4 by now.");
    EXPECT_EQ(line(INT64_MAX), "There is no line 9223372036854775807: the output has 4 by now.");
}

TEST_F(Lines, OfAnOutputThatEndsWithOneAreNoMore) {
    write("one\ntwo\n");
    EXPECT_EQ(line(2), "two\n");
    EXPECT_EQ(line(3), "There is no line 3: the output has 2 by now.");
    write("x");
    EXPECT_EQ(line(3), "x");
}

TEST_F(Lines, ThatComeJustWhenTheEndIsSeenAreFound) {
    write("one\n");
    int reads = 0;
    stores_.trouble().before([&](std::string_view operation) {
        if (operation == "output_store.read" && ++reads == 3) write("two\nthree");
    });
    EXPECT_EQ(line(3), "three");
}

TEST_F(Lines, OfNothingBeginAtItsStart) {
    EXPECT_EQ(line(1), "");
    EXPECT_EQ(line(2), "There is no line 2: the output has 0 by now.");
    EXPECT_EQ(tail(1), "");
}

TEST_F(Lines, AreCountedFromTheEnd) {
    write("one\ntwo\n\nfour\n");
    EXPECT_EQ(tail(1), "four\n");
    EXPECT_EQ(tail(2), "\nfour\n");
    EXPECT_EQ(tail(3), "two\n\nfour\n");
    EXPECT_EQ(tail(4), "one\ntwo\n\nfour\n");
    EXPECT_EQ(tail(INT64_MAX), "one\ntwo\n\nfour\n");
    write("half a line");
    EXPECT_EQ(tail(1), "half a line");
    EXPECT_EQ(tail(2), "four\nhalf a line");
}

TEST_F(Lines, OfNewlinesAlone) {
    write("\n\n\n");
    EXPECT_EQ(line(3), "\n");
    EXPECT_EQ(tail(1), "\n");
    EXPECT_EQ(tail(2), "\n\n");
    EXPECT_EQ(tail(3), "\n\n\n");
    EXPECT_EQ(tail(9), "\n\n\n");
}

TEST_F(Lines, MayBeLongerThanAnyStep) {
    const std::string giant(9 << 20, 'x');
    write("first\n" + giant + "\nlast\n");
    EXPECT_EQ(line(2), std::string(20, 'x'));
    EXPECT_EQ(line(3), "last\n");
    EXPECT_EQ(tail(1), "last\n");
    EXPECT_EQ(tail(2), std::string(20, 'x'));
    EXPECT_EQ(tail(3), "first\nxxxxxxxxxxxxxx");
    auto search = LineSearch::line(stores_.output_store(), name_, 3);
    EXPECT_FALSE(search.step()->has_value()) << "others get their turn";
}

TEST_F(Lines, AreFoundAroundTheBordersOfWindows) {
    for (const std::size_t border : {frame_bytes, 2 * frame_bytes}) {
        for (const std::size_t before : {border - 2, border - 1, border, border + 1}) {
            name_.step = static_cast<int>(before);
            write(std::string(before, 'x') + "\nsecond\nthird\n");
            EXPECT_EQ(line(2), "second\nthird\n") << before;
            EXPECT_EQ(line(3), "third\n") << before;
            EXPECT_EQ(tail(2), "second\nthird\n") << before;
            EXPECT_EQ(tail(1), "third\n") << before;
        }
    }
}

}  // namespace
}  // namespace gyre::output

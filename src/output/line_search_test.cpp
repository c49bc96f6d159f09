#include "output/line_search.h"

#include <gtest/gtest.h>

#include "adapters/memory/stores.h"
#include "output/kept_outputs.h"
#include "output/sealed_part.h"
#include "output/sealer.h"
#include "ports/contract/temp_folder.h"

namespace gyre::output {
namespace {

// Of a raw output, and of one that is sealed, whose index tells where to begin.
class Lines : public testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        Workflow workflow{.id = {"w"}, .jobs = {WorkflowJob{.id = {"j"}}}};
        workflow.jobs[0].tasks = {Task{.status = TaskStatus::finished, .attempts = {Attempt{}}}};
        workflow.jobs[0].tasks[0].attempts[0].state = AttemptState::finished;
        Commit commit{.event = EventId{"e"}, .kind = "test"};
        commit.workflows.push_back(workflow);
        EXPECT_TRUE(stores_.workflow_store().commit(commit).ok());
    }
    // What stands from the found place on, up to some bytes; or the error.
    std::string run(LineSearch search) {
        for (int steps = 0; steps < 10'000; ++steps) {
            const auto found = search.step();
            if (!found) return found.error().message;
            if (*found) return twenty_from(**found);
        }
        return "no end";
    }
    std::string twenty_from(std::int64_t offset) {
        std::string text;
        for (std::string piece = "-"; !piece.empty() && text.size() < 20; text += piece)
            piece = *outputs_.read(name_, offset + std::ssize(text), 20 - text.size());
        return text;
    }
    std::string line(std::int64_t number) { return run(LineSearch::line(outputs_, name_, number)); }
    std::string tail(std::int64_t lines) { return run(LineSearch::tail(outputs_, name_, lines)); }
    void write(const std::string& text) {
        text_ += text;
        if (!GetParam()) return append(text);
        ++name_.step;  // what is sealed takes no more
        append(text_);
        Sealer sealer({stores_.output_store(), stores_.sealed_outputs(), stores_.blob_store()}, scratch_.path());
        EXPECT_EQ(sealer.turn([] { return Result<void>(); })->outputs, 1);
    }
    void append(const std::string& text) {
        const auto length = *stores_.output_store().length(name_);
        EXPECT_TRUE(stores_.output_store().append(name_, length, text)->accepted);
    }
    void begin_another(int step) {
        text_.clear();
        name_.step = step;
    }

    memory::MemoryStores stores_;
    contract::TempFolder scratch_;
    KeptOutputs outputs_{stores_.output_store(), stores_.sealed_outputs(), stores_.blob_store()};
    OutputName name_{{{"j"}, 0, 1}, 101};
    std::string text_;
};
INSTANTIATE_TEST_SUITE_P(Raw, Lines, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Sealed, Lines, testing::Values(true));

TEST_P(Lines, AreFoundByTheirNumber) {
    write("one\ntwo\n\nfour");
    EXPECT_EQ(line(1), "one\ntwo\n\nfour");
    EXPECT_EQ(line(2), "two\n\nfour");
    EXPECT_EQ(line(3), "\nfour");
    EXPECT_EQ(line(4), "four") << "the last line may have no end";
    EXPECT_EQ(line(5), "There is no line 5: the output has 4 by now.");
    EXPECT_EQ(line(INT64_MAX), "There is no line 9223372036854775807: the output has 4 by now.");
}

TEST_P(Lines, OfAnOutputThatEndsWithOneAreNoMore) {
    write("one\ntwo\n");
    EXPECT_EQ(line(2), "two\n");
    EXPECT_EQ(line(3), "There is no line 3: the output has 2 by now.");
    write("x");
    EXPECT_EQ(line(3), "x");
}

TEST_P(Lines, ThatComeJustWhenTheEndIsSeenAreFound) {
    if (GetParam()) GTEST_SKIP() << "needs an output that grows";
    write("one\n");
    int reads = 0;
    stores_.trouble().before([&](std::string_view operation) {
        if (operation == "output_store.read" && ++reads == 3) write("two\nthree");
    });
    EXPECT_EQ(line(3), "three");
}

TEST_P(Lines, OfNothingBeginAtItsStart) {
    EXPECT_EQ(line(1), "");
    EXPECT_EQ(line(2), "There is no line 2: the output has 0 by now.");
    EXPECT_EQ(tail(1), "");
}

TEST_P(Lines, AreCountedFromTheEnd) {
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

TEST_P(Lines, OfNewlinesAlone) {
    write("\n\n\n");
    EXPECT_EQ(line(3), "\n");
    EXPECT_EQ(tail(1), "\n");
    EXPECT_EQ(tail(2), "\n\n");
    EXPECT_EQ(tail(3), "\n\n\n");
    EXPECT_EQ(tail(9), "\n\n\n");
}

TEST_P(Lines, MayBeLongerThanAnyStep) {
    const std::string giant(9 << 20, 'x');
    write("first\n" + giant + "\nlast\n");
    EXPECT_EQ(line(2), std::string(20, 'x'));
    EXPECT_EQ(line(3), "last\n");
    EXPECT_EQ(tail(1), "last\n");
    EXPECT_EQ(tail(2), std::string(20, 'x'));
    EXPECT_EQ(tail(3), "first\nxxxxxxxxxxxxxx");
    auto search = LineSearch::line(outputs_, name_, 3);
    EXPECT_EQ(search.step()->has_value(), GetParam()) << "raw: others get their turn; sealed: the index knows";
}

TEST_P(Lines, OfManyAreFoundEachWhereItIs) {
    std::string text;
    for (int number = 1; number <= 100'000; ++number) text += "line " + std::to_string(number) + "\n";
    write(text);
    for (const int number : {1, 2, 20'000, 23'456, 23'457, 45'678, 99'999, 100'000})
        EXPECT_EQ(line(number).substr(0, 11), ("line " + std::to_string(number) + "\nline").substr(0, 11)) << number;
    EXPECT_EQ(line(100'001), "There is no line 100001: the output has 100000 by now.");
    EXPECT_EQ(tail(1), "line 100000\n");
}

TEST_P(Lines, AreFoundAroundTheBordersOfWindows) {
    for (const std::size_t border : {frame_bytes, 2 * frame_bytes}) {
        for (const std::size_t before : {border - 2, border - 1, border, border + 1}) {
            begin_another(static_cast<int>(before) * 10);
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

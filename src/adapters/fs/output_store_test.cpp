#include "adapters/fs/output_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "ports/contract/crash.h"
#include "ports/contract/examples.h"
#include "ports/contract/full_disk.h"
#include "ports/contract/temp_folder.h"

namespace gyre::fs {
namespace {

using contract::expect_fault;

class FileOutputs : public testing::Test {
protected:
    std::unique_ptr<FileOutputStore> open(OutputLimits limits = {}) {
        return FileOutputStore::open(folder_.path(), limits).value();
    }
    std::filesystem::path only_file() const {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "output")) {
            if (entry.is_regular_file()) return entry.path();
        }
        return {};
    }

    contract::TempFolder folder_;
    const OutputName name_{{{"job"}, 3, 2}, 101};
};

TEST_F(FileOutputs, StandAtTwoDigitsThenAttemptThenStep) {
    EXPECT_TRUE(open()->append(name_, 0, "x")->accepted);
    const auto below = only_file().lexically_relative(folder_.path() / "output").string();
    EXPECT_EQ(below.substr(2), "/job-3-a2/101.log");
}

TEST_F(FileOutputs, GoOnAfterARestart) {
    EXPECT_TRUE(open()->append(name_, 0, "hello")->accepted);
    const auto outputs = open();
    EXPECT_EQ(outputs->append(name_, 0, "hello")->length, 5);
    EXPECT_TRUE(outputs->append(name_, 5, "!")->accepted);
    EXPECT_EQ(*open()->read(name_, 0, 10), "hello!");
}

TEST_F(FileOutputs, AskingForALengthMakesNoFile) {
    const auto outputs = open();
    EXPECT_EQ(*outputs->length(name_), 0);
    EXPECT_EQ(*outputs->read(name_, 0, 10), "");
    EXPECT_EQ(outputs->append(name_, 0, "")->length, 0);
    EXPECT_EQ(only_file(), "");
}

TEST_F(FileOutputs, AFullDiskTakesNothingOfThePieceAndKeepsWhatWasAcknowledged) {
    const auto outputs = open();
    EXPECT_TRUE(outputs->append(name_, 0, std::string(600, 'a'))->accepted);
    {
        const contract::FullDisk full(1000);
        const auto refused = outputs->append(name_, 600, std::string(600, 'b'));
        expect_fault(refused, Fault::unavailable);
        EXPECT_NE(refused.error().message.find(only_file().string()), std::string::npos) << refused.error().message;
        EXPECT_EQ(*outputs->length(name_), 600);
    }
    EXPECT_EQ(outputs->append(name_, 600, std::string(600, 'b'))->length, 1200);
    EXPECT_EQ(*outputs->read(name_, 0, 2000), std::string(600, 'a') + std::string(600, 'b'));
}

TEST_F(FileOutputs, TellAfterAFailureWhetherTheDiskIsWellAgain) {
    const auto outputs = open();
    EXPECT_TRUE(outputs->settle().ok());
    {
        const contract::FullDisk full(1000);
        EXPECT_TRUE(outputs->settle().ok()) << "nobody has seen it fail";
        expect_fault(outputs->append(name_, 0, std::string(1200, 'b')), Fault::unavailable);
        expect_fault(outputs->settle(), Fault::unavailable);
        expect_fault(outputs->settle(), Fault::unavailable);
    }
    EXPECT_TRUE(outputs->settle().ok());
    EXPECT_EQ(only_file().filename(), "101.log") << "the trial leaves nothing";
    EXPECT_EQ(outputs->append(name_, 0, "x")->length, 1);
}

// For the thread sanitizer: what a reader holds must not change under it while the file is opened anew.
TEST_F(FileOutputs, AreReadWhileAppendingFailsAndTheFileIsOpenedAgain) {
    const auto outputs = open();
    EXPECT_TRUE(outputs->append(name_, 0, std::string(600, 'a'))->accepted);
    const contract::FullDisk full(1000);
    std::atomic<bool> done = false;
    std::thread reader([&] {
        do {
            EXPECT_EQ(*outputs->read(name_, 0, 2000), std::string(600, 'a'));
        } while (!done);
    });
    for (int i = 0; i < 200; ++i) {
        expect_fault(outputs->append(name_, 600, std::string(600, 'b')), Fault::unavailable);
    }
    done = true;
    reader.join();
}

TEST_F(FileOutputs, ThatAnotherServerRemovedTakeNothingMore) {
    const auto ours = open();
    const auto others = open();
    EXPECT_TRUE(ours->append(name_, 0, "first")->accepted);
    EXPECT_TRUE(*others->remove(name_, 5));
    const auto late = *ours->append(name_, 5, "late");
    EXPECT_FALSE(late.accepted);
    EXPECT_EQ(late.length, 0);
    EXPECT_EQ(*ours->length(name_), 0) << "nothing was made anew";
}

// As a crash leaves it behind.
TEST_F(FileOutputs, ThatWereEmptyMayBeBegunAgainOnceTheyWereRemoved) {
    EXPECT_TRUE(open()->append(name_, 0, "x")->accepted);
    std::filesystem::resize_file(only_file(), 0);
    const auto outputs = open();
    EXPECT_TRUE(*outputs->remove(name_, 0));
    EXPECT_FALSE(outputs->append(name_, 7, "late")->accepted);
    EXPECT_EQ(only_file(), "");
    EXPECT_TRUE(outputs->append(name_, 0, "anew")->accepted);
    EXPECT_EQ(*outputs->read(name_, 0, 10), "anew");
}

TEST_F(FileOutputs, ArePutBackWhole) {
    const std::string text(3'000'000, 'x');
    const auto outputs = open();
    EXPECT_TRUE(outputs->append(name_, 0, "short")->accepted);
    EXPECT_TRUE(*outputs->remove(name_, 5));
    const auto reading = [&](std::int64_t offset) -> Result<std::string> {
        return text.substr(static_cast<std::size_t>(offset), 1'000'000);
    };
    EXPECT_TRUE(outputs->put_back(name_, reading).ok());
    EXPECT_EQ(*outputs->length(name_), 3'000'000);
    EXPECT_EQ(*open()->read(name_, 2'999'990, 100), "xxxxxxxxxx");
}

TEST_F(FileOutputs, ThatCannotBePutBackWholeAreNotThere) {
    const auto outputs = open();
    const auto breaks_off = [](std::int64_t offset) -> Result<std::string> {
        return offset > 0 ? Result<std::string>(corrupt("it is damaged")) : std::string("some");
    };
    expect_fault(outputs->put_back(name_, breaks_off), Fault::corrupt);
    EXPECT_EQ(only_file(), "");
    {
        const contract::FullDisk full(1000);
        EXPECT_FALSE(outputs->put_back(name_, [](std::int64_t) { return std::string(600, 'x'); }).ok());
    }
    EXPECT_EQ(only_file(), "");
    EXPECT_EQ(*outputs->length(name_), 0);
}

TEST_F(FileOutputs, AreListedBesideWhatIsNone) {
    const auto outputs = open();
    EXPECT_TRUE(outputs->append(name_, 0, "x")->accepted);
    const auto attempt = only_file().parent_path();
    const auto root = folder_.path() / "output";
    std::ofstream(root / "zz") << "a file that is named like a shelf";
    std::filesystem::create_directory_symlink("/proc", root / "zy");
    std::filesystem::create_directory_symlink("/none", root / "zx");
    std::ofstream(attempt.parent_path() / "job-0-a1") << "a file that is named like an attempt";
    std::ofstream(attempt / "no step");
    std::filesystem::create_directory(root / "another folder");
    std::vector<OutputName> found;
    const auto listed = outputs->each([&](const OutputName& name) {
        found.push_back(name);
        return Result<void>();
    });
    ASSERT_TRUE(listed.ok()) << listed.error().message;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].attempt, name_.attempt);
    EXPECT_EQ(found[0].step, name_.step);
}

// Where nothing can be opened, nothing being there is not what is told.
TEST_F(FileOutputs, ThatCannotBeListedAreNotTakenForNone) {
    const auto outputs = open();
    EXPECT_TRUE(outputs->append(name_, 0, "x")->accepted);
    const auto list = [&] { return outputs->each([](const OutputName&) { return Result<void>(); }); };
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const Fd lowest(::dup(STDIN_FILENO));
    int failures = 0;
    for (int room = 1; room <= 8; ++room) {
        const rlimit little{static_cast<rlim_t>(lowest.get() + room), before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &little), 0);
        const auto listed = list();
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        if (listed) break;
        expect_fault(listed, Fault::unavailable);
        ++failures;
    }
    EXPECT_GE(failures, 3) << "each folder on the way was one that could not be opened";
    EXPECT_TRUE(list().ok());
}

TEST_F(FileOutputs, ALimitIsNamed) {
    const auto outputs = open({.step_bytes = 10});
    EXPECT_TRUE(outputs->append(name_, 0, "12345678")->accepted);
    const auto refused = outputs->append(name_, 8, "901");
    expect_fault(refused, Fault::too_large);
    EXPECT_NE(refused.error().message.find("10 bytes"), std::string::npos);
    EXPECT_TRUE(outputs->append(name_, 8, "90")->accepted);
}

TEST_F(FileOutputs, MoreOutputsThanMayStayOpenAreAllServed) {
    const auto outputs = open({.open_files = 2});
    for (int round = 0; round < 3; ++round) {
        for (int step = 0; step < 10; ++step) {
            EXPECT_TRUE(outputs->append({name_.attempt, step}, round, "x")->accepted) << step;
        }
    }
    for (int step = 0; step < 10; ++step) EXPECT_EQ(*outputs->read({name_.attempt, step}, 0, 10), "xxx");
}

TEST_F(FileOutputs, EveryAcknowledgedByteIsThereOnceAfterAKill) {
    const auto line = [](int number) { return "line " + std::to_string(number) + "\n"; };
    std::int64_t offset = 0;
    const int acknowledged =
        contract::acknowledged_until_killed(200, [&, outputs = std::shared_ptr(open())](int number) {
            const auto answer = outputs->append(name_, offset, line(number));
            offset = answer->length;
            return answer->accepted;
        });
    ASSERT_GE(acknowledged, 200);
    std::string expected;
    for (int number = 1; number <= acknowledged; ++number) expected += line(number);
    // The line that was being written may be there in part: it was never acknowledged, and its sender goes on from
    // here.
    const auto outputs = open();
    const auto stored = *outputs->read(name_, 0, 100'000);
    EXPECT_EQ(stored.substr(0, expected.size()), expected);
    EXPECT_EQ(stored.substr(expected.size()), line(acknowledged + 1).substr(0, stored.size() - expected.size()));
    EXPECT_EQ(*outputs->length(name_), std::ssize(stored));
}

}  // namespace
}  // namespace gyre::fs

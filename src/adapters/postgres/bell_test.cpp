#include "adapters/postgres/bell.h"

#include <condition_variable>
#include <mutex>

#include "adapters/postgres/test_world.h"
#include "ports/contract/examples.h"

namespace gyre::postgres {
namespace {

using contract::expect_fault;

// What a server hears.
class Ear {
public:
    std::function<void(std::string_view)> hear() {
        return [this](std::string_view word) {
            const std::lock_guard lock(mutex_);
            words_.insert(std::string(word));
            changed_.notify_all();
        };
    }
    bool heard(const std::string& word) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return words_.contains(word); });
    }
    bool has(const std::string& word) {
        const std::lock_guard lock(mutex_);
        return words_.contains(word);
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> words_;
};

class BellTest : public testing::Test {
protected:
    std::unique_ptr<Bell> open(const std::string& server, Ear& ear) {
        return Bell::open(target_, {.server = server, .hear = ear.hear()}).value();
    }
    Target target_{migrated_database(), "the test's database"};
    Ear north_ear_;
    Ear south_ear_;
};

TEST_F(BellTest, WhatOneTellsTheOthersHear) {
    const auto north = open("north", north_ear_);
    const auto south = open("south", south_ear_);
    north->tell("9", "queue");
    EXPECT_TRUE(south_ear_.heard("queue"));
    south->tell("63", "it's \"quoted\" ü");
    EXPECT_TRUE(north_ear_.heard("it's \"quoted\" ü"));
    EXPECT_FALSE(north_ear_.has("queue")) << "nobody hears himself";
}

TEST_F(BellTest, WhatIsTooLongIsNotTold) {
    const auto north = open("north", north_ear_);
    const auto south = open("south", south_ear_);
    north->tell("22", std::string(9'000, 'x'));
    north->tell("31", "");
    north->tell("4", std::string(7'900, 'y'));
    EXPECT_TRUE(south_ear_.heard(std::string(7'900, 'y')));
    EXPECT_FALSE(south_ear_.has(std::string(9'000, 'x')));
}

TEST_F(BellTest, AfterARestartOfTheDatabaseItRingsAgainAndSaysThatWordsMayHaveGotLost) {
    const auto north = open("north", north_ear_);
    const auto south = open("south", south_ear_);
    test_server().crash();
    test_server().start();
    EXPECT_TRUE(north_ear_.heard(""));
    EXPECT_TRUE(south_ear_.heard(""));
    north->tell("9", "again");
    EXPECT_TRUE(south_ear_.heard("again"));
}

TEST_F(BellTest, NoTwoServersHaveOneName) {
    auto north = open("north", north_ear_);
    const auto second = Bell::open(
        target_, {.server = "north", .hear = south_ear_.hear(), .patience_for_the_name = std::chrono::milliseconds{0}});
    expect_fault(second, Fault::conflict);
    EXPECT_NE(second.error().message.find("north"), std::string::npos);
    north.reset();
    EXPECT_TRUE(Bell::open(target_, {.server = "north", .hear = south_ear_.hear()}).ok());
}

TEST_F(BellTest, TheSchemaDoesNotGoBackWhileAServerIsThere) {
    auto north = open("north", north_ear_);
    expect_fault(Connections::migrate(target_, 1), Fault::conflict);
    EXPECT_TRUE(Connections::migrate(target_, std::nullopt).ok());
    north.reset();
    EXPECT_EQ(Connections::migrate(target_, 1)->after, 1);
}

}  // namespace
}  // namespace gyre::postgres

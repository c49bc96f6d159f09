#include "apps/gyre/signs_of_life.h"

#include <gmock/gmock.h>

namespace gyre::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class SignsOfLifeTest : public ::testing::Test {
protected:
    // The database's clock says `clock` when a server says that it lives.
    void says(const std::string& name, std::chrono::milliseconds clock) {
        for (auto& server : servers_) {
            if (server.name == name) return void(server.seen_at = Timestamp{clock});
        }
        servers_.push_back({.name = name, .started_at = Timestamp{clock}, .seen_at = Timestamp{clock}});
    }
    std::vector<std::string> gone(std::chrono::milliseconds steady, std::chrono::milliseconds most = 1h) {
        signs_.see(servers_, SignsOfLife::Instant{steady}, most);
        return signs_.silent_for(20s);
    }

    std::vector<sql::KnownServer> servers_;
    SignsOfLife signs_;
};

TEST_F(SignsOfLifeTest, who_says_nothing_for_long_enough_is_gone) {
    says("north", 1000s);
    says("south", 1000s);
    EXPECT_THAT(gone(1s), IsEmpty());
    says("north", 1015s);
    EXPECT_THAT(gone(15s), IsEmpty());
    EXPECT_THAT(gone(21s), IsEmpty()) << "the silence has lasted for 20 s, and no longer";
    EXPECT_THAT(gone(22s), ElementsAre("south"));
    EXPECT_THAT(gone(36s), ElementsAre("north", "south"));
    says("south", 1040s);
    EXPECT_THAT(gone(37s), ElementsAre("north"));
}

TEST_F(SignsOfLifeTest, nobody_is_gone_because_the_clock_of_the_database_was_set) {
    std::chrono::milliseconds clock = 1000s;
    std::chrono::milliseconds steady = 0s;
    for (const auto jump : {0s, 7200s, 0s, -86'400s, 20s, 21s, -20s, 3'600'000s, 0s}) {
        clock += jump + 2s;
        says("north", clock);
        steady += 15s;
        EXPECT_THAT(gone(steady), IsEmpty());
    }
}

TEST_F(SignsOfLifeTest, a_clock_that_runs_ahead_makes_no_dead_server_live) {
    says("north", 1000s);
    EXPECT_THAT(gone(0s), IsEmpty());
    says("south", 99'000s);
    EXPECT_THAT(gone(19s), IsEmpty());
    EXPECT_THAT(gone(21s), ElementsAre("north"));
}

TEST_F(SignsOfLifeTest, silence_counts_from_when_we_began_to_listen) {
    says("north", -1000s);
    EXPECT_THAT(gone(500s), IsEmpty());
    EXPECT_THAT(gone(520s), IsEmpty());
    EXPECT_THAT(gone(521s), ElementsAre("north"));
    signs_ = {};
    EXPECT_THAT(gone(522s), IsEmpty());
}

TEST_F(SignsOfLifeTest, a_look_that_took_long_is_no_long_silence) {
    says("north", 1000s);
    EXPECT_THAT(gone(0s, 6s), IsEmpty());
    EXPECT_THAT(gone(2s, 6s), IsEmpty());
    EXPECT_THAT(gone(27s, 6s), IsEmpty()) << "the database stood still, for north, too";
    EXPECT_THAT(gone(29s, 6s), IsEmpty()) << "north has not come back to it yet";
    says("north", 1030s);
    EXPECT_THAT(gone(31s, 6s), IsEmpty());
    EXPECT_THAT(gone(51s, 6s), IsEmpty());
}

TEST_F(SignsOfLifeTest, who_is_dead_is_found_though_each_look_takes_long) {
    says("north", 1000s);
    std::vector<std::string> found;
    auto now = 0s;
    for (; now < 600s && found.empty(); now += 12s) found = gone(now, 6s);
    EXPECT_THAT(found, ElementsAre("north"));
    EXPECT_LE(now, 72s);
}

TEST_F(SignsOfLifeTest, who_is_not_there_any_more_is_forgotten) {
    says("north", 1000s);
    EXPECT_THAT(gone(0s), IsEmpty());
    servers_.clear();
    EXPECT_THAT(gone(30s), IsEmpty());
    says("north", 1000s);
    EXPECT_THAT(gone(31s), IsEmpty());
}

}  // namespace
}  // namespace gyre::apps

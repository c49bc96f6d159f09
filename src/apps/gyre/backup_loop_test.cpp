#include "apps/gyre/backup_loop.h"

#include <gtest/gtest.h>

#include "adapters/memory/manual_clock.h"

namespace gyre::apps {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class BackupLoops : public testing::Test {
protected:
    BackupWork work() {
        BackupWork work;
        work.newest = [this] { return Result<std::optional<Timestamp>>(newest_); };
        work.make = [this](const backup::Watch& watch, backup::Trust trust) -> Result<NewBackup> {
            ++tries_;
            trust_ = trust;
            GYRE_TRY(watch({}));
            if (failure_) return *failure_;
            newest_ = clock_.now();
            return NewBackup{"b1", lacking_};
        };
        work.check = [this](const std::string&, const backup::Watch&) { return Result<std::string>(wrong_); };
        work.prune = [this]() -> Result<void> {
            ++prunings_;
            return {};
        };
        return work;
    }

    memory::ManualClock clock_;
    std::optional<Timestamp> newest_;
    std::optional<Error> failure_;
    std::string wrong_;
    backup::Trust trust_ = backup::Trust::size;  // of the last one
    std::int64_t lacking_ = 0;
    int tries_ = 0;
    int prunings_ = 0;
    BackupLoop loop_{work(), hours{24}, clock_};
};

TEST_F(BackupLoops, make_one_when_the_newest_is_old_enough_and_not_before) {
    loop_.turn();
    EXPECT_EQ(tries_, 1);
    clock_.advance(hours{23});
    EXPECT_EQ(loop_.turn(), Duration{hours{1}});
    EXPECT_EQ(tries_, 1);
    clock_.advance(hours{1});
    loop_.turn();
    EXPECT_EQ(tries_, 2);
    EXPECT_NE(loop_.health()->find("is good"), std::string::npos);
}

TEST_F(BackupLoops, count_those_that_others_made_and_those_before_a_restart) {
    newest_ = clock_.now() - hours{20};
    loop_.turn();
    EXPECT_EQ(tries_, 0);
    EXPECT_TRUE(loop_.health().ok());
}

TEST_F(BackupLoops, say_that_one_failed_and_try_again_soon) {
    failure_ = unavailable("writing /backups/x: No space left on device");
    EXPECT_EQ(loop_.turn(), Duration{minutes{15}});
    EXPECT_NE(loop_.health().error().message.find("No space left"), std::string::npos);
    failure_.reset();
    loop_.turn();
    EXPECT_EQ(tries_, 2);
    EXPECT_TRUE(loop_.health().ok());
}

TEST_F(BackupLoops, say_that_one_is_not_good) {
    wrong_ = "workflow w1: it is 'success', its jobs say 'failed'";
    loop_.turn();
    EXPECT_NE(loop_.health().error().message.find("its jobs say"), std::string::npos);
    EXPECT_EQ(prunings_, 0) << "the older ones may be the good ones";
    wrong_.clear();
    clock_.advance(hours{24});
    loop_.turn();
    EXPECT_EQ(prunings_, 1);
}

TEST_F(BackupLoops, believe_nothing_that_was_written_before_once_one_was_not_good) {
    wrong_ = "objects/ab/cd holds other bytes than were stored";
    loop_.turn();
    EXPECT_EQ(trust_, backup::Trust::size);
    wrong_.clear();
    clock_.advance(hours{24});
    loop_.turn();
    EXPECT_EQ(trust_, backup::Trust::content);
    clock_.advance(hours{24});
    loop_.turn();
    EXPECT_EQ(trust_, backup::Trust::size);
}

TEST_F(BackupLoops, tell_what_the_installation_has_lost) {
    lacking_ = 2;
    loop_.turn();
    EXPECT_NE(loop_.health()->find("lacks 2 objects"), std::string::npos) << *loop_.health();
    EXPECT_EQ(prunings_, 1) << "what is lost no older one has: it would have been taken over";
}

TEST_F(BackupLoops, wait_while_somebody_else_makes_one) {
    failure_ = conflict("a backup is at work");
    EXPECT_EQ(loop_.turn(), Duration{minutes{1}});
    EXPECT_TRUE(loop_.health().ok());
}

TEST_F(BackupLoops, never_run_when_nobody_wants_them) {
    BackupLoop off(work(), Duration{0}, clock_);
    off.start();
    off.stop();
    EXPECT_EQ(tries_, 0);
    EXPECT_EQ(*off.health(), "backups are not scheduled");
}

}  // namespace
}  // namespace gyre::apps

#include "output/sealer.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/memory/stores.h"
#include "output/kept_outputs.h"
#include "output/sweep.h"
#include "ports/contract/temp_folder.h"

namespace gyre::output {
namespace {

struct Death {};  // of the server, in the middle of something

// A server's memory of a job with two attempts: the first has ended, the second runs.
class World {
public:
    World() {
        Workflow workflow{.id = {"w"}, .jobs = {WorkflowJob{.id = {"j"}}}};
        workflow.jobs[0].tasks = {Task{.status = TaskStatus::running, .attempts = {Attempt{}, Attempt{.number = 2}}}};
        workflow.jobs[0].tasks[0].attempts[0].state = AttemptState::finished;
        workflow.jobs[0].tasks[0].attempts[1].state = AttemptState::running;
        Commit commit{.event = EventId{"e"}, .kind = "test"};
        commit.workflows.push_back(workflow);
        EXPECT_TRUE(stores.workflow_store().commit(commit).ok());
    }
    static OutputName step(int number, int attempt = 1) { return {{{"j"}, 0, attempt}, number}; }
    void write(const OutputName& name, const std::string& bytes) {
        const auto length = *stores.output_store().length(name);
        EXPECT_TRUE(stores.output_store().append(name, length, bytes)->accepted);
    }
    Sealer sealer(SealRules rules = {}) {
        return Sealer({stores.output_store(), stores.sealed_outputs(), stores.blob_store()}, scratch.path(), rules);
    }
    Result<SealedCount> seal(SealRules rules = {}) { return turn_of(sealer(rules)); }
    static Result<SealedCount> turn_of(Sealer sealer) {
        return sealer.turn([] { return Result<void>(); });
    }
    std::string read(const OutputName& name) { return read(name, kept); }
    static std::string read(const OutputName& name, KeptOutputs& kept) {
        std::string all;
        while (true) {
            const auto piece = kept.read(name, std::ssize(all), 100'000);
            if (!piece) return piece.error().message;
            if (piece->empty()) return all;
            all += *piece;
        }
    }
    std::set<int> raw_steps(int attempt = 1) {
        std::set<int> steps;
        EXPECT_TRUE(stores.output_store()
                        .each([&](const OutputName& name) -> Result<void> {
                            if (name.attempt.job.text == "j" && name.attempt.attempt == attempt)
                                steps.insert(name.step);
                            return {};
                        })
                        .ok());
        return steps;
    }
    void sweep() {
        stores.blob_store().age(std::chrono::hours(25));
        const auto swept = output::sweep(
            stores.keepsakes(), stores.blob_store(), {}, [] { return std::optional<std::int64_t>(); },
            [] { return Result<void>(); });
        EXPECT_TRUE(swept.ok()) << swept.error().message;
    }
    std::size_t blobs() { return stores.state().lock()->blobs.size(); }

    memory::MemoryStores stores;
    contract::TempFolder scratch;
    KeptOutputs kept{stores.output_store(), stores.sealed_outputs(), stores.blob_store()};
};

std::string lines_of(int count) {
    std::string text;
    for (int line = 1; line <= count; ++line) text += "line " + std::to_string(line) + "\n";
    return text;
}

class Sealing : public testing::Test {
protected:
    World world_;
};

TEST_F(Sealing, TakesTheOutputsOfEndedAttemptsAndNoOthers) {
    world_.write(World::step(101), "first");
    world_.write(World::step(102), lines_of(100'000));
    world_.write(World::step(101, 2), "runs");
    world_.write({{{"unknown"}, 0, 1}, 101}, "whose is this");
    const auto sealed = *world_.seal();
    EXPECT_EQ(sealed.outputs, 2);
    EXPECT_EQ(sealed.bytes, 5 + std::ssize(lines_of(100'000)));
    EXPECT_LT(sealed.stored, sealed.bytes / 2);
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
    EXPECT_EQ(world_.raw_steps(2), std::set<int>{101});
    EXPECT_EQ(*world_.stores.output_store().length({{{"unknown"}, 0, 1}, 101}), 13);
    EXPECT_EQ(world_.blobs(), 1U) << "small outputs share one";
    EXPECT_EQ(world_.read(World::step(101)), "first");
    EXPECT_EQ(world_.read(World::step(102)), lines_of(100'000));
    EXPECT_EQ(world_.read(World::step(101, 2)), "runs");
    EXPECT_EQ(world_.seal()->outputs, 0);
}

TEST_F(Sealing, ChangesNothingForWhoReads) {
    const auto text = lines_of(60'000);
    world_.write(World::step(101), text);
    const auto all_seen = [&] {
        std::string seen = std::to_string(*world_.kept.length(World::step(101)));
        for (const std::int64_t offset : {0, 1, 300'000, 262'143, 262'144}) {
            std::string ten;
            while (ten.size() < 10)
                ten += world_.kept.read(World::step(101), offset + std::ssize(ten), 10 - ten.size()).value();
            seen += ten;
        }
        for (const std::int64_t behind : {0, 1, 1000}) {
            const auto offset = std::ssize(text) + behind;
            seen += "|" + world_.kept.read(World::step(101), offset, 10).value();
        }
        return seen + world_.kept.read(World::step(101), 5, 0).value();
    };
    const auto before = all_seen();
    EXPECT_TRUE(world_.seal().ok());
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
    EXPECT_EQ(all_seen(), before);
    EXPECT_EQ(world_.read(World::step(101)), text);
    EXPECT_GT(world_.kept.mark(World::step(101), 50'000)->ends, 0) << "lines are found by the index now";
    EXPECT_EQ(*world_.kept.length(World::step(999)), 0);
    EXPECT_EQ(world_.read(World::step(999)), "");
}

TEST_F(Sealing, EndsABlobThatIsLargeEnough) {
    for (int step = 0; step < 10; ++step) world_.write(World::step(step), "output " + std::to_string(step));
    EXPECT_EQ(world_.seal({.pack_outputs = 3})->outputs, 10);
    EXPECT_EQ(world_.blobs(), 4U);
    for (int step = 0; step < 10; ++step) EXPECT_EQ(world_.read(World::step(step)), "output " + std::to_string(step));
}

TEST_F(Sealing, KeepsTheBlobsFromBeingSwept) {
    world_.write(World::step(101), "first");
    EXPECT_TRUE(world_.seal().ok());
    world_.sweep();
    EXPECT_EQ(world_.read(World::step(101)), "first");
}

// A server that is killed at any moment: what was told of an output stays so, and the next server leaves nothing over.
TEST(SealingThatDies, LosesNothingAndLeavesNothing) {
    const auto large = lines_of(40'000);
    int moment = 0;
    for (bool died = true; died;) {
        World world;
        world.write(World::step(101), "first");
        world.write(World::step(102), large);
        world.write(World::step(103), "third");
        int left = ++moment;
        world.stores.trouble().before([&](std::string_view) {
            if (--left == 0) throw Death();
        });
        died = false;
        try {
            EXPECT_TRUE(world.seal({.pack_outputs = 2}).ok());
        } catch (const Death&) {
            died = true;
        }
        world.stores.trouble().before({});
        for (int turn = 0; turn < 2; ++turn) {
            KeptOutputs kept(world.stores.output_store(), world.stores.sealed_outputs(), world.stores.blob_store());
            EXPECT_EQ(World::read(World::step(101), kept), "first") << moment;
            EXPECT_EQ(World::read(World::step(102), kept), large) << moment;
            EXPECT_EQ(World::read(World::step(103), kept), "third") << moment;
            EXPECT_TRUE(world.seal({.pack_outputs = 2}).ok());
            world.sweep();
        }
        EXPECT_EQ(world.raw_steps(), std::set<int>()) << moment;
        EXPECT_EQ(world.blobs(), 2U) << moment;
        EXPECT_TRUE(world.stores.state().lock()->partial_blobs.empty()) << moment;
    }
    EXPECT_GT(moment, 20) << "there were moments to die at";
}

// What fails with one output is passed over; what fails for all ends the turn.
TEST(SealingThatFails, GoesOnAtTheNextTurn) {
    const std::set<std::string> of_one_output{"output_store.length", "output_store.read"};
    for (const auto mishap : {memory::Mishap::fails, memory::Mishap::lost_answer, memory::Mishap::torn}) {
        for (const char* operation :
             {"output_store.each", "output_store.length", "output_store.read", "output_store.remove",
              "sealed_outputs.find", "sealed_outputs.add", "sealed_outputs.has_ended", "blob_store.touch",
              "blob_store.append", "blob_store.partial_length"}) {
            World world;
            world.write(World::step(101), "first");
            world.write(World::step(102), lines_of(1000));
            Sealer sealer = world.sealer();
            const auto turn = [&] { return sealer.turn([] { return Result<void>(); }); };
            world.stores.trouble().on(operation, 1, mishap);
            EXPECT_EQ(turn().ok(), of_one_output.contains(operation)) << operation;
            EXPECT_EQ(world.read(World::step(102)), lines_of(1000)) << operation;
            EXPECT_TRUE(turn().ok()) << operation;
            EXPECT_EQ(world.raw_steps(), std::set<int>()) << operation;
            EXPECT_EQ(world.read(World::step(101)), "first") << operation;
            EXPECT_EQ(world.read(World::step(102)), lines_of(1000)) << operation;
            EXPECT_EQ(world.blobs(), of_one_output.contains(operation) ? 2U : 1U) << operation;
        }
    }
}

// Forwards to the real one, but for outputs that cannot be read.
class DamagedOutputs final : public RawOutputs {
public:
    DamagedOutputs(RawOutputs& whole, std::set<int> steps) : whole_(whole), steps_(std::move(steps)) {}
    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override {
        return whole_.append(name, offset, bytes);
    }
    Result<std::int64_t> length(const OutputName& name) override { return whole_.length(name); }
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override {
        if (steps_.contains(name.step)) {
            ++tries;
            return unavailable("the disk fails");
        }
        return whole_.read(name, offset, bytes);
    }
    Result<void> each(const std::function<Result<void>(const OutputName&)>& visit) override {
        return whole_.each(visit);
    }
    Result<bool> remove(const OutputName& name, std::int64_t length) override { return whole_.remove(name, length); }

    int tries = 0;

private:
    RawOutputs& whole_;
    std::set<int> steps_;
};

TEST(SealingThatFails, LeavesWhatCannotBeReadForAWhileAndSealsTheOthers) {
    World world;
    for (const int step : {101, 102, 103}) world.write(World::step(step), lines_of(step));
    DamagedOutputs damaged(world.stores.output_store(), {102});
    Sealer sealer({damaged, world.stores.sealed_outputs(), world.stores.blob_store()}, world.scratch.path());
    Sealer::Instant now{};
    const auto turn = [&](std::chrono::seconds later) {
        return sealer.turn([] { return Result<void>(); }, now += later).ok();
    };
    EXPECT_TRUE(turn(std::chrono::seconds(0)));
    EXPECT_EQ(world.raw_steps(), std::set<int>{102});
    EXPECT_EQ(world.blobs(), 1U) << "the bad one spoiled no pack";
    for (int turns = 0; turns < 5; ++turns) EXPECT_TRUE(turn(std::chrono::seconds(60)));
    EXPECT_EQ(damaged.tries, 2) << "then it is left as it is";
    EXPECT_TRUE(turn(std::chrono::seconds(3600)));
    EXPECT_EQ(damaged.tries, 3) << "and tried again much later";
    EXPECT_TRUE(world.seal().ok()) << "another process, with a disk that is well";
    EXPECT_EQ(world.raw_steps(), std::set<int>());
    for (const int step : {101, 102, 103}) EXPECT_EQ(world.read(World::step(step)), lines_of(step));
}

TEST(SealingThatFails, EndsATurnInWhichNothingCanBeRead) {
    World world;
    std::set<int> all;
    for (int step = 0; step < 40; ++step) all.insert(step), world.write(World::step(step), "x");
    DamagedOutputs damaged(world.stores.output_store(), all);
    Sealer sealer({damaged, world.stores.sealed_outputs(), world.stores.blob_store()}, world.scratch.path());
    EXPECT_EQ(sealer.turn([] { return Result<void>(); }).error().message, "the disk fails");
    EXPECT_EQ(damaged.tries, SealRules().most_failures + 1);
}

// Forwards to the real one, but for blobs above a limit.
class LimitedBlobs final : public BlobStore {
public:
    LimitedBlobs(BlobStore& whole, std::int64_t most) : whole_(whole), most_(most) {}
    Result<bool> exists(const std::string& sha256) override { return whole_.exists(sha256); }
    Result<std::int64_t> partial_length(const std::string& sha256) override { return whole_.partial_length(sha256); }
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override {
        return total > most_ ? Result<void>(too_large("a blob too many")) : whole_.append(sha256, offset, total, bytes);
    }
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override {
        return whole_.open(sha256, from);
    }
    Result<std::optional<std::int64_t>> touch(const std::string& sha256) override { return whole_.touch(sha256); }
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle) override {
        return whole_.remove(sha256, idle);
    }
    Result<void> each(const std::function<Result<void>(const IdleBlob&)>& visit) override { return whole_.each(visit); }

private:
    BlobStore& whole_;
    std::int64_t most_;
};

TEST(SealingThatFails, LeavesWhatTheStoreOfBlobsRefuses) {
    World world;
    world.write(World::step(101), lines_of(20'000));
    LimitedBlobs limited(world.stores.blob_store(), 1000);
    Sealer sealer({world.stores.output_store(), world.stores.sealed_outputs(), limited}, world.scratch.path());
    const auto turn = [&] { return sealer.turn([] { return Result<void>(); }); };
    EXPECT_TRUE(turn().ok());
    EXPECT_TRUE(turn().ok());
    world.write(World::step(102), "x");
    EXPECT_TRUE(turn().ok());
    EXPECT_EQ(world.raw_steps(), std::set<int>{101});
    EXPECT_EQ(world.read(World::step(101)), lines_of(20'000));
    EXPECT_EQ(world.read(World::step(102)), "x");
}

// Believes that each blob is there, as long as nobody asks where it lies.
class TrustingBlobs final : public BlobStore {
public:
    explicit TrustingBlobs(BlobStore& whole) : whole_(whole) {}
    Result<bool> exists(const std::string& sha256) override { return whole_.exists(sha256); }
    Result<std::int64_t> partial_length(const std::string& sha256) override { return whole_.partial_length(sha256); }
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override {
        return whole_.append(sha256, offset, total, bytes);
    }
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override {
        return whole_.open(sha256, from);
    }
    Result<std::optional<std::int64_t>> touch(const std::string&) override { return std::optional<std::int64_t>(1); }

private:
    BlobStore& whole_;
};

TEST(SealingThatIsMistaken, RemovesNothingOnTheWordOfAMemory) {
    World world;
    world.write(World::step(101), lines_of(2'000));
    TrustingBlobs trusting(world.stores.blob_store());
    Sealer sealer({world.stores.output_store(), world.stores.sealed_outputs(), trusting}, world.scratch.path());
    EXPECT_EQ(sealer.turn([] { return Result<void>(); })->outputs, 1);
    EXPECT_EQ(world.raw_steps(), std::set<int>());
    EXPECT_EQ(world.read(World::step(101)), lines_of(2'000));
}

TEST(SealingThatFails, CondemnsNoOutputForAnotherOneInItsBlob) {
    World world;
    for (int step = 0; step < 20; ++step) world.write(World::step(step), "output " + std::to_string(step));
    world.write(World::step(7), lines_of(20'000));
    LimitedBlobs limited(world.stores.blob_store(), 1000);
    Sealer sealer({world.stores.output_store(), world.stores.sealed_outputs(), limited}, world.scratch.path());
    const auto turn = [&] { return sealer.turn([] { return Result<void>(); }); };
    EXPECT_EQ(turn()->outputs, 0);
    EXPECT_EQ(turn()->outputs, 19) << "each by itself";
    EXPECT_EQ(turn()->outputs, 0);
    EXPECT_EQ(world.raw_steps(), std::set<int>{7});
    EXPECT_EQ(world.read(World::step(6)), "output 6");
    world.write(World::step(30), "a");
    world.write(World::step(31), "b");
    const auto blobs = world.blobs();
    EXPECT_EQ(turn()->outputs, 2);
    EXPECT_EQ(world.blobs(), blobs + 1) << "what comes later shares one";
}

TEST_F(Sealing, PassesOverWhatAnotherServerWasFasterWith) {
    for (const int step : {101, 102, 103}) world_.write(World::step(step), lines_of(step));
    bool sealing = false;
    int reads = 0;
    world_.stores.trouble().before([&](std::string_view operation) {
        // The other one seals all when this one has the first and begins to read the second.
        if (operation != "output_store.read" || sealing || ++reads != 2) return;
        sealing = true;
        EXPECT_EQ(world_.seal()->outputs, 3);
    });
    const auto sealed = world_.seal();
    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
    for (const int step : {101, 102, 103}) EXPECT_EQ(world_.read(World::step(step)), lines_of(step));
}

TEST_F(Sealing, CutsOffThePartOfAnOutputThatWentWhileItWasRead) {
    std::string noise;
    for (std::uint32_t state = 1; noise.size() < (3 << 20); state = state * 1'664'525 + 1'013'904'223)
        noise += static_cast<char>(state >> 24);
    world_.write(World::step(101), "first");
    world_.write(World::step(102), noise);
    world_.write(World::step(103), "third");
    int reads = 0;
    world_.stores.trouble().before([&](std::string_view operation) {
        if (operation == "output_store.read" && ++reads == 3)  // in the middle of the second
            world_.stores.state().lock()->outputs.erase({World::step(102).attempt, 102});
    });
    EXPECT_EQ(world_.seal()->outputs, 2);
    EXPECT_EQ(world_.read(World::step(101)), "first");
    EXPECT_EQ(world_.read(World::step(103)), "third");
    EXPECT_EQ(world_.read(World::step(102)), "");
    EXPECT_LT((*world_.stores.sealed_outputs().find(World::step(103)))->at, 1000);
}

TEST_F(Sealing, RecordsAFewAtATime) {
    for (int step = 0; step < 120; ++step) world_.write(World::step(step), "x");
    int records = 0;
    world_.stores.trouble().before([&](std::string_view operation) { records += operation == "sealed_outputs.add"; });
    EXPECT_EQ(world_.seal()->outputs, 120);
    EXPECT_EQ(records, 3) << "others wait for a transaction";
    EXPECT_EQ(world_.blobs(), 1U);
}

// Whenever it is told to; the next turn of the same process takes all of it.
TEST(SealingThatStops, GoesOnLater) {
    const auto large = lines_of(500'000);
    int moment = 0;
    for (bool stopped = true; stopped;) {
        World world;
        world.write(World::step(101), "first");
        world.write(World::step(102), large);
        Sealer sealer = world.sealer();
        int left = ++moment;
        stopped = !sealer.turn([&] { return --left == 0 ? Result<void>(unavailable("it stops")) : Result<void>(); });
        EXPECT_EQ(world.read(World::step(102)), large) << moment;
        EXPECT_TRUE(sealer.turn([] { return Result<void>(); }).ok()) << moment;
        EXPECT_EQ(world.raw_steps(), std::set<int>()) << moment;
        EXPECT_EQ(world.read(World::step(101)), "first") << moment;
        EXPECT_EQ(world.read(World::step(102)), large) << moment;
    }
    EXPECT_GT(moment, 7) << "it is asked while a large output is read, and while a blob is stored";
}

// With one database and one store of blobs, and no directory that both reach.
TEST_F(Sealing, LetsAServerReadWhatItNeverHad) {
    world_.write(World::step(101), lines_of(30'000));
    memory::MemoryStores of_another;
    KeptOutputs elsewhere(of_another.output_store(), world_.stores.sealed_outputs(), world_.stores.blob_store());
    EXPECT_EQ(World::read(World::step(101), elsewhere), "");
    EXPECT_TRUE(world_.seal().ok());
    EXPECT_EQ(World::read(World::step(101), elsewhere), lines_of(30'000));
    EXPECT_EQ(*elsewhere.length(World::step(101)), std::ssize(lines_of(30'000)));
}

TEST_F(Sealing, IsTheEndOfAnOutputForAServerThatNeverHadItToo) {
    world_.write(World::step(101), "whole");
    EXPECT_TRUE(world_.seal().ok());
    memory::MemoryStores of_another;
    KeptOutputs elsewhere(of_another.output_store(), world_.stores.sealed_outputs(), world_.stores.blob_store());
    for (const std::int64_t offset : {0, 3, 5, 9}) {
        const auto appended = *elsewhere.append(World::step(101), offset, "late");
        EXPECT_FALSE(appended.accepted) << offset;
        EXPECT_EQ(appended.length, 5) << offset;
    }
    EXPECT_TRUE(elsewhere.append(World::step(101), 5, "")->accepted) << "who asks where it ends hears that";
    EXPECT_EQ(World::read(World::step(101), elsewhere), "whole");
}

TEST_F(Sealing, StopsWhenItIsToldTo) {
    world_.write(World::step(101), "first");
    world_.write(World::step(102), "second");
    int asked = 0;
    EXPECT_FALSE(world_.sealer().turn([&]() -> Result<void> {
        return ++asked == 2 ? Result<void>(unavailable("the server stops")) : Result<void>();
    }));
    EXPECT_EQ(world_.raw_steps(), (std::set<int>{101, 102}));
}

// An agent that was given up still sends for a moment: its attempt has ended, and a piece is on its way.
TEST_F(Sealing, TakesWhatCameMeanwhileWithTheNextTurn) {
    world_.write(World::step(101), "first");
    bool late = false;
    world_.stores.trouble().before([&](std::string_view operation) {
        if (operation == "sealed_outputs.add" && !std::exchange(late, true)) world_.write(World::step(101), ", late");
    });
    EXPECT_TRUE(world_.seal().ok());
    EXPECT_EQ(world_.raw_steps(), std::set<int>{101}) << "not all of it is sealed";
    EXPECT_EQ(world_.read(World::step(101)), "first, late");
    EXPECT_EQ(world_.seal()->outputs, 1);
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
    EXPECT_EQ(world_.read(World::step(101)), "first, late");
    world_.sweep();
    EXPECT_EQ(world_.blobs(), 1U);
    EXPECT_EQ(world_.read(World::step(101)), "first, late");
}

TEST_F(Sealing, IsNoticedByWhoReadTheShorterOne) {
    world_.write(World::step(101), "first");
    EXPECT_TRUE(world_.seal().ok());
    EXPECT_EQ(world_.read(World::step(101)), "first");
    // Another server had more of it.
    World other;
    other.write(World::step(101), "first, late");
    EXPECT_TRUE(other.seal().ok());
    const auto longer = **other.stores.sealed_outputs().find(World::step(101));
    const auto blob = other.stores.state().lock()->blobs.at(longer.blob);
    EXPECT_TRUE(world_.stores.blob_store().append(longer.blob, 0, std::ssize(blob), blob).ok());
    EXPECT_TRUE(world_.stores.sealed_outputs().add({{World::step(101), longer}}).ok());
    EXPECT_EQ(world_.read(World::step(101)), "first, late");
}

// A reader that knows the shorter one, whose blob nobody names any more.
TEST_F(Sealing, IsReadOnWhenTheBlobOfAnEarlierRecordWasSwept) {
    const auto text = lines_of(60'000);
    world_.write(World::step(101), text);
    EXPECT_TRUE(world_.seal().ok());
    EXPECT_EQ(world_.kept.read(World::step(101), 0, 6).value(), "line 1");
    const auto earlier = **world_.stores.sealed_outputs().find(World::step(101));
    World other;
    other.write(World::step(101), text + "late\n");
    EXPECT_TRUE(other.seal().ok());
    const auto longer = **other.stores.sealed_outputs().find(World::step(101));
    const auto blob = other.stores.state().lock()->blobs.at(longer.blob);
    EXPECT_TRUE(world_.stores.blob_store().append(longer.blob, 0, std::ssize(blob), blob).ok());
    EXPECT_TRUE(world_.stores.sealed_outputs().add({{World::step(101), longer}}).ok());
    ASSERT_NE(earlier.blob, longer.blob);
    world_.stores.state().lock()->blobs.erase(earlier.blob);
    EXPECT_EQ(world_.read(World::step(101)), text + "late\n");
}

TEST_F(Sealing, LetsManyReadOneOutputAtDifferentPlaces) {
    const auto text = lines_of(200'000);
    world_.write(World::step(101), text);
    EXPECT_TRUE(world_.seal().ok());
    int opened = 0;
    world_.stores.trouble().before([&](std::string_view operation) { opened += operation == "blob_store.open"; });
    for (std::int64_t at = 0; at < 250'000; at += 1000) {
        for (const std::int64_t from : {0, 600'000, 1'200'000})
            EXPECT_EQ(world_.kept.read(World::step(101), from + at, 10).value(),
                      text.substr(static_cast<std::size_t>(from + at), 10));
    }
    EXPECT_LE(opened, 8) << "the index, and each frame once";
}

TEST_F(Sealing, AnswersALateAppendWithTheLength) {
    world_.write(World::step(101), "first");
    EXPECT_TRUE(world_.seal().ok());
    const auto again = *world_.kept.append(World::step(101), 0, "first");
    EXPECT_FALSE(again.accepted);
    EXPECT_EQ(again.length, 5);
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
}

// As a file system brings back what was removed, after a loss of power.
TEST_F(Sealing, RemovesWhatIsSealedAlready) {
    world_.write(World::step(101), "first");
    EXPECT_TRUE(world_.seal().ok());
    {
        auto state = world_.stores.state().lock();
        state->removed_outputs.clear();
        state->outputs[{World::step(101).attempt, 101}] = "first";
        state->outputs[{World::step(102).attempt, 102}] = "";
    }
    EXPECT_EQ(world_.seal()->outputs, 0);
    EXPECT_EQ(world_.raw_steps(), std::set<int>());
    EXPECT_EQ(world_.read(World::step(101)), "first");
}

TEST_F(Sealing, SaysWhichOutputIsDamaged) {
    world_.write(World::step(101), lines_of(1000));
    EXPECT_TRUE(world_.seal().ok());
    const auto sealed = **world_.stores.sealed_outputs().find(World::step(101));
    world_.stores.blob_store().spoil(sealed.blob);
    const auto read = world_.kept.read(World::step(101), 0, 10);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().fault, Fault::corrupt);
    World other;
    other.write(World::step(101), "gone");
    EXPECT_TRUE(other.seal().ok());
    other.stores.state().lock()->blobs.clear();
    const auto gone = other.kept.read(World::step(101), 0, 10);
    ASSERT_FALSE(gone.ok());
    EXPECT_EQ(gone.error().fault, Fault::corrupt);
    EXPECT_NE(gone.error().message.find("step 101 of attempt j-0-a1"), std::string::npos) << gone.error().message;
}

}  // namespace
}  // namespace gyre::output

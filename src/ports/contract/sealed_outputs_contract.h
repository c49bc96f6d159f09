#pragma once

// The promises of ports/sealed_outputs.h.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ports/contract/examples.h"
#include "ports/sealed_outputs.h"

namespace gyre::contract {

template <typename World>
class SealedOutputsContract : public StoresContract<World> {
protected:
    SealedOutputs& sealed() { return this->world_.stores.sealed_outputs(); }
    // Of a job with two tasks, of which the first has begun.
    AttemptRef begin_attempt() {
        workflow_ = this->make_workflow({"build"});
        this->place(workflow_, 0, 0);
        EXPECT_EQ(this->store(workflow_, {0}), Committed::stored);
        workflow_ = this->load(workflow_.id);
        return attempt_of(workflow_, 0);
    }
    static SealedOutput part(char blob, std::int64_t bytes) { return {std::string(64, blob), 7, 20, bytes}; }

    Workflow workflow_;
};
TYPED_TEST_SUITE_P(SealedOutputsContract);

TYPED_TEST_P(SealedOutputsContract, AreFoundByTheirStep) {
    const auto attempt = this->begin_attempt();
    EXPECT_FALSE(this->sealed().find({attempt, 101})->has_value());
    const SealedOutput large{std::string(64, 'b'), std::int64_t{1} << 40, std::int64_t{1} << 41, std::int64_t{1} << 42};
    EXPECT_TRUE(this->sealed().add({{{attempt, 101}, this->part('a', 5)}, {{attempt, 102}, large}}).ok());
    EXPECT_EQ(*this->sealed().find({attempt, 101}), this->part('a', 5));
    EXPECT_EQ(*this->sealed().find({attempt, 102}), large);
    EXPECT_FALSE(this->sealed().find({attempt, 103})->has_value());
    EXPECT_FALSE(this->sealed().find({{attempt.job, 1, 1}, 101})->has_value());
    EXPECT_TRUE(this->sealed().add({}).ok());
}

TYPED_TEST_P(SealedOutputsContract, TheLongerOneStaysAndOfEquallyLongOnesTheFirst) {
    const OutputName name{this->begin_attempt(), 101};
    EXPECT_TRUE(this->sealed().add({{name, this->part('a', 5)}}).ok());
    EXPECT_TRUE(this->sealed().add({{name, this->part('b', 5)}}).ok());
    EXPECT_EQ(*this->sealed().find(name), this->part('a', 5));
    EXPECT_TRUE(this->sealed().add({{name, this->part('c', 6)}}).ok());
    EXPECT_TRUE(this->sealed().add({{name, this->part('d', 4)}}).ok());
    EXPECT_EQ(*this->sealed().find(name), this->part('c', 6));
}

TYPED_TEST_P(SealedOutputsContract, OfAnUnknownAttemptNoneIsStored) {
    const auto attempt = this->begin_attempt();
    const OutputName known{attempt, 101};
    const OutputName unknown{{attempt.job, 0, 9}, 101};
    expect_fault(this->sealed().add({{known, this->part('a', 5)}, {unknown, this->part('a', 5)}}), Fault::invalid);
    EXPECT_FALSE(this->sealed().find(known)->has_value());
}

TYPED_TEST_P(SealedOutputsContract, AnAttemptHasEndedOnceItIsFinished) {
    const auto attempt = this->begin_attempt();
    EXPECT_FALSE(*this->sealed().has_ended(attempt));
    EXPECT_FALSE(*this->sealed().has_ended({attempt.job, 1, 1})) << "nobody knows of it";
    EXPECT_FALSE(*this->sealed().has_ended({{"no-such-job"}, 0, 1}));
    this->workflow_.jobs[0].tasks[0].status = TaskStatus::finished;
    this->finish_attempt(this->workflow_, 0, 0, Succeeded{});
    EXPECT_EQ(this->store(this->workflow_, {0}), Committed::stored);
    EXPECT_TRUE(*this->sealed().has_ended(attempt));
}

TYPED_TEST_P(SealedOutputsContract, TheirBlobsAreNamedByARecord) {
    const auto attempt = this->begin_attempt();
    EXPECT_TRUE(this->sealed().add({{{attempt, 101}, this->part('a', 5)}, {{attempt, 102}, this->part('b', 5)}}).ok());
    std::set<std::string> blobs;
    EXPECT_TRUE(this->world_.stores.keepsakes()
                    .each_named_blob([&](const std::string& name, bool tree) -> Result<void> {
                        EXPECT_FALSE(tree);
                        blobs.insert(name);
                        return {};
                    })
                    .ok());
    EXPECT_EQ(blobs, (std::set<std::string>{std::string(64, 'a'), std::string(64, 'b')}));
}

REGISTER_TYPED_TEST_SUITE_P(SealedOutputsContract, AreFoundByTheirStep, TheLongerOneStaysAndOfEquallyLongOnesTheFirst,
                            OfAnUnknownAttemptNoneIsStored, AnAttemptHasEndedOnceItIsFinished,
                            TheirBlobsAreNamedByARecord);

}  // namespace gyre::contract

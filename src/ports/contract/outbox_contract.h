#pragma once

// The promises of ports/outbox.h.

#include "ports/contract/examples.h"
#include "ports/outbox.h"

namespace gyre::contract {

template <typename World>
class OutboxContract : public StoresContract<World> {
protected:
    Outbox& outbox() { return this->world_.stores.outbox(); }
    void tell(std::vector<Effect> effects) {
        auto commit = this->next_commit();
        commit.effects = std::move(effects);
        this->commit(commit);
    }
    std::vector<Effect> waiting(int limit = 100) {
        std::vector<Effect> effects;
        const auto items = outbox().pending(limit);
        for (const auto& item : *items) effects.push_back(item.effect);
        return effects;
    }
};
TYPED_TEST_SUITE_P(OutboxContract);

inline Effect stop(const std::string& reason) { return StopAttempt{{{"j"}, 1, 2}, reason}; }

TYPED_TEST_P(OutboxContract, EffectsComeInTheOrderOfTheirCommits) {
    this->tell({stop("first"), WakeDispatch{}});
    this->tell({JobEnded{{"w"}, {"j"}, JobStatus::timedout}, WorkflowEnded{{"w"}, WorkflowStatus::canceled}});
    EXPECT_EQ(this->waiting(),
              (std::vector<Effect>{stop("first"), WakeDispatch{}, JobEnded{{"w"}, {"j"}, JobStatus::timedout},
                                   WorkflowEnded{{"w"}, WorkflowStatus::canceled}}));
}

TYPED_TEST_P(OutboxContract, AnEffectComesAgainUntilItIsDone) {
    this->tell({stop("a"), stop("b"), stop("c")});
    const auto items = *this->outbox().pending(10);
    EXPECT_EQ(this->waiting().size(), 3U);
    EXPECT_TRUE(this->outbox().done({items[1].id}).ok());
    EXPECT_EQ(this->waiting(), (std::vector<Effect>{stop("a"), stop("c")}));
    EXPECT_TRUE(this->outbox().done({items[0].id, items[1].id, items[2].id}).ok()) << "done twice is harmless";
    EXPECT_TRUE(this->waiting().empty());
}

TYPED_TEST_P(OutboxContract, NoMoreThanTheLimitIsAnswered) {
    this->tell({stop("a"), stop("b"), stop("c")});
    EXPECT_EQ(this->waiting(2), (std::vector<Effect>{stop("a"), stop("b")}));
    EXPECT_TRUE(this->waiting(0).empty());
    EXPECT_TRUE(this->waiting(-1).empty());
}

TYPED_TEST_P(OutboxContract, ALateDoneHitsNoOtherEffect) {
    this->tell({stop("old")});
    const auto old = this->outbox().pending(1)->front().id;
    EXPECT_TRUE(this->outbox().done({old}).ok());
    this->tell({stop("new")});
    EXPECT_TRUE(this->outbox().done({old}).ok());
    EXPECT_EQ(this->waiting(), (std::vector<Effect>{stop("new")}));
}

REGISTER_TYPED_TEST_SUITE_P(OutboxContract, EffectsComeInTheOrderOfTheirCommits, AnEffectComesAgainUntilItIsDone,
                            NoMoreThanTheLimitIsAnswered, ALateDoneHitsNoOtherEffect);

}  // namespace gyre::contract

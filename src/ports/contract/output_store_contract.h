#pragma once

// The promises of ports/output_store.h.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "ports/contract/examples.h"
#include "ports/contract/threads.h"
#include "ports/output_store.h"

namespace gyre::contract {

template <typename World>
class OutputStoreContract : public testing::Test {
protected:
    OutputStore& outputs() { return world_.stores.output_store(); }
    // "accepted 5", "refused 5": whether it was, and the length then.
    std::string append(std::int64_t offset, std::string_view bytes) {
        const auto answer = outputs().append(name_, offset, bytes);
        if (!answer) return answer.error().message;
        return (answer->accepted ? "accepted " : "refused ") + std::to_string(answer->length);
    }
    World world_;
    const OutputName name_{{{"7f3b-job"}, 0, 1}, 101};
};
TYPED_TEST_SUITE_P(OutputStoreContract);

TYPED_TEST_P(OutputStoreContract, BytesAreAppendedAtTheEndOnly) {
    EXPECT_EQ(*this->outputs().length(this->name_), 0);
    EXPECT_EQ(this->append(0, "hello"), "accepted 5");
    EXPECT_EQ(this->append(5, " world"), "accepted 11");
    EXPECT_EQ(*this->outputs().length(this->name_), 11);
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 100), "hello world");
}

TYPED_TEST_P(OutputStoreContract, AnyOtherOffsetIsAnsweredWithTheLength) {
    this->append(0, "hello");
    EXPECT_EQ(this->append(0, "hello"), "refused 5") << "a repeat";
    EXPECT_EQ(this->append(6, "x"), "refused 5") << "a gap";
    EXPECT_EQ(this->append(3, "lo wor"), "refused 5") << "an overlap";
    EXPECT_EQ(this->append(INT64_MAX, "x"), "refused 5") << "far away";
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 100), "hello");
    EXPECT_EQ(this->append(5, "!"), "accepted 6");
}

TYPED_TEST_P(OutputStoreContract, NothingCanBeAppended) {
    EXPECT_EQ(this->append(0, ""), "accepted 0");
    EXPECT_EQ(this->append(3, ""), "refused 0");
    this->append(0, "abc");
    EXPECT_EQ(this->append(3, ""), "accepted 3");
}

TYPED_TEST_P(OutputStoreContract, AnyBytesAreKept) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    this->append(0, bytes);
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 1000), bytes);
}

TYPED_TEST_P(OutputStoreContract, ReadingIsAWindow) {
    this->append(0, "0123456789");
    EXPECT_EQ(*this->outputs().read(this->name_, 3, 4), "3456");
    EXPECT_EQ(*this->outputs().read(this->name_, 8, 4), "89");
    EXPECT_EQ(*this->outputs().read(this->name_, 10, 4), "");
    EXPECT_EQ(*this->outputs().read(this->name_, INT64_MAX, 4), "");
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 0), "");
    EXPECT_EQ(*this->outputs().read({this->name_.attempt, 999}, 0, 4), "") << "no output yet";
}

TYPED_TEST_P(OutputStoreContract, StepsTasksAndAttemptsAreApart) {
    const OutputName second_step{this->name_.attempt, 102};
    const OutputName second_try{{this->name_.attempt.job, 0, 2}, 101};
    const OutputName second_task{{this->name_.attempt.job, 1, 1}, 101};
    this->append(0, "first");
    for (const auto& other : {second_step, second_try, second_task}) {
        EXPECT_EQ(*this->outputs().length(other), 0);
        EXPECT_TRUE(this->outputs().append(other, 0, "x")->accepted);
    }
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 100), "first");
}

TYPED_TEST_P(OutputStoreContract, OfManySendersOfOneOffsetOneIsAccepted) {
    std::atomic<int> accepted = 0;
    in_threads(4, [&](int sender) {
        const std::string bytes(10, static_cast<char>('a' + sender));
        for (int i = 0; i < 20; ++i) {
            const auto answer = this->outputs().append(this->name_, i * 10, bytes);
            accepted += answer->accepted ? 1 : 0;
        }
    });
    const auto all = *this->outputs().read(this->name_, 0, 1000);
    EXPECT_EQ(std::ssize(all), accepted * 10);
    for (std::size_t i = 0; i < all.size(); i += 10) EXPECT_EQ(all.substr(i, 10), std::string(10, all[i]));
}

TYPED_TEST_P(OutputStoreContract, HostileNamesAreRefused) {
    std::vector<OutputName> names = {{{{"job"}, -1, 1}, 0}, {{{"job"}, 0, 0}, 0}, {{{"job"}, 0, 1}, -1}};
    for (const auto& job : {std::string(), std::string(".."), std::string("../../x"), std::string("a/b"),
                            std::string("/etc"), std::string("a.b"), std::string("nul\0x", 5), std::string(101, 'a'),
                            std::string(100'000, 'a'), std::string("ä"), std::string("a b"), std::string("%2e%2e")}) {
        names.push_back({{{job}, 0, 1}, 101});
    }
    for (const auto& name : names) {
        const auto shown = name.attempt.job.text.substr(0, 30);
        EXPECT_EQ(this->outputs().append(name, 0, "x").error().fault, Fault::invalid) << shown;
        EXPECT_EQ(this->outputs().length(name).error().fault, Fault::invalid) << shown;
        EXPECT_EQ(this->outputs().read(name, 0, 1).error().fault, Fault::invalid) << shown;
    }
    expect_fault(this->outputs().append(this->name_, -1, "x"), Fault::invalid);
    expect_fault(this->outputs().read(this->name_, -1, 1), Fault::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(OutputStoreContract, BytesAreAppendedAtTheEndOnly, AnyOtherOffsetIsAnsweredWithTheLength,
                            NothingCanBeAppended, AnyBytesAreKept, ReadingIsAWindow, StepsTasksAndAttemptsAreApart,
                            OfManySendersOfOneOffsetOneIsAccepted, HostileNamesAreRefused);

}  // namespace gyre::contract

#pragma once

// The promises of ports/raw_outputs.h.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ports/contract/examples.h"
#include "ports/raw_outputs.h"

namespace gyre::contract {

template <typename World>
class RawOutputsContract : public testing::Test {
protected:
    RawOutputs& outputs() { return world_.stores.output_store(); }
    void write(const OutputName& name, const std::string& bytes) {
        EXPECT_TRUE(outputs().append(name, *outputs().length(name), bytes)->accepted);
    }
    // "job-0-a1/101", ..., in the order of the visits.
    std::vector<std::string> all() {
        std::vector<std::string> names;
        EXPECT_TRUE(outputs()
                        .each([&](const OutputName& name) -> Result<void> {
                            names.push_back(name.attempt.id().text + "/" + std::to_string(name.step));
                            return {};
                        })
                        .ok());
        return names;
    }
    World world_;
    const OutputName name_{{{"7f3b-job"}, 0, 1}, 101};
};
TYPED_TEST_SUITE_P(RawOutputsContract);

TYPED_TEST_P(RawOutputsContract, AllAreListedThoseOfAnAttemptTogether) {
    EXPECT_TRUE(this->all().empty());
    for (const auto* job : {"a", "b-c", "d"}) {
        for (const int step : {0, 101, 1'000'000}) this->write({{{job}, 3, 2}, step}, "x");
    }
    const auto listed = this->all();
    EXPECT_EQ(listed.size(), 9U);
    auto attempts = listed;
    for (auto& name : attempts) name.resize(name.find('/'));
    attempts.erase(std::unique(attempts.begin(), attempts.end()), attempts.end());
    EXPECT_EQ(attempts.size(), 3U) << "none is interrupted by another";
    for (const auto* name : {"a-3-a2/0", "b-c-3-a2/101", "d-3-a2/1000000"})
        EXPECT_EQ(std::count(listed.begin(), listed.end(), name), 1) << name;
}

TYPED_TEST_P(RawOutputsContract, TheErrorOfAVisitEndsTheListing) {
    this->write(this->name_, "x");
    int visits = 0;
    const auto told = this->outputs().each([&](const OutputName&) -> Result<void> {
        ++visits;
        return conflict("enough");
    });
    expect_fault(told, Fault::conflict);
    EXPECT_EQ(visits, 1);
}

TYPED_TEST_P(RawOutputsContract, OneIsRemovedOnlyWithTheLengthThatItHas) {
    this->write(this->name_, "hello");
    EXPECT_FALSE(*this->outputs().remove(this->name_, 4));
    EXPECT_FALSE(*this->outputs().remove(this->name_, 6));
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 10), "hello");
    EXPECT_TRUE(*this->outputs().remove(this->name_, 5));
    EXPECT_EQ(*this->outputs().length(this->name_), 0);
    EXPECT_EQ(*this->outputs().read(this->name_, 0, 10), "");
    EXPECT_TRUE(this->all().empty());
    EXPECT_TRUE(*this->outputs().remove(this->name_, 5)) << "it is not there";
}

TYPED_TEST_P(RawOutputsContract, WhatWasRemovedIsNotBegunAnew) {
    this->write(this->name_, "hello");
    EXPECT_TRUE(*this->outputs().remove(this->name_, 5));
    for (const std::int64_t offset : {0, 5, 9}) {
        const auto late = *this->outputs().append(this->name_, offset, "hello");
        EXPECT_FALSE(late.accepted);
        EXPECT_EQ(late.length, 5);
    }
    EXPECT_TRUE(this->outputs().append(this->name_, 5, "")->accepted);
    EXPECT_TRUE(this->all().empty());
    this->write({this->name_.attempt, 102}, "another");
    EXPECT_EQ(this->all().size(), 1U);
}

TYPED_TEST_P(RawOutputsContract, RemovingWhileVisitingIsFine) {
    for (int step = 0; step < 20; ++step) this->write({this->name_.attempt, step}, "x");
    EXPECT_TRUE(this->outputs()
                    .each([&](const OutputName& name) -> Result<void> {
                        EXPECT_TRUE(*this->outputs().remove(name, 1));
                        return {};
                    })
                    .ok());
    EXPECT_TRUE(this->all().empty());
}

REGISTER_TYPED_TEST_SUITE_P(RawOutputsContract, AllAreListedThoseOfAnAttemptTogether, TheErrorOfAVisitEndsTheListing,
                            OneIsRemovedOnlyWithTheLengthThatItHas, WhatWasRemovedIsNotBegunAnew,
                            RemovingWhileVisitingIsFine);

}  // namespace gyre::contract

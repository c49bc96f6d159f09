#pragma once

// For the tests of both databases: what is the same of the first token in both.

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "adapters/sql/stores.h"

namespace gyre::sql {

// Whoever shows it may have to wait for a reader; others add tokens meanwhile.
inline void expect_writes_while_the_first_token_is_shown(Stores& stores) {
    auto& tokens = stores.token_store();
    std::future<Result<void>> other;
    const auto show = [&]() -> Result<void> {
        other = std::async(std::launch::async, [&] { return tokens.add("hash of another", {"another", "ann", {}}); });
        EXPECT_EQ(other.wait_for(std::chrono::minutes(1)), std::future_status::ready) << "it waits for the printer";
        return {};
    };
    EXPECT_TRUE(tokens.add_first("hash of the first", {"first", "admin", {}}, show).value());
    EXPECT_TRUE(other.get().ok());
    EXPECT_TRUE(tokens.find("hash of the first")->has_value());
    EXPECT_TRUE(tokens.find("hash of another")->has_value());
}

}  // namespace gyre::sql

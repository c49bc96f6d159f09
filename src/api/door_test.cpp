#include "api/door.h"

#include <gtest/gtest.h>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "base/digest.h"

namespace gyre::api {
namespace {

const std::string admin = "admin-token";
const std::string shop_hook = std::string(hook_token_prefix) + "of-the-shop";

class DoorTest : public testing::Test {
protected:
    DoorTest() {
        EXPECT_TRUE(stores.token_store().add(sha256_hex(admin), {"first", "ann", {}}).ok());
        give(shop, shop_hook);
    }
    void give(const Project& project, const std::string& token) {
        EXPECT_TRUE(stores.token_store().set_hook_token(project.id, sha256_hex(token), {}).ok());
    }
    static httpd::Request with(const std::string& token) {
        return {.method = "POST", .headers = {{"circle-token", token}}, .peer = "10.0.0.1"};
    }
    int push(const std::string& token, const Result<Project>& project) {
        auto request = with(token);
        const auto refusal = door.admit_push(request, project);
        caller = request.caller;
        return refusal ? refusal->status : 200;
    }

    memory::MemoryStores stores;
    memory::ManualClock clock;
    Door door{stores.token_store(), clock, "key"};
    Project shop{.id = {"shop"}, .slug = "git/shop"};
    Project till{.id = {"till"}, .slug = "git/till"};
    std::string caller;
};

TEST_F(DoorTest, lets_a_hook_announce_the_pushes_of_its_project) {
    EXPECT_EQ(push(shop_hook, shop), 200);
    EXPECT_EQ(caller, "hook");
    EXPECT_EQ(push(admin, shop), 200);
    EXPECT_EQ(caller, "ann");
}

TEST_F(DoorTest, lets_a_hook_do_nothing_else) {
    EXPECT_EQ(push(shop_hook, till), 401);
    EXPECT_EQ(push(shop_hook, not_found("no such project")), 401) << "names are not told";
    auto request = with(shop_hook);
    EXPECT_EQ(door.admit(request)->status, 401);
    httpd::Request session{.method = "POST", .body = "{\"token\": \"" + shop_hook + "\"}"};
    EXPECT_EQ(door.open_session(session, false).status, 401);
}

TEST_F(DoorTest, knows_one_token_of_a_hook_at_a_time) {
    const std::string second = std::string(hook_token_prefix) + "second";
    give(shop, second);
    EXPECT_EQ(push(shop_hook, shop), 401);
    EXPECT_EQ(push(second, shop), 200);
    EXPECT_TRUE(stores.token_store().end_hook_token(shop.id).ok());
    EXPECT_EQ(push(second, shop), 401);
    EXPECT_EQ(push(std::string(hook_token_prefix), shop), 401);
}

TEST_F(DoorTest, takes_no_hooks_token_from_a_url) {
    httpd::Request request{.method = "POST", .query = {{"circle-token", shop_hook}}};
    EXPECT_EQ(door.admit_push(request, shop)->status, 401);
}

TEST_F(DoorTest, holds_up_who_guesses_tokens_of_hooks) {
    for (int i = 0; i < Failures::most_failures; ++i)
        EXPECT_EQ(push(std::string(hook_token_prefix) + std::to_string(i), shop), 401);
    EXPECT_EQ(push(shop_hook, shop), 429);
    clock.advance(std::chrono::minutes{2});
    EXPECT_EQ(push(shop_hook, shop), 200);
}

TEST_F(DoorTest, is_closed_and_says_so_while_the_store_is_away) {
    stores.trouble().on("token_store.hook_token", 1, memory::Mishap::fails);
    EXPECT_EQ(push(shop_hook, shop), 503);
    EXPECT_EQ(push(shop_hook, unavailable("the store is away")), 503);
}

}  // namespace
}  // namespace gyre::api

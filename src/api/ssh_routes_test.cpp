// Keys for SSH, who comes into which job, and the audit log.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "base/http_client.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SshRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    static std::string key_line(char last = 'k') {
        return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8WCoVfBb8QlT5mN2yYpDdZ0YyRZk0v6n1J0mV9r1Q" + std::string(1, last);
    }
    httpd::RawAnswer add(const std::string& text) {
        return post(keys, json::serialize(json::object{{"public_key", text}}));
    }
    std::vector<std::string> audited() {
        std::vector<std::string> all;
        const auto page = json_of(audit);
        for (const auto& event : page.at("items").as_array()) all.emplace_back(event.at("action").as_string());
        return all;
    }

    const std::string keys = "/api/v2/gyre/ssh-keys";
    const std::string audit = "/api/v2/gyre/audit-events";
    const std::string waiting = "/api/v2/gyre/project/git/demo/job/13/ssh";
};

TEST_F(SshRoutes, keys_are_added_shown_and_removed) {
    EXPECT_TRUE(json_of(keys).at("items").as_array().empty());
    const auto added = add(key_line() + " ann@laptop\n");
    ASSERT_EQ(added.status, 201) << added.body;
    const auto items = json_of(keys).at("items").as_array();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(std::string(items[0].at("public_key").as_string()), key_line());
    EXPECT_EQ(items[0].at("comment"), "ann@laptop");
    const std::string fingerprint(items[0].at("fingerprint").as_string());
    EXPECT_THAT(fingerprint, testing::StartsWith("SHA256:"));
    const std::string encoded = keys + "?fingerprint=" + http::url_encode(fingerprint);
    EXPECT_EQ(send("DELETE", encoded).status, 200);
    EXPECT_EQ(send("DELETE", encoded).status, 404);
    EXPECT_TRUE(json_of(keys).at("items").as_array().empty());
    EXPECT_THAT(audited(), ElementsAre("user.ssh_key.remove", "user.ssh_key.add"));
}

TEST_F(SshRoutes, what_is_no_public_key_is_refused) {
    for (const std::string& bad :
         {std::string(), std::string("x"), "no-pty " + key_line(), key_line() + "\n" + key_line(),
          std::string("-----BEGIN OPENSSH PRIVATE KEY-----")}) {
        const auto answer = add(bad);
        EXPECT_EQ(answer.status, 400) << bad;
        EXPECT_THAT(answer.body, HasSubstr(".pub")) << bad;
    }
    EXPECT_EQ(add(key_line() + " " + std::string(17'000, 'c')).status, 413);
    EXPECT_EQ(post(keys, R"({"key": "x"})").status, 400);
    EXPECT_EQ(post(keys, R"({"public_key": 5})").status, 400);
    EXPECT_TRUE(audited().empty());
}

TEST_F(SshRoutes, who_asks_is_let_in_and_says_whether_the_place_is_kept) {
    add(key_line());
    EXPECT_EQ(json_of(waiting).at("guests").as_array().size(), 0U);
    auto answer = post(waiting);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto guest = json_of(waiting).at("guests").at(0);
    EXPECT_EQ(guest, (json::object{{"login", "ann"}, {"keep", "no"}, {"keys", 1}}));
    EXPECT_EQ(post(waiting, R"({"keep": "on_failure"})").status, 200);
    EXPECT_EQ(post(waiting).status, 200);
    EXPECT_EQ(json_of(waiting).at("guests").at(0).at("keep"), "on_failure") << "as it was asked for before";
    EXPECT_EQ(post(waiting, R"({"keep": "forever"})").status, 400);
    EXPECT_EQ(post(waiting, R"({"kept": "no"})").status, 400);
    EXPECT_EQ(post("/api/v1.1/project/git/demo/13/ssh-users").status, 200);
    EXPECT_THAT(audited(), ElementsAre("workflow.job.ssh.ask", "workflow.job.ssh.ask", "workflow.job.ssh.ask",
                                       "workflow.job.ssh.ask", "user.ssh_key.add"));
}

TEST_F(SshRoutes, nobody_comes_into_what_has_ended_or_does_not_exist) {
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/job/1/ssh").status, 409);
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/job/99/ssh").status, 404);
    EXPECT_EQ(get("/api/v2/gyre/project/git/none/job/1/ssh").status, 404);
    EXPECT_EQ(send("GET", keys, "", "").status, 401);
    EXPECT_EQ(send("GET", audit, "", "").status, 401);
}

TEST_F(SshRoutes, a_rerun_says_what_is_kept_for_whom) {
    const std::string rerun = "/api/v2/workflow/workflow-1/rerun";
    EXPECT_EQ(post(rerun, R"({"jobs": ["job-test"], "keep_ssh": "no"})").status, 400);
    EXPECT_EQ(post(rerun, R"({"jobs": ["job-test"], "enable_ssh": true, "keep_ssh": "long"})").status, 400);
    EXPECT_EQ(post(rerun, R"({"jobs": ["job-test"], "enable_ssh": true, "keep_ssh": "always"})").status, 202);
}

TEST_F(SshRoutes, the_audit_log_is_read_in_pages) {
    for (const char last : {'A', 'E', 'I'}) ASSERT_EQ(add(key_line(last)).status, 201);
    const auto first = json_of(audit + "?limit=2");
    EXPECT_EQ(first.at("items").as_array().size(), 2U);
    EXPECT_EQ(first.at("items").at(0).at("actor"), "ann");
    EXPECT_EQ(first.at("items").at(0).at("version"), 1);
    const std::string token(first.at("next_page_token").as_string());
    EXPECT_EQ(json_of(audit + "?limit=2&page-token=" + token).at("items").as_array().size(), 1U);
    for (const char* bad : {"?limit=0", "?limit=1001", "?page-token=x", "?page-token=-1"})
        EXPECT_EQ(get(audit + bad).status, 400) << bad;
}

}  // namespace
}  // namespace gyre::api

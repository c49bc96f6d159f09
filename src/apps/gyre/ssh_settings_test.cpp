#include "apps/gyre/ssh_settings.h"

#include <gtest/gtest.h>

#include "apps/gyre/setting_forms.h"

namespace gyre::apps {
namespace {

TEST(SshSettings, follow_the_web_server_where_nothing_else_is_said) {
    const auto usual = ssh_settings({});
    EXPECT_TRUE(usual.enabled);
    EXPECT_EQ(usual.bind, "127.0.0.1");
    EXPECT_EQ(usual.host, "127.0.0.1");
    EXPECT_EQ(usual.first_port, 64'535);
    EXPECT_EQ(usual.last_port, 65'535);
    EXPECT_EQ(usual.idle, std::chrono::minutes{10});
    EXPECT_EQ(usual.most, std::chrono::hours{2});
    const auto all = ssh_settings({.listen = "0.0.0.0:80"});
    EXPECT_EQ(all.bind, "");
    EXPECT_EQ(all.host, "") << "each machine has its own name";
    const auto behind = ssh_settings({.listen = "[::1]:80", .base_url = "https://ci.example:8443/x"});
    EXPECT_EQ(behind.bind, "::1");
    EXPECT_EQ(behind.host, "ci.example");
    EXPECT_EQ(ssh_settings({.base_url = "http://[2001:db8::1]:80"}).host, "2001:db8::1");
}

TEST(SshSettings, say_where_and_how_long) {
    const auto chosen = ssh_settings({.ssh_ports = "20000-20001",
                                      .ssh_listen = "192.0.2.1",
                                      .ssh_host = "jobs.example",
                                      .ssh_idle_minutes = 1,
                                      .ssh_most_minutes = 3});
    EXPECT_EQ(chosen.bind, "192.0.2.1");
    EXPECT_EQ(chosen.host, "jobs.example");
    EXPECT_EQ(chosen.first_port, 20'000);
    EXPECT_EQ(chosen.last_port, 20'001);
    EXPECT_EQ(chosen.most, std::chrono::minutes{3});
    EXPECT_FALSE(ssh_settings({.ssh_ports = "off"}).enabled);
}

TEST(SshSettings, ranges_of_ports_have_one_form) {
    EXPECT_TRUE(parse_port_range("1024-65535"));
    EXPECT_TRUE(parse_port_range("2222-2222"));
    EXPECT_EQ(parse_port_range("off")->first, 0);
    for (const char* bad : {"", "0-5", "5", "5-4", "1-65536", "a-b", "1-2-3", "-1-2", " 1-2", "1-2 ", "1-", "-2"})
        EXPECT_FALSE(parse_port_range(bad)) << bad;
}

}  // namespace
}  // namespace gyre::apps

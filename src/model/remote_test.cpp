#include "model/remote.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(Remote, is_refused_where_git_could_take_it_for_an_option_or_a_program) {
    for (const std::string good :
         {"/srv/git/a.git", "/srv/my repositories/a.git", "https://host/a.git", "https://u:p@host:8443/a?b=::1",
          "http://[::1]:80/a", "ssh://git@host/a", "git@host:a/b.git", "host:a", "file:///a", "git://host/a",
          "ssh://git@[::1]/a", "ssh://git@[::1]:22/a", "ssh://host:22/~/a", "ssh://host:/a", "https://host"}) {
        EXPECT_TRUE(check_remote(good).ok()) << good << ": " << check_remote(good).error().message;
    }
    for (const std::string bad : {"",
                                  "--upload-pack=x",
                                  "ext::sh -c id",
                                  "ext::sh",
                                  "a",
                                  "relative/path",
                                  "-x@host:y",
                                  "https://host/a b",
                                  "git@-oProxyCommand=x:y",
                                  "-oProxyCommand=x:y",
                                  "host:-x",
                                  "ssh://-oProxyCommand=x/y",
                                  "ssh://-o@host/y",
                                  "ftp://x/y",
                                  "https:///x",
                                  "file://host",
                                  "ssh://git:s3cret@host/a",
                                  "https://u:p%0ahost=evil@host/a",
                                  "ssh://root@[::1",
                                  "ssh://root@[::1/a",
                                  "ssh://root@[::1]x/a",
                                  "ssh://root@[::1]:2x/a",
                                  "ssh://::1/a",
                                  "ssh://ho]st/a",
                                  "ssh://host:22x/a",
                                  "ssh://:22/a",
                                  "ssh://host",
                                  "ssh://host/",
                                  "git://host?a",
                                  "https://[::1/a",
                                  "/a\nb",
                                  "https://host/\x7f"}) {
        EXPECT_FALSE(check_remote(bad).ok()) << bad;
    }
    EXPECT_FALSE(check_remote(std::string("/a\0b", 4)).ok());
    EXPECT_FALSE(check_remote("/" + std::string(2000, 'a')).ok());
    EXPECT_EQ(check_remote("ssh://git:s3cret@host/a").error().message.find("s3cret"), std::string::npos);
}

TEST(Remote, is_told_apart_from_its_password) {
    const auto parts = without_credentials("https://bot%40x:p%25a%3as%@host:8443/a@b.git");
    EXPECT_EQ(parts.url, "https://host:8443/a@b.git");
    EXPECT_EQ(parts.user, "bot@x");
    EXPECT_EQ(parts.password, "p%a:s%");
    const GitAccess access = access_to("https://bot:s3c%40ret@host:8443/a");
    EXPECT_EQ(access.url, "https://host:8443/a");
    ASSERT_EQ(access.config.size(), 4U);
    EXPECT_EQ(access.config[1], "credential.https://host:8443.helper=");
    for (const std::string& word : access.config) EXPECT_EQ(word.find("s3c"), std::string::npos) << word;
    EXPECT_EQ(access.environment.back(), "GYRE_GIT_PASSWORD=s3c@ret");
    EXPECT_TRUE(access_to("git@host:a/b").config.empty());
    EXPECT_EQ(without_credentials("https://token@host/a").user, "token");
    EXPECT_EQ(without_credentials("ssh://git:s3cret@host/a").url, "ssh://git@host/a");
    for (const std::string plain : {"https://host/a@b.git", "ssh://git@host/a", "git@host:a/b", "/srv/a@b", ""}) {
        EXPECT_EQ(without_credentials(plain).url, plain);
        EXPECT_EQ(without_credentials(plain).password, "");
    }
}

}  // namespace
}  // namespace gyre

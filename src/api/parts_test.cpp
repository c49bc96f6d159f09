#include <gtest/gtest.h>

#include "api/artifact_type.h"
#include "api/door.h"
#include "api/failures.h"
#include "api/signature.h"
#include "api/views/build_view.h"
#include "api/views/text.h"

namespace gyre::api {
namespace {

TEST(Signature, opens_one_path_for_a_while) {
    const auto now = from_millis(5'000'000);
    const auto signed_path = sign_path("key", "/output/a/1", now + std::chrono::seconds(10));
    EXPECT_TRUE(signed_path.starts_with("/output/a/1?expires=5010&signature="));
    const auto signature = signed_path.substr(signed_path.rfind('=') + 1);
    EXPECT_TRUE(is_path_open("key", "/output/a/1", "5010", signature, now));
    EXPECT_FALSE(is_path_open("key", "/output/a/1", "5010", signature, now + std::chrono::seconds(10)));
    EXPECT_FALSE(is_path_open("key", "/output/a/2", "5010", signature, now));
    EXPECT_FALSE(is_path_open("key", "/output/a/1", "9999", signature, now));
    EXPECT_FALSE(is_path_open("other", "/output/a/1", "5010", signature, now));
    EXPECT_FALSE(is_path_open("key", "/output/a/1", "5010", "", now));
}

TEST(Session, names_its_token_until_it_ends) {
    const auto now = from_millis(5'000'000);
    const auto cookie = make_session("key", "hash", now + std::chrono::seconds(10));
    EXPECT_EQ(read_session("key", cookie, now), "hash");
    EXPECT_EQ(read_session("key", cookie, now + std::chrono::seconds(10)), std::nullopt);
    EXPECT_EQ(read_session("other", cookie, now), std::nullopt);
    for (const std::string& bad : {std::string(), std::string("."), std::string(".."), "x" + cookie, cookie + "x",
                                   std::string("hash.5010."), std::string("hash.5010")}) {
        EXPECT_EQ(read_session("key", bad, now), std::nullopt) << bad;
    }
}

TEST(Failures, hold_up_an_address_for_the_rest_of_a_minute) {
    Failures failures;
    const Failures::Instant start{};
    failures.succeeded("known");
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(failures.admits("a", "guess", start));
        failures.failed("a", start + std::chrono::seconds(i));
    }
    EXPECT_FALSE(failures.admits("a", "guess", start + std::chrono::seconds(59)));
    EXPECT_TRUE(failures.admits("b", "guess", start));
    EXPECT_TRUE(failures.admits("a", "known", start));
    EXPECT_TRUE(failures.admits("a", "guess", start + std::chrono::seconds(60)));
}

TEST(Base64, is_decoded) {
    EXPECT_EQ(decode_base64("dG9rZW46"), "token:");
    EXPECT_EQ(decode_base64("dG9rZW4="), "token");
    EXPECT_EQ(decode_base64("dG9rZW4"), "token");
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_EQ(decode_base64("a b"), std::nullopt);
}

TEST(ArtifactType, lets_nothing_run) {
    for (const char* path : {"a.html", "a.HTML", "dir.png/x.htm", "a.css", "a.js", "a.xml"}) {
        EXPECT_EQ(artifact_type(path).content_type, "text/plain; charset=utf-8") << path;
        EXPECT_FALSE(artifact_type(path).download) << path;
    }
    for (const char* path : {"a.svg", "a.pdf", "a", "a.", ".html/", "html", "a.png.exe", "a.swf"}) {
        EXPECT_TRUE(artifact_type(path).download) << path;
    }
    EXPECT_EQ(disposition(artifact_type("x/a\"\r\n.bin"), "x/a\"\r\n.bin"),
              "attachment; filename*=UTF-8''a%22%0D%0A.bin");
}

TEST(Remotes, are_shown_without_credentials) {
    EXPECT_EQ(public_remote("https://user:pa@ss@host/x.git"), "https://host/x.git");
    EXPECT_EQ(public_remote("https://host/a@b.git"), "https://host/a@b.git");
    EXPECT_EQ(public_remote("git@host:x.git"), "git@host:x.git");
    EXPECT_EQ(public_remote("/srv/x.git"), "/srv/x.git");
}

TEST(BuildStatus, has_a_word_for_every_job_status) {
    for (const auto& [status, name] : enum_names(JobStatus{})) {
        const auto words = build_status(status);
        EXPECT_EQ(is_terminal(status), words.lifecycle == "finished" || words.lifecycle == "not_run") << name;
        EXPECT_EQ(words.outcome.empty(), words.lifecycle != "finished") << name;
    }
}

}  // namespace
}  // namespace gyre::api

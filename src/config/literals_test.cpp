#include "config/literals.h"

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;

TEST(Literals, look_secret_by_their_name_or_by_their_form) {
    constexpr const char* token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    EXPECT_TRUE(looks_secret("GITHUB_TOKEN", token));
    EXPECT_TRUE(looks_secret("", token));
    EXPECT_TRUE(looks_secret("command", "curl -H 'Authorization: token " + std::string(token) + "' https://x"));
    EXPECT_TRUE(looks_secret("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYab"));
    EXPECT_TRUE(looks_secret("api-key", "0123456789abcdef"));
    EXPECT_TRUE(looks_secret("DATABASE_URL", "postgres://app:q7Zr2Lm9Xw4Tb1@db.example.com/app"));
    EXPECT_TRUE(looks_secret("", "https://hooks.slack.com/services/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"));
    EXPECT_TRUE(
        looks_secret("command", "curl -H 'Authorization: Bearer eyJhbGciOiJIUzI1.eyJzdWIi.5mhBHqs5' https://x"));
    EXPECT_TRUE(looks_secret("KEY", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----"));
}

TEST(Literals, are_no_secrets_when_they_stand_for_something_or_anybody_could_guess_them) {
    for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
             {"POSTGRES_PASSWORD", "postgres"},
             {"MYSQL_ROOT_PASSWORD", "password123"},
             {"GITHUB_TOKEN", "$GH_TOKEN_OF_THE_BOT_1"},
             {"GITHUB_TOKEN", "<< parameters.token1234 >>"},
             {"TOKEN_URL", "example-0123456789abcdef"},
             {"SECRET_NAME", "example-0123456789abcdef"},
             {"TOKEN_FILE", "/run/secrets/token-0123456789"},
             {"SHA", "0123456789abcdef0123456789abcdef"},
             {"command", "echo ghp_short"},
             {"DATABASE_URL", "postgres://postgres:postgres@localhost:5432/test"},
             {"DATABASE_URL", "postgres://app:${DB_PASSWORD_1234}@db/app"},
             {"URL", "https://user@example.com/a1b2c3d4e5f6g7h8"},
             {"command", "curl -H \"Authorization: Bearer $TOKEN_1234567890\" https://x"},
             {"SLACK", "https://hooks.slack.com/services/"},
             {"command", "echo laughs_0123456789abcdefghijABCDEFGHIJ012345"},
             {"KEY", "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----"},
             {"", ""}}) {
        EXPECT_FALSE(looks_secret(name, value)) << name << ": " << value;
    }
}

TEST(Literals, that_look_secret_are_never_shown) {
    const std::string text = test::job(
        "    docker: [{image: i, auth: {username: bot, password: hunter2}}]\n"
        "    environment: {API_TOKEN: 0123456789abcdef, x: [0123456789abcdef]}\n"
        "    steps: [checkout]\n");
    const auto result = test::compile_on(text, "main");
    const std::string shown = render_text(result.diagnostics);
    EXPECT_EQ(result.diagnostics.size(), 3U) << shown;
    EXPECT_EQ(shown.find("hunter2"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("{API_TOKEN: 0123456789abcdef"), std::string::npos) << shown;
}

TEST(Literals, a_saved_cache_has_a_key_that_changes) {
    const auto saved = [](const std::string& key) {
        return complaints(test::steps("      - save_cache: {key: '" + key + "', paths: [a]}\n"));
    };
    const std::string warning =
        "warning 6:27 cache-key-without-checksum: a cache is never written again under a key that stays the same\n";
    EXPECT_EQ(saved("modules"), warning);
    EXPECT_EQ(saved("modules-{{ .Branch }}-{{ arch }}"), warning);
    for (const char* good : {"{{ checksum \"a\" }}", "a-{{ epoch }}", "{{ .Revision }}", "{{ .BuildNum }}"}) {
        EXPECT_EQ(saved(good), "") << good;
    }
}

TEST(Literals, a_time_limit_is_not_longer_than_a_job) {
    const auto with = [](const std::string& time) {
        return complaints(test::steps("      - run: {command: make, no_output_timeout: " + time + "}\n"));
    };
    EXPECT_EQ(with("5h"), "");
    EXPECT_EQ(with("5.5h").substr(0, 33), "warning 6:49 timeout-above-limit:");
}

}  // namespace
}  // namespace gyre::config

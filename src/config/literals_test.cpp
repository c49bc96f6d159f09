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

std::string found_in(const std::string& command) {
    return complaints(
        "version: 2\njobs:\n  build:\n    machine: true\n    steps:\n      - run: |\n          make\n          " +
        command + "\n");
}

TEST(Literals, are_found_within_commands) {
    const std::string looks = " looks like a secret, and everybody who reads the config can read it\n";
    const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N";
    const std::pair<std::string, std::string> table[] = {
        {"export API_TOKEN=abcdef123456ghij", "warning 8:28 secret-literal: the value of 'API_TOKEN'"},
        {"API_TOKEN=\"abcdef123456ghij\" make", "warning 8:22 secret-literal: the value of 'API_TOKEN'"},
        {"curl -d '{\"password\": \"abcdef123456ghij\"}' x", "warning 8:34 secret-literal: the value of 'password'"},
        {"deploy --token=abcdef123456ghij", "warning 8:26 secret-literal: the value of '--token'"},
        {"deploy --password abcdef123456ghij", "warning 8:29 secret-literal: this"},
        {"curl -u bot:s3cr3tpw x", "warning 8:23 secret-literal: this"},
        {"curl -ubot:q7Zr2Lm9Xw4T x", "warning 8:22 secret-literal: this"},
        {"curl --user 'bot:q7Zr2Lm9Xw4T' x", "warning 8:28 secret-literal: this"},
        {"curl -u 0123456789abcdef: x", "warning 8:19 secret-literal: this"},
        {"curl -H 'X: " + jwt + "' x", "warning 8:23 secret-literal: this"},
        {"git clone https://bot:hunt3r22@git.example.com/a", "warning 8:33 secret-literal: this"},
        {"git clone https://0123456789abcdef:x-oauth-basic@github.com/a", "warning 8:29 secret-literal: this"},
    };
    for (const auto& [command, warning] : table) EXPECT_EQ(found_in(command), warning + looks) << command;
    EXPECT_EQ(found_in("A_TOKEN=abcdef123456ghij B_TOKEN=abcdef123456ghij make"),
              "warning 8:19 secret-literal: the value of 'A_TOKEN'" + looks +
                  "warning 8:44 secret-literal: the value of 'B_TOKEN'" + looks);
}

TEST(Literals, of_commands_are_no_secrets_when_anybody_would_write_them) {
    for (const char* command :
         {"export API_TOKEN=$OTHER_TOKEN_12345", "export API_TOKEN=`cat token-0123456789`", "export TOKEN=\"\"",
          "docker run -u 1000:1000 x", "docker run -u \"$(id -u):$(id -g)\" x", "curl -u $CIRCLE_TOKEN: x",
          "curl -u ${USER}:${PASS}12345678 x", "mysql -u root --password=circleci",
          "psql postgres://ci:ci12345678@localhost/x", "curl -u admin:admin123 x",
          "git clone https://bot:$TOKEN12345678@git.example.com/a", "echo eyJhbGciOiJIUzI1NiJ9.x",
          "docker build --secret id=npm12345,src=/root/.npmrc .", "sonar --token-file token-0123456789abc",
          "redis-cli redis://:passw0rd1@redis:6379", "wget https://example.com/a1b2c3d4e5f6@1.2.3"}) {
        EXPECT_EQ(found_in(command), "") << command;
    }
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

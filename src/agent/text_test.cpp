#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cache_key.h"
#include "agent/environment.h"
#include "agent/inside_paths.h"
#include "base/utf8.h"

namespace gyre::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ResolveInside, makes_paths_absolute) {
    struct Case {
        const char* written;
        const char* expected;
    };
    for (const auto& [written, expected] : std::vector<Case>{{"", "/home/me/project"},
                                                             {".", "/home/me/project"},
                                                             {"a/b", "/home/me/project/a/b"},
                                                             {"../x", "/home/me/x"},
                                                             {"~", "/home/me"},
                                                             {"~/.m2", "/home/me/.m2"},
                                                             {"~other", "/home/me/project/~other"},
                                                             {"/opt//x/./y/", "/opt/x/y"},
                                                             {"/../../etc", "/etc"},
                                                             {"../../../../..", "/"}}) {
        EXPECT_EQ(expected, resolve_inside(written, "/home/me/project", "/home/me")) << written;
    }
}

TEST(ShellWords, splits_as_a_shell_does) {
    EXPECT_THAT(*shell_words("/bin/bash -eo pipefail"), ElementsAre("/bin/bash", "-eo", "pipefail"));
    EXPECT_THAT(*shell_words("  bash\t-c 'a b' \"c \\\" d\" e\\ f ''"),
                ElementsAre("bash", "-c", "a b", "c \" d", "e f", ""));
    EXPECT_FALSE(shell_words("").ok());
    EXPECT_FALSE(shell_words("bash 'x").ok());
}

TEST(ArtifactName, keeps_harmless_names_and_refuses_others) {
    EXPECT_EQ("tmp/a.txt", artifact_name("/tmp//a.txt"));
    EXPECT_EQ("a/b", artifact_name("./a/./b/"));
    EXPECT_EQ("a_b", artifact_name("a\nb"));
    EXPECT_EQ("%2e%2e/x", artifact_name("%2e%2e/x"));
    EXPECT_EQ("caf\xc3\xa9", artifact_name("caf\xc3\xa9"));
    EXPECT_EQ("x\xef\xbf\xbd", artifact_name("x\xff"));
    EXPECT_EQ("a_b", artifact_name(std::string("a\0b", 3)));
    for (const std::string& wrong : {std::string("../x"), std::string("a/../b"), std::string(".."), std::string(""),
                                     std::string("/"), std::string(5000, 'n')}) {
        EXPECT_EQ(std::nullopt, artifact_name(wrong)) << wrong.substr(0, 20);
    }
}

TEST(Utf8, replaces_what_is_none_and_cuts_between_characters) {
    EXPECT_EQ(
        "a\xef\xbf\xbd"
        "b",
        valid_utf8("a\xff"
                   "b"));
    EXPECT_EQ("\xef\xbf\xbd\xef\xbf\xbd", valid_utf8("\xc0\xaf"));                  // overlong
    EXPECT_EQ("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", valid_utf8("\xed\xa0\x80"));  // surrogate
    EXPECT_EQ("\xf0\x9f\x98\x80", valid_utf8("\xf0\x9f\x98\x80"));
    EXPECT_EQ("\xef\xbf\xbd", valid_utf8("\xe2").substr(0, 3));
    EXPECT_EQ("a", cut_utf8("a\xc3\xa9", 2));
    EXPECT_EQ("a\xc3\xa9", cut_utf8("a\xc3\xa9", 3));
    EXPECT_EQ("", cut_utf8("\xf0\x9f\x98\x80", 3));
}

KeyFacts facts() {
    KeyFacts facts;
    facts.branch = "main";
    facts.build_number = "42";
    facts.revision = "abc123";
    facts.epoch = "1700000000";
    facts.arch = "linux-amd64-6_85";
    facts.variable = [](const std::string& name) { return name == "CACHE_VERSION" ? "v7" : ""; };
    facts.checksum = [](const std::string& path) -> Result<std::string> {
        if (path == "package.json" || path == "a \"b\"")
            return std::string("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        return not_found("there is no " + path);
    };
    return facts;
}

TEST(CacheKey, fills_in_its_template) {
    struct Case {
        const char* text;
        const char* expected;
    };
    for (const auto& [text, expected] : std::vector<Case>{
             {"plain", "plain"},
             {"{{ .Branch }}-{{.BuildNum}}-{{  .Revision}}", "main-42-abc123"},
             {"v1-{{ .Environment.CACHE_VERSION }}-{{ .Environment.NONE }}", "v1-v7-"},
             {"{{ arch }}-{{ epoch }}", "linux-amd64-6_85-1700000000"},
             {"deps-{{ checksum \"package.json\" }}", "deps-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
             {"deps-{{checksum `package.json`}}", "deps-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
             {"{{ checksum \"a \\\"b\\\"\" }}", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
             {"k{{ .CheckoutKey }}", "k"},
             {"a}}b", "a}}b"},
             {"a{b}", "a{b}"}}) {
        const auto key = evaluate_key(text, facts());
        ASSERT_TRUE(key.ok()) << text << ": " << key.error().message;
        EXPECT_EQ(expected, *key) << text;
    }
}

TEST(CacheKey, says_what_is_wrong_and_where) {
    struct Case {
        std::string text;
        const char* expected;
    };
    for (const auto& [text, expected] : std::vector<Case>{{"v1-{{ .Brnch }}", "column 4: '.Brnch' is not known here"},
                                                          {"{{ .Environment. }}", "'.Environment.' is not known"},
                                                          {"{{ .Environment.A B }}", "is not known here"},
                                                          {"{{ .Branch | quote }}", "is not known here"},
                                                          {"{{ }}", "'' is not known here"},
                                                          {"a {{ .Branch", "column 3: {{ is not closed"},
                                                          {"{{ checksum package.json }}", "double quotes"},
                                                          {"{{ checksum }}", "double quotes"},
                                                          {"{{ checksum \"\" }}", "double quotes"},
                                                          {"{{ checksum \"a\" \"b\" }}", "double quotes"},
                                                          {"{{ checksum \"none\" }}", "there is no none"},
                                                          {"a,b", "commas"},
                                                          {"a\nb", "line ends"},
                                                          {"{{ .CheckoutKey }}", "is empty"},
                                                          {std::string(901, 'k'), "the limit is 900"}}) {
        const auto key = evaluate_key(text, facts());
        ASSERT_FALSE(key.ok()) << text;
        EXPECT_THAT(key.error().message, HasSubstr(expected));
    }
}

TEST(CacheKey, knows_the_processor) {
    EXPECT_THAT(arch_text("processor\t: 0\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon\n"),
                testing::EndsWith("-6_85"));
    EXPECT_THAT(arch_text(""), testing::StartsWith("linux-"));
}

TEST(JobEnvironment, begins_with_what_the_config_says_of_the_primary_container) {
    wire::Assignment assignment;
    assignment.job.executor =
        DockerExecutor{{{.image = "x", .environment = {{"ONLY", "container"}, {"A", "container"}, {"CI", "container"}}},
                        {.image = "db", .environment = {{"OF_SERVICE", "yes"}}}}};
    assignment.secrets = {{"A", "project"}};
    assignment.built_in = {{"CI", "true"}};
    std::map<std::string, std::string> seen;
    for (const auto& variable : job_environment(assignment)) seen[variable.name] = variable.value;
    EXPECT_EQ("container", seen["ONLY"]);
    EXPECT_EQ("project", seen["A"]);
    EXPECT_EQ("true", seen["CI"]);
    EXPECT_FALSE(seen.contains("OF_SERVICE"));
}

TEST(JobEnvironment, lets_the_job_win_over_built_ins_and_built_ins_over_secrets) {
    wire::Assignment assignment;
    assignment.attempt = {.job = {"j"}, .task = 1, .attempt = 1};
    assignment.secrets = {{"A", "project"}, {"A", "context"}, {"B", "project"}, {"CIRCLE_BRANCH", "secret"}};
    assignment.built_in = {{"CIRCLE_BRANCH", "main"}, {"CI", "true"}, {"B", "built-in"}};
    assignment.job.environment = {{"CI", "job"}, {"BASH_ENV", "/etc/profile"}};
    std::map<std::string, std::string> seen;
    for (const auto& variable : job_environment(assignment)) seen[variable.name] = variable.value;
    EXPECT_EQ("context", seen["A"]);
    EXPECT_EQ("built-in", seen["B"]);
    EXPECT_EQ("main", seen["CIRCLE_BRANCH"]);
    EXPECT_EQ("job", seen["CI"]);
    EXPECT_EQ("/etc/profile", seen["BASH_ENV"]);
    EXPECT_EQ("/tmp/.bash_env-j-1-build", seen["CIRCLE_SHELL_ENV"]);
    EXPECT_EQ("/tmp/.circleci-task-data-j-1-build", seen["CIRCLE_INTERNAL_TASK_DATA"]);
}

}  // namespace
}  // namespace gyre::agent

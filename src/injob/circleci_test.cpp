// What users call: the parts, and the real program.

#include "injob/circleci.h"

#include <sys/wait.h>

#include "gtest/gtest.h"
#include "injob/archive_in_test.h"
#include "injob/arguments.h"
#include "injob/env_subst.h"
#include "injob/files.h"
#include "injob/home.h"
#include "injob/split.h"

namespace gyre::injob {
namespace {

using testing::Directory;
using Names = std::vector<std::string>;

TEST(Split, deals_out_every_name_exactly_once) {
    const Names names{"d", "a", "c", "b", "a", "e"};
    for (std::size_t total = 1; total < 9; ++total) {
        Names by_name;
        Names by_weight;
        for (std::size_t index = 0; index < total; ++index) {
            for (const auto& name : share_by_name(names, index, total)) by_name.push_back(name);
            std::vector<Weighted> items;
            for (const auto& name : names) items.push_back({name, name[0]});
            for (const auto& name : share_by_weight(items, index, total)) by_weight.push_back(name);
        }
        std::sort(by_name.begin(), by_name.end());
        std::sort(by_weight.begin(), by_weight.end());
        EXPECT_EQ(by_name, (Names{"a", "a", "b", "c", "d", "e"}));
        EXPECT_EQ(by_weight, by_name);
    }
}

TEST(Split, balances_weights) {
    const std::vector<Weighted> items{{"big", 100}, {"b", 40}, {"c", 35}, {"d", 25}};
    EXPECT_EQ(share_by_weight(items, 0, 2), (Names{"big"}));
    EXPECT_EQ(share_by_weight(items, 1, 2), (Names{"b", "c", "d"}));
    EXPECT_EQ(share_by_weight({{"x", 0}, {"y", 0}, {"z", 0}, {"w", 0}}, 0, 2).size(), 2U)
        << "files without weight are dealt out too";
}

TEST(Split, reads_words) { EXPECT_EQ(words_of("  a b\n\nc\td \r\n"), (Names{"a", "b", "c", "d"})); }

TEST(EnvSubst, replaces_names_and_nothing_else) {
    const auto lookup = [](const std::string& name) -> std::optional<std::string> {
        if (name == "A") return "1";
        if (name == "LONG_2") return "$A";
        return std::nullopt;
    };
    EXPECT_EQ(substitute_environment("$A ${A} $A$A-$LONG_2", lookup), "1 1 11-$A");
    EXPECT_EQ(substitute_environment("[$MISSING] [${MISSING}]", lookup), "[] []");
    EXPECT_EQ(substitute_environment("$ $$ $1 ${ ${A ${A-x} $(A) a$", lookup), "$ $$ $1 ${ ${A ${A-x} $(A) a$");
}

TEST(Arguments, are_read_in_both_forms) {
    const OptionNames known{{"index"}, {"verbose"}};
    const auto parsed = parse_arguments(Names{"--index=3", "file", "--verbose", "--", "--index"}, known);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed->number("index", 0), 3);
    EXPECT_TRUE(parsed->has("verbose"));
    EXPECT_EQ(parsed->rest, (Names{"file", "--index"}));
    EXPECT_EQ(*parse_arguments(Names{"--index", "4"}, known)->number("index", 0), 4);
    EXPECT_FALSE(parse_arguments(Names{"--index"}, known).ok());
    EXPECT_FALSE(parse_arguments(Names{"--index=-1"}, known)->number("index", 0).ok());
    EXPECT_EQ(parse_arguments(Names{"--indx=1"}, known).error().message,
              "unknown option --indx; did you mean --index?");
}

TEST(Home, resolves_paths) {
    EXPECT_EQ(resolve_path("~", "/w", "/h"), "/h");
    EXPECT_EQ(resolve_path("~/a//b/./c/", "/w", "/h"), "/h/a/b/c");
    EXPECT_EQ(resolve_path("a/../b", "/w", "/h"), "/w/a/../b");
    EXPECT_EQ(resolve_path("", "/w", "/h"), "/w");
    EXPECT_EQ(resolve_path("/", "/w", "/h"), "/");
    EXPECT_EQ(resolve_path("~other", "/w", "/h"), "/w/~other");
}

TEST(Home, is_taken_from_the_accounts_where_the_environment_is_silent) {
    Directory place;
    place.file("passwd", "odd\nx:x:" + std::to_string(geteuid()) + ":1:Me:/the/home:/bin/sh\n");
    const char* before = std::getenv("HOME");
    const std::string saved = before == nullptr ? "" : before;
    unsetenv("HOME");
    const User user = current_user(place / "passwd");
    const User unknown = current_user(place / "none");
    if (!saved.empty()) setenv("HOME", saved.c_str(), 1);
    EXPECT_EQ(user.name, "x");
    EXPECT_EQ(user.home, "/the/home");
    EXPECT_EQ(unknown.home, "/");
    EXPECT_EQ(unknown.name, std::to_string(geteuid()));
}

TEST(Files, finds_xml_files) {
    Directory place;
    for (const char* name : {"r/b.xml", "r/a/c.xml", "r/.hidden/d.xml", "r/e.txt", "r/.f.xml"}) place.file(name);
    std::filesystem::create_directory_symlink("..", place / "r/loop");
    EXPECT_EQ(find_xml(place / "r", 10)->paths, (Names{place / "r/.f.xml", place / "r/a/c.xml", place / "r/b.xml"}));
    EXPECT_TRUE(find_xml(place / "r", 2)->cut);
    EXPECT_EQ(find_xml(place / "r/e.txt", 10)->paths.size(), 1U);
    EXPECT_EQ(find_xml(place / "none", 10).error().fault, Fault::not_found);
}

struct Ran {
    int code = -1;
    std::string output;
};

// A shell line with `circleci` and the helper in its path.
Ran shell(const std::string& line, const Directory& place) {
    std::filesystem::create_directories(place / "bin");
    for (const char* name : {"circleci", "circleci-agent", "gyre-injob"}) {
        std::error_code exists;
        std::filesystem::create_symlink(GYRE_INJOB, place / "bin/" + name, exists);
    }
    const std::string command =
        "cd '" + place.path + "' && PATH='" + place.path + "/bin':$PATH && { " + line + "; } 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    Ran ran;
    char bytes[4096];
    std::size_t got = 0;
    while ((got = fread(bytes, 1, sizeof bytes, pipe)) > 0) ran.output.append(bytes, got);
    const int status = pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

TEST(Circleci, globs_splits_and_runs_tests) {
    Directory place;
    for (const char* name : {"t/a_test", "t/b_test", "t/x/c_test"}) place.file(name);
    EXPECT_EQ(shell("circleci tests glob 't/**/*_test'", place).output, "t/a_test\nt/b_test\nt/x/c_test\n");
    EXPECT_EQ(shell("circleci tests glob 't/*_test' 't/a*'", place).output, "t/a_test\nt/b_test\n");
    EXPECT_EQ(shell("printf 'c b\\na' | CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=2 circleci tests split", place).output,
              "b\n");
    EXPECT_EQ(shell("echo a b c > list; circleci tests split list --index 0 --total 2", place).output, "a\nc\n");
    EXPECT_EQ(shell("echo a b | circleci tests split --split-by=timings --timings-type=classname", place).output,
              "Error auto-detecting timing type, falling back to weighting by name.\na\nb\n");
    EXPECT_EQ(shell("circleci tests glob 't/**/*_test' | circleci tests run --command='xargs echo run' --split-by=name",
                    place)
                  .output,
              "run t/a_test t/b_test t/x/c_test\n");
    EXPECT_EQ(shell("echo a | circleci tests run --command='exit 3'", place).code, 3);
    EXPECT_EQ(shell("true | circleci tests run --command='exit 3'", place).code, 0) << "an empty share runs nothing";
    place.file("big", std::string(1000, 'x'));
    EXPECT_EQ(shell("echo t/a_test big t/b_test | circleci tests split --split-by=filesize --index=0 --total=2", place)
                  .output,
              "big\n");
}

TEST(Circleci, refuses_wrong_numbers) {
    Directory place;
    for (const char* options : {"--index=2 --total=2", "--total=0", "--index=x", "--split-by=luck", "--index"}) {
        EXPECT_EQ(shell(std::string("echo a | circleci tests split ") + options, place).code, 2) << options;
    }
}

TEST(Circleci, substitutes_the_environment) {
    Directory place;
    EXPECT_EQ(shell("A=1 circleci env subst '$A-${A}'", place).output, "1-1\n");
    EXPECT_EQ(shell("echo '$A' | A=2 circleci-agent env subst", place).output, "2\n");
}

TEST(Circleci, halts_a_step) {
    Directory place;
    EXPECT_EQ(shell("GYRE_HALT_FILE=halt circleci-agent step halt && ls halt", place).output, "halt\n");
    EXPECT_NE(shell("GYRE_HALT_FILE= circleci step halt", place).code, 0);
}

TEST(Circleci, helps_who_is_lost) {
    Directory place;
    EXPECT_NE(shell("circleci --help", place).output.find("circleci tests glob"), std::string::npos);
    EXPECT_EQ(shell("circleci tests splt", place).output,
              "error: unknown command 'tests splt'; did you mean 'tests split'? See 'circleci --help'.\n");
    EXPECT_EQ(shell("circleci run release plan", place).code, 0);
    EXPECT_EQ(shell("gyre-injob no-such-thing", place).code, 2);
}

TEST(Helper, has_exit_codes_that_tell_what_happened) {
    Directory place;
    place.file("src/file", "content");
    EXPECT_EQ(
        shell("gyre-injob pack --root src . | gyre-injob unpack --root to/new --checkout && cat to/new/file", place)
            .output,
        "content");
    EXPECT_EQ(shell("gyre-injob pack --root src . | gyre-injob unpack --root src --checkout", place).code, 4);
    place.file("again/.git/HEAD");
    EXPECT_EQ(shell("gyre-injob pack --root src . | gyre-injob unpack --root again --checkout", place).code, 8);
    EXPECT_EQ(shell("ls again", place).output, "");
    EXPECT_EQ(shell("gyre-injob pack --root src nothing > /dev/null", place).code, 5);
    EXPECT_EQ(shell("gyre-injob pack --root src --glob --must-match 'no*' > /dev/null", place).code, 3);
    EXPECT_EQ(shell("gyre-injob collect nothing > /dev/null", place).code, 7);
    EXPECT_EQ(shell("gyre-injob cat src/file", place).output, "content");
    EXPECT_EQ(shell("gyre-injob cat src/file --max-bytes 3", place).code, 6);
    EXPECT_EQ(shell("gyre-injob cat src", place).code, 7);
    EXPECT_EQ(shell("gyre-injob find-xml none", place).code, 7);
    EXPECT_EQ(shell("gyre-injob unpack --max-bytes x", place).code, 2);
}

}  // namespace
}  // namespace gyre::injob

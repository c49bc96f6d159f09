// What users call: the parts, and the real program.

#include "injob/circleci.h"

#include <unistd.h>

#include "gtest/gtest.h"
#include "injob/arguments.h"
#include "injob/env_subst.h"
#include "injob/files.h"
#include "injob/home.h"
#include "injob/shell_in_test.h"

namespace gyre::injob {
namespace {

using testing::Directory;
using testing::shell;
using Names = std::vector<std::string>;

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
    const OptionNames lettered{{"index"}, {"verbose"}, {{'v', "verbose"}}};
    const auto short_form = parse_arguments(Names{"-v", "-x", "-", "--", "-v"}, lettered);
    EXPECT_TRUE(short_form->has("verbose"));
    EXPECT_EQ(short_form->rest, (Names{"-x", "-", "-v"}));
    EXPECT_EQ(parse_arguments(Names{"-v"}, known)->rest, (Names{"-v"}));
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

TEST(Circleci, halts_nothing_for_who_asks_for_help_or_mistypes) {
    Directory place;
    for (const std::string words : {"step halt --help", "step halt -h", "step --help", "env subst --help"}) {
        const auto helped = shell("GYRE_HALT_FILE=halt circleci " + words, place);
        EXPECT_EQ(helped.code, 0) << words;
        EXPECT_NE(helped.output.find("circleci step halt"), std::string::npos) << words;
    }
    EXPECT_EQ(shell("GYRE_HALT_FILE=halt circleci step halt --now", place).code, 2);
    EXPECT_EQ(shell("ls", place).output.find("halt"), std::string::npos);
}

TEST(Circleci, prints_the_id_token_or_says_why_not) {
    Directory place;
    EXPECT_EQ(shell("CIRCLE_OIDC_TOKEN_V2=a.b.c circleci run oidc get", place).output, "a.b.c\n");
    const auto none = shell("CIRCLE_OIDC_TOKEN_V2= circleci run oidc get", place);
    EXPECT_EQ(none.code, 1);
    EXPECT_NE(none.output.find("context"), std::string::npos);
    EXPECT_EQ(shell("CIRCLE_OIDC_TOKEN_V2=a.b.c circleci run oidc get --claims '{}' 2>/dev/null", place).output, "");
    EXPECT_EQ(shell("CIRCLE_OIDC_TOKEN_V2=a.b.c circleci run oidc get --claims '{}'", place).code, 2);
    EXPECT_EQ(shell("circleci run oidc get --help", place).code, 0);
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

TEST(Helper, tells_where_it_may_not_write_from_other_trouble) {
    Directory place;
    place.file("src/file", "content");
    const std::string nobody = ::geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : "";
    if (shell(nobody + "gyre-injob --help", place).code > 125) GTEST_SKIP() << "needs setpriv where it is root";
    ASSERT_EQ(shell("mkdir closed && chmod 0555 closed && chmod 0755 . && touch occupied", place).code, 0);
    const auto unpack_to = [&](const std::string& root) {
        return shell("gyre-injob pack --root src . | " + nobody + "gyre-injob unpack --root " + root, place).code;
    };
    EXPECT_EQ(unpack_to("closed"), 9);
    EXPECT_EQ(unpack_to("closed/not/there"), 9);
    EXPECT_EQ(unpack_to("occupied/x"), 1);
}

}  // namespace
}  // namespace gyre::injob

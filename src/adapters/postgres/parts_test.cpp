// The pure parts: texts, parameters, targets, errors.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "adapters/postgres/errors.h"
#include "adapters/postgres/placeholders.h"
#include "adapters/postgres/target.h"
#include "adapters/postgres/text.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::postgres {
namespace {

using contract::expect_fault;

TEST(Text, WhatPostgresTakesStaysAsItIs) {
    for (const std::string text : {"", "plain", "naïve ü € 𝄞", "\x01\x7f", "\xEF\xBF\xBF", "\xF4\x8F\xBB\xBF"}) {
        EXPECT_TRUE(is_plain(text)) << text;
        EXPECT_EQ(stored_form(text), text);
        EXPECT_EQ(original_form(text), text);
    }
}

TEST(Text, AnyBytesComeBackAsTheyWere) {
    const std::vector<std::string> hostile = {
        std::string("\0", 1),
        std::string("a\0b\0\0", 5),
        "\xff",
        "\xff\xfe\x80",
        "cut \xc3",
        "cut \xe2\x82",
        "cut \xf0\x9d\x84",
        "\xc0\x80",          // an overlong NUL
        "\xe0\x80\x80",      // likewise
        "\xed\xa0\x80",      // a surrogate
        "\xf4\x90\x80\x80",  // beyond the last character
        "\xf5\x80\x80\x80",  // likewise
        "\xf4\x8f\xbc\x80",  // our own sign for NUL
        "\xf4\x8f\xbf\xbf",  // the last of our signs
        "\xf4\x8f\xbc",      // a part of one
        "ok \xf4\x8f\xbc\x80 ok \xff ok",
    };
    for (const auto& text : hostile) {
        EXPECT_FALSE(is_plain(text)) << text;
        const auto stored = stored_form(text);
        EXPECT_EQ(stored.find('\0'), std::string::npos);
        EXPECT_EQ(original_form(stored), text);
        EXPECT_NE(stored, text);
        for (const auto& other : hostile) {
            EXPECT_EQ(stored_form(other) == stored, other == text);
        }
    }
}

TEST(Text, EachPairOfBytesHasItsOwnForm) {
    std::set<std::string> forms;
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            ASSERT_EQ(original_form(stored_form(text)), text) << first << " " << second;
            forms.insert(stored_form(text));
        }
    }
    EXPECT_EQ(forms.size(), 65536U);
}

TEST(Text, WhatFollowsAPrefixIsTheNextCharacter) {
    EXPECT_EQ(after_prefix("a"), "b");
    EXPECT_EQ(after_prefix("v1-\x7f"), "v1-\xc2\x80");
    EXPECT_EQ(after_prefix("\xc3\xbf"), "\xc4\x80");
    EXPECT_EQ(after_prefix("\xed\x9f\xbf"), "\xee\x80\x80") << "surrogates are no characters";
    EXPECT_EQ(after_prefix("a\xf4\x8f\xbf\xbf"), "b");
    EXPECT_EQ(after_prefix("\xf4\x8f\xbf\xbf"), std::nullopt);
    EXPECT_EQ(after_prefix(""), std::nullopt);
}

TEST(Placeholders, BecomeNumbers) {
    EXPECT_EQ(with_numbered_parameters("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
    EXPECT_EQ(with_numbered_parameters("a = '?' AND \"b?\" = ? AND c = 'it''s ?' OR ?"),
              "a = '?' AND \"b?\" = $1 AND c = 'it''s ?' OR $2");
    EXPECT_EQ(with_numbered_parameters(""), "");
}

TEST(Target, IsAUrlWithoutPasswordOrAPath) {
    for (const std::string given : {"postgres://gyre@db.example.com/ci", "postgresql:///ci", "/etc/gyre/database",
                                    "postgres://gyre@/ci?host=/run/postgresql&sslmode=verify-full"}) {
        EXPECT_TRUE(check_form(given).ok()) << given;
    }
    for (const std::string given : {"", "mysql://a/b", "host=a dbname=b", "ci", "postgres://a@b/c?nonsense=hunter2",
                                    "postgres://gyre:hunter2@db/ci", "postgres://gyre@db/ci?password=hunter2",
                                    "postgres://gyre:hunter2@db:port/ci"}) {
        const auto checked = check_form(given);
        expect_fault(checked, Fault::invalid);
        EXPECT_EQ(checked.error().message.find("hunter2"), std::string::npos) << checked.error().message;
    }
    expect_fault(check_form("postgres://db/" + std::string(10'000, 'x')), Fault::invalid);
    expect_fault(check_form(std::string("postgres://db/a\0b", 17)), Fault::invalid);
}

class TargetFile : public testing::Test {
protected:
    std::string file(const std::string& text, mode_t mode = 0600) {
        const std::string path = folder_.path() / "database";
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    contract::TempFolder folder_;
};

TEST_F(TargetFile, MayHoldAPasswordThatNobodySees) {
    for (const std::string text : {"postgres://gyre:hunter2@db/ci\n", "host=db dbname=ci password=hunter2\n"}) {
        const auto target = read_target(file(text));
        ASSERT_TRUE(target.ok()) << target.error().message;
        EXPECT_NE(target->connection.find("hunter2"), std::string::npos);
        EXPECT_EQ(target->name, "the database ci of PostgreSQL at db");
    }
}

TEST_F(TargetFile, IsItsOwnersAlone) {
    for (const mode_t mode : {0640, 0604, 0644, 0660}) {
        const auto refused = read_target(file("postgres://gyre:hunter2@db/ci", mode));
        expect_fault(refused, Fault::invalid);
        EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos);
    }
}

TEST_F(TargetFile, IsNotRepeatedWhenItIsWrong) {
    for (const std::string text : {"hunter2", "password hunter2", "postgres://gyre:hunter2@db:x/%zz",
                                   "postgres://[hunter2", "password='hunter2"}) {
        const auto refused = read_target(file(text));
        expect_fault(refused, Fault::invalid);
        EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos) << refused.error().message;
        EXPECT_NE(refused.error().message.find("/database"), std::string::npos);
    }
    expect_fault(read_target(folder_.path() / "missing"), Fault::unavailable);
    expect_fault(read_target(folder_.path()), Fault::invalid);
    expect_fault(read_target(file(std::string(100'000, 'x'))), Fault::too_large);
}

TEST(Errors, SayWhatCanBeDone) {
    struct Case {
        const char* state;
        Fault fault;
        Remedy remedy;
    };
    for (const auto& [state, fault, remedy] : std::vector<Case>{
             {"23505", Fault::conflict, Remedy::none},
             {"23503", Fault::invalid, Remedy::none},
             {"23514", Fault::invalid, Remedy::none},
             {"22003", Fault::invalid, Remedy::none},
             {"40001", Fault::unavailable, Remedy::again},
             {"40P01", Fault::unavailable, Remedy::again},
             {"53100", Fault::unavailable, Remedy::none},
             {"57014", Fault::unavailable, Remedy::none},
             {"57P01", Fault::unavailable, Remedy::reconnect},
             {"08006", Fault::unavailable, Remedy::reconnect},
             {"42P01", Fault::corrupt, Remedy::none},
             {"XX001", Fault::corrupt, Remedy::none},
             {"54000", Fault::too_large, Remedy::none},
             {"99999", Fault::unavailable, Remedy::none},
             {"", Fault::unavailable, Remedy::none},
         }) {
        const auto failure = failure_of("the database", state, "it failed");
        EXPECT_EQ(failure.error.fault, fault) << state;
        EXPECT_EQ(failure.remedy, remedy) << state;
        EXPECT_TRUE(failure.error.message.starts_with("the database: it failed")) << failure.error.message;
    }
}

}  // namespace
}  // namespace gyre::postgres

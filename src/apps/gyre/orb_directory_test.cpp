#include "apps/gyre/orb_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "model/orb.h"

namespace gyre::apps {
namespace {

namespace fs = std::filesystem;

class OrbDirectory : public testing::Test {
protected:
    void SetUp() override {
        for (const char* file : {"acme/tools/1.2.3.yml", "acme/tools/1.10.0.yml", "acme/tools/2.0.0.yml",
                                 "acme/tools/dev:x.yml", "acme/tools/notes.yml", "acme/any.yml"}) {
            fs::create_directories((dir_ / file).parent_path());
            std::ofstream(dir_ / file) << "text of " << file;
        }
        std::ofstream(dir_ / "acme/empty.yml");
    }
    void TearDown() override { fs::remove_all(dir_); }

    // "version: text", or why not.
    std::string ask(const std::string& name, const std::string& version) const {
        const auto answer = orbs_in(dir_.string())({name, version});
        if (const auto* text = std::get_if<config::OrbText>(&answer)) return text->version + ": " + text->text;
        return std::get<config::OrbAbsent>(answer).why;
    }

    fs::path dir_ = fs::path(testing::TempDir()) / ("orbs-" + std::to_string(getpid()));
};

TEST_F(OrbDirectory, gives_the_newest_version_that_is_meant) {
    EXPECT_EQ(ask("acme/tools", "1"), "1.10.0: text of acme/tools/1.10.0.yml");
    EXPECT_EQ(ask("acme/tools", "1.2"), "1.2.3: text of acme/tools/1.2.3.yml");
    EXPECT_EQ(ask("acme/tools", "volatile"), "2.0.0: text of acme/tools/2.0.0.yml");
    EXPECT_EQ(ask("acme/tools", "dev:x"), "dev:x: text of acme/tools/dev:x.yml");
    EXPECT_EQ(ask("acme/any", "7.7.7"), "7.7.7: text of acme/any.yml");
}

TEST_F(OrbDirectory, says_what_there_is_instead) {
    EXPECT_EQ(ask("acme/tools", "3"), (dir_ / "acme/tools").string() + " has 1.2.3, 1.10.0, 2.0.0");
    EXPECT_EQ(ask("acme/none", "1"), "it is not in " + dir_.string());
    EXPECT_NE(ask("acme/tools", "latest").find("is no version of an orb"), std::string::npos);
    EXPECT_NE(ask("acme/empty", "1").find("empty"), std::string::npos);
    const auto answer = orbs_in("")({"acme/tools", "1"});
    EXPECT_EQ(std::get<config::OrbAbsent>(answer).what_to_do, "--orb-dir DIR with DIR/acme/tools.yml in it");
}

TEST_F(OrbDirectory, names_the_orb_that_is_likely_meant) {
    const auto nearest = [&](const std::string& name) {
        return std::get<config::OrbAbsent>(orbs_in(dir_.string())({name, "9"})).nearest;
    };
    std::ofstream(dir_ / "README.md") << "no namespace";
    EXPECT_EQ(nearest("acme/tool"), "acme/tools");
    EXPECT_EQ(nearest("acme/anny"), "acme/any");
    EXPECT_EQ(nearest("circleci/node"), "");
    EXPECT_EQ(nearest("acme/tools"), "") << "only another version of it is there";
}

TEST_F(OrbDirectory, has_orbs_as_long_as_can_be_published) {
    std::ofstream(dir_ / "acme/any.yml") << std::string(longest_orb_source, '#');
    EXPECT_EQ(ask("acme/any", "1").size(), longest_orb_source + 3);
    std::ofstream(dir_ / "acme/any.yml", std::ios::app) << '#';
    EXPECT_NE(ask("acme/any", "1").find("1000000 bytes"), std::string::npos) << ask("acme/any", "1");
}

}  // namespace
}  // namespace gyre::apps

#include "agent/executors/recent_containers.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

const Timestamp noon = from_millis(1'800'000'000'000);

json::object of(const std::string& image) { return {{"Image", image}, {"HostConfig", {{"Memory", 1 << 30}}}}; }

class RecentContainersOfAMachine : public testing::Test {
protected:
    RecentContainersOfAMachine() {
        std::string pattern = (fs::temp_directory_path() / "gyre-recent-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
    }
    ~RecentContainersOfAMachine() override { fs::remove_all(directory); }

    void want(const std::string& image, Duration ago = {}) { recent().note(of(image), noon - ago); }
    std::string likely() {
        const auto found = recent().likely(noon);
        return found ? std::string(found->at("Image").as_string()) : "nothing";
    }
    RecentContainers recent() const { return RecentContainers(directory); }
    std::string file() const { return directory + "/recent-containers.json"; }

    std::string directory;
};

TEST_F(RecentContainersOfAMachine, say_nothing_of_what_was_wanted_once) {
    EXPECT_EQ(likely(), "nothing");
    want("a");
    EXPECT_EQ(likely(), "nothing");
    want("a");
    EXPECT_EQ(likely(), "a");
    EXPECT_EQ(recent().likely(noon), of("a"));
}

TEST_F(RecentContainersOfAMachine, follow_what_at_least_half_of_them_wanted) {
    for (const char* image : {"a", "a", "b", "c"}) want(image);
    EXPECT_EQ(likely(), "a");
    want("d");
    EXPECT_EQ(likely(), "nothing");
    for (int i = 0; i < 4; ++i) want("b");
    EXPECT_EQ(likely(), "b");
}

TEST_F(RecentContainersOfAMachine, forget_after_an_hour_and_after_eight) {
    want("a", std::chrono::minutes(61));
    want("a", std::chrono::minutes(1));
    EXPECT_EQ(likely(), "nothing");
    for (int i = 0; i < 4; ++i) want("a");
    for (int i = 0; i < 8; ++i) want("b");
    EXPECT_EQ(likely(), "b");
    EXPECT_LT(fs::file_size(file()), 2000u);
}

TEST_F(RecentContainersOfAMachine, are_none_where_the_clock_went_back) {
    want("a", -std::chrono::minutes(5));
    want("a", -std::chrono::minutes(5));
    EXPECT_EQ(likely(), "nothing");
}

TEST_F(RecentContainersOfAMachine, are_none_where_their_file_is_damaged) {
    const std::string one = R"({"at_ms":)" + std::to_string(to_millis(noon)) + R"(,"container":{"Image":"a"}})";
    const std::vector<std::string> damaged{
        "",
        "[" + one + "," + one,  // torn
        "{}",
        "[1,null,{}]",
        R"([{"at_ms":"x","container":{}},{"at_ms":1e300,"container":{}},{"at_ms":1,"container":[]}])",
        std::string(1 << 20, '['),
        "\xff\xfe",
    };
    for (const auto& text : damaged) {
        std::ofstream(file()) << text;
        EXPECT_EQ(likely(), "nothing") << text.substr(0, 100);
    }
    want("a");
    want("a");
    EXPECT_EQ(likely(), "a");
}

TEST_F(RecentContainersOfAMachine, are_not_noted_when_they_are_huge) {
    want(std::string(20'000, 'x'));
    EXPECT_FALSE(fs::exists(file()));
}

}  // namespace
}  // namespace gyre::agent

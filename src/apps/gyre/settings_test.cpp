#include "apps/gyre/settings.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace gyre::apps {
namespace {

class SettingsTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-settings-test.XXXXXX";
        root_ = mkdtemp(pattern);
    }
    void TearDown() override {
        std::filesystem::remove_all(root_);
        unsetenv("GYRE_LISTEN");
        unsetenv("GYRE_CPUS");
    }
    std::string file(const std::string& text) const {
        std::ofstream(root_ + "/gyre.toml") << text;
        return root_ + "/gyre.toml";
    }
    static std::string origin(const LoadedSettings& loaded, const std::string& name) {
        return std::find_if(loaded.shown.begin(), loaded.shown.end(), [&](const auto& s) { return s.name == name; })
            ->origin;
    }

    std::string root_;
};

TEST_F(SettingsTest, flag_beats_environment_beats_file_beats_default) {
    const std::string path = file("listen = \"0.0.0.0:1\"\ncpus = 3\n");
    EXPECT_EQ(load_settings({.file = "", .flags = {}})->settings.listen, "127.0.0.1:8080");
    EXPECT_EQ(load_settings({.file = path, .flags = {}})->settings.listen, "0.0.0.0:1");
    setenv("GYRE_LISTEN", "0.0.0.0:2", 1);
    EXPECT_EQ(load_settings({.file = path, .flags = {}})->settings.listen, "0.0.0.0:2");
    const auto loaded = load_settings({.file = path, .flags = {{"listen", "0.0.0.0:3"}}});
    EXPECT_EQ(loaded->settings.listen, "0.0.0.0:3");
    EXPECT_EQ(origin(*loaded, "listen"), "flag --listen");
    EXPECT_EQ(origin(*loaded, "cpus"), "file " + path);
    EXPECT_EQ(origin(*loaded, "sandbox"), "default");
}

TEST_F(SettingsTest, a_wrong_value_names_its_place_and_what_is_wanted) {
    const auto from_file = load_settings({.file = file("sandbox = \"maybe\"\n"), .flags = {}});
    EXPECT_NE(from_file.error().message.find("gyre.toml"), std::string::npos) << from_file.error().message;
    EXPECT_NE(from_file.error().message.find("off, host, none"), std::string::npos) << from_file.error().message;
    setenv("GYRE_CPUS", "many", 1);
    EXPECT_NE(load_settings({}).error().message.find("environment GYRE_CPUS"), std::string::npos);
}

TEST_F(SettingsTest, a_value_of_the_wrong_form_is_refused_before_anything_starts) {
    const std::pair<const char*, std::vector<const char*>> cases[] = {
        {"base_url",
         {"nonsense", "ftp://ci.test", "http://", "https:///path", "http://a b", "http://user:pass@ci.test",
          "http://ci.test?x=1", "http://ci.test#x", "http://ci.test:0", "http://ci.test:99999", "http://[::1",
          "http://[x]:80", "http://ci.test\n", "//ci.test", "http:/ci.test"}},
        {"listen",
         {"8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", ""}},
        {"client", {"a b", "a/b", "\n"}},
        {"docker_socket", {"docker.sock", "unix:docker.sock", "/a\n"}},
        {"data_dir", {"", "/a\n"}},
    };
    for (const auto& [name, values] : cases) {
        for (const auto* value : values) {
            const auto loaded = load_settings({.file = "", .flags = {{name, value}}});
            ASSERT_FALSE(loaded.ok()) << name << " = " << value;
            EXPECT_EQ(loaded.error().fault, Fault::invalid);
            EXPECT_TRUE(loaded.error().message.starts_with("setting " + std::string(name) + " (flag --"))
                << loaded.error().message;
        }
    }
}

TEST_F(SettingsTest, a_value_of_the_right_form_is_kept) {
    for (const char* url :
         {"http://ci.test", "https://ci.test:8443/gyre", "http://127.0.0.1:80", "http://[::1]:80", ""})
        EXPECT_EQ(load_settings({.file = "", .flags = {{"base_url", url}}})->settings.base_url, url);
    EXPECT_EQ(load_settings({.file = "", .flags = {{"base_url", "https://ci.test/"}}})->settings.base_url,
              "https://ci.test");
    for (const char* place : {"0.0.0.0:0", "[::]:8080"})
        EXPECT_EQ(load_settings({.file = "", .flags = {{"listen", place}}})->settings.listen, place);
}

TEST_F(SettingsTest, a_settings_file_that_is_no_file_is_refused) {
    EXPECT_NE(load_settings({.file = root_, .flags = {}}).error().message.find("a directory"), std::string::npos);
    EXPECT_NE(load_settings({.file = "/dev/zero", .flags = {}}).error().message.find("a device"), std::string::npos);
}

TEST_F(SettingsTest, hostile_files_are_refused_with_a_place) {
    const std::pair<const char*, const char*> cases[] = {
        {"listne = \"x\"\n", "'listne'"},
        {"listen = [1]\n", ":1:"},
        {"listen = \"a\nb\"\n", "gyre.toml:1"},
        {"\x01", "gyre.toml:1:1"},
    };
    for (const auto& [text, expected] : cases) {
        const auto loaded = load_settings({.file = file(text), .flags = {}});
        ASSERT_FALSE(loaded.ok()) << text;
        EXPECT_NE(loaded.error().message.find(expected), std::string::npos) << loaded.error().message;
    }
    EXPECT_EQ(load_settings({.file = root_ + "/none", .flags = {}}).error().fault, Fault::not_found);
}

}  // namespace
}  // namespace gyre::apps

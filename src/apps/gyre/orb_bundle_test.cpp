#include "apps/gyre/orb_bundle.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/json.h"
#include "base/random.h"
#include "model/orb.h"

namespace gyre::apps {
namespace {

std::string line(const std::string& orb, const std::string& version, const std::string& source) {
    return bundle_line({orb, version, source});
}

std::string refusal(const std::string& text) {
    const auto parsed = parse_bundle(text);
    return parsed ? "taken" : parsed.error().message;
}

TEST(OrbBundle, is_read_as_it_was_written) {
    const std::vector<BundledOrb> orbs{{"acme/tools", "1.2.3", "version: 2.1\n# \t\xc3\xa9\n"},
                                       {"acme/tools", "dev:x", std::string(longest_orb_source, 'a')}};
    std::string text = bundle_head(orbs.size());
    for (const auto& orb : orbs) text += bundle_line(orb);
    EXPECT_EQ(*parse_bundle(text), orbs);
    EXPECT_TRUE(parse_bundle(bundle_head(0))->empty());
}

TEST(OrbBundle, that_is_hostile_is_refused_whole) {
    const std::string good = line("acme/tools", "1.2.3", "version: 2.1\n");
    struct Case {
        std::string text;
        std::string says;
    };
    const std::vector<Case> cases{
        {"", "this is no bundle of orbs"},
        {std::string("PK\x03\x04\0\0", 6), "this is no bundle of orbs"},
        {std::string(5'000'000, '['), "this is no bundle of orbs"},
        {good, "this is no bundle of orbs"},
        {"{\"gyre-orb-bundle\":2}\n", "newer kind"},
        {"{\"gyre-orb-bundle\":\"1\"}\n", "newer kind"},
        {bundle_head(1) + good + good, "line 3: acme/tools@1.2.3 is in the bundle twice"},
        {bundle_head(1) + line("../../etc/passwd", "1.2.3", "x"), "line 2: '../../etc/passwd' is no name"},
        {bundle_head(1) + line("acme/..", "1.2.3", "x"), "is no name"},
        {bundle_head(1) + line("/etc", "1.2.3", "x"), "is no name"},
        {bundle_head(1) + line("acme/tools", "../1.2.3", "x"), "is no version"},
        {bundle_head(1) + line("acme/tools", "volatile", "x"), "is no version"},
        {bundle_head(1) + line("acme/tools", "dev:../x", "x"), "is no version"},
        {bundle_head(1) + line("acme/tools", "1.0.0", std::string(longest_orb_source + 1, 'a')), "more than 1000000"},
        {bundle_head(1) + "\xff\xfe\n", "line 2: "},
        {bundle_head(1) + std::string(100'000, '[') + "\n", "line 2: "},
        {bundle_head(1) + "{\"orb\":\"acme/tools\",\"version\":\"1.2.3\",\"sha256\":\"\",\"source\":\"x\"}\n",
         "is not what its sha256 says"},
        {bundle_head(1) + "{\"orb\":[],\"version\":{},\"source\":1}\n", "is no name"},
        {bundle_head(1) + good.substr(0, good.size() / 2), "line 2: "},
        {bundle_head(2) + good, "the bundle has 1 orbs and should have 2: a part of it is missing"},
        {bundle_head(0) + good, "the bundle has 1 orbs and should have 0"},
        {"{\"gyre-orb-bundle\":1}\n" + good, "does not say how many"},
    };
    for (const auto& [text, says] : cases) {
        const auto parsed = parse_bundle(text);
        if (!parsed && says.find("more than") == std::string::npos) {
            EXPECT_EQ(parsed.error().fault, Fault::invalid) << says;
        }
        EXPECT_NE(refusal(text).find(says), std::string::npos) << text.substr(0, 80) << "\n" << refusal(text);
        EXPECT_LT(refusal(text).size(), 400U);
    }
    std::string many = bundle_head(most_bundled_orbs + 1);
    for (std::size_t i = 0; i <= most_bundled_orbs; ++i) many += line("a/b", "0.0." + std::to_string(i), "x");
    EXPECT_EQ(refusal(many), "line 10002: a bundle may hold 10000 orbs");
}

TEST(OrbBundle, is_made_of_a_directory_without_following_links) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("gyre-orbs-" + random_token(4));
    std::filesystem::create_directories(folder / "acme/tools");
    std::filesystem::create_directories(folder / "acme/tools/9.9.9.yml");
    std::filesystem::create_directories(folder / ".git/hooks");
    const auto write = [&](const std::string& path, const std::string& text) { std::ofstream(folder / path) << text; };
    write("acme/tools/1.0.0.yml", "a");
    write("acme/tools/dev:x.yml", "b");
    write("acme/tools/README.md", "c");
    write("acme/any.yml", "d");
    write("secret", "s");
    std::filesystem::create_symlink(folder / "secret", folder / "acme/tools/2.0.0.yml");
    std::filesystem::create_directory_symlink(folder / "acme", folder / "other");
    std::filesystem::remove(folder / "acme/tools/9.9.9.yml");
    EXPECT_EQ(*read_orb_directory(folder.string()),
              (std::vector<BundledOrb>{{"acme/tools", "1.0.0", "a"}, {"acme/tools", "dev:x", "b"}}));
    EXPECT_EQ(read_orb_directory((folder / "none").string()).error().fault, Fault::not_found);
    EXPECT_EQ(read_orb_directory((folder / "secret").string()).error().fault, Fault::invalid);
    EXPECT_FALSE(read_bundle(folder.string())) << "a directory is no file";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gyre::apps

// tests/golden/diagnostics: broken configs, each with what people see about it. GYRE_ACCEPT=1 writes the present texts
// down as right; read what changed as somebody who does not know this code: would you know what to change?

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "config/test_support.h"

namespace gyre::config {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(GYRE_SOURCE_DIR) / "tests" / "golden" / "diagnostics";

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

// Every config by its name: the files of the folder, and those that nobody wants to keep as files.
std::map<std::string, std::string> configs() {
    std::map<std::string, std::string> all{
        {"too-large", "version: 2.1\n" + repeated("# a comment\n", 400'000)},
        {"bad-encoding", "version: 2.1\njobs: # gr\xFC\xDF dich\n"},
        {"control-character", "version: 2.1\njobs:\n  build: \x1b[31m\n"},
        {"utf-16", std::string("v\0e\0r\0s\0i\0o\0n\0", 14)},
        {"too-deep", "version: 2.1\njobs: " + repeated("[", 300) + repeated("]", 300) + "\n"},
        {"too-many-nodes", "version: 2.1\nx: [" + repeated("1, ", 100'000) + "1]\n"},
    };
    std::string& more = all["more-diagnostics"];
    more = "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n";
    for (int i = 0; i < 150; ++i) more += "      - step-" + std::to_string(i) + "\n";
    std::string& much = all["too-much-expansion"];
    much = "version: 2.1\ntext: &text " + repeated("lots of text ", 10'000) +
           "\njobs:\n  build:\n    machine: true\n    environment:\n";
    for (int i = 0; i < 250; ++i) much += "      V" + std::to_string(i) + ": *text\n";
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".yml") all[entry.path().stem().string()] = contents(entry.path());
    }
    return all;
}

std::vector<Diagnostic> diagnostics_of(const std::string& name, const std::string& text) {
    return compile(text, {.file = name + ".yml", .branch = "main"}).diagnostics;
}

TEST(Golden, diagnostics_read_as_they_did) {
    const bool accept = std::getenv("GYRE_ACCEPT") != nullptr;
    for (const auto& [name, text] : configs()) {
        const auto diagnostics = diagnostics_of(name, text);
        const std::string shown = render_text(diagnostics) + "\n" + summary(diagnostics) + "\n";
        const fs::path golden = folder / (name + ".txt");
        if (accept) std::ofstream(golden, std::ios::binary) << shown;
        EXPECT_EQ(shown, contents(golden)) << "GYRE_ACCEPT=1 accepts what there is";
    }
    if (accept) GTEST_SKIP() << "the golden files were rewritten: look at what changed";
}

TEST(Golden, has_a_config_for_every_text) {
    const auto all = configs();
    for (const auto& entry : fs::directory_iterator(folder)) {
        EXPECT_TRUE(all.contains(entry.path().stem().string())) << entry.path();
    }
}

TEST(Golden, shows_every_code) {
    std::set<Code> shown;
    for (const auto& [name, text] : configs()) {
        for (const Diagnostic& one : diagnostics_of(name, text)) shown.insert(one.code);
    }
    std::string missing;
    for (const auto& [code, name] : enum_names(Code{})) {
        if (!shown.contains(code)) missing += std::string(name) + " ";
    }
    EXPECT_EQ(missing, "");
}

}  // namespace
}  // namespace gyre::config

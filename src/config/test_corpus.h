#pragma once

// For tests that compile real configs: where these lie, stubs of the orbs that they use, and verdicts kept as golden
// files. GYRE_ACCEPT=1 writes the present verdicts down as right.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/test_support.h"

namespace gyre::config::test {

namespace fs = std::filesystem;

inline const fs::path source_dir = GYRE_SOURCE_DIR;
inline const fs::path golden_dir = source_dir / "tests" / "golden";

inline std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(folder, failed)) {
        const auto extension = entry.path().extension();
        if (entry.is_regular_file() && (extension == ".yml" || extension == ".yaml")) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// The file of `folder` that stands for an orb, whatever the version: "namespace__name.yml".
inline OrbSource stubs_in(const fs::path& folder) {
    return [folder](const OrbReference& asked) -> OrbAnswer {
        std::string name = asked.name;
        name.replace(name.find('/'), 1, "__");
        const fs::path file = folder / (name + ".yml");
        if (!fs::exists(file)) return OrbAbsent{"there is no stub of it", "a stub in " + folder.string()};
        return OrbText{file.filename().string(), asked.version, contents(file)};
    };
}

// "compiles", or the codes of all errors: "missing-key,unknown-step".
inline std::string verdict(const CompileResult& result) {
    if (result.plan) return "compiles";
    std::set<std::string> codes;
    for (const Diagnostic& one : result.diagnostics) {
        if (one.severity == Severity::error) codes.emplace(name_of(one.code));
    }
    std::string text;
    for (const std::string& one : codes) text += (text.empty() ? "" : ",") + one;
    return text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// Says which lines differ, not the whole of both.
inline void expect_golden(const std::string& text, const fs::path& golden) {
    if (std::getenv("GYRE_ACCEPT") != nullptr) {
        fs::create_directories(golden.parent_path());
        std::ofstream(golden) << text;
        GTEST_SKIP() << "accepted: " << golden;
    }
    const auto is = lines_of(text);
    const auto was = lines_of(contents(golden));
    for (const std::string& line : is) {
        if (std::find(was.begin(), was.end(), line) == was.end()) ADD_FAILURE() << "now: " << line;
    }
    for (const std::string& line : was) {
        if (std::find(is.begin(), is.end(), line) == is.end()) ADD_FAILURE() << "was: " << line;
    }
}

}  // namespace gyre::config::test

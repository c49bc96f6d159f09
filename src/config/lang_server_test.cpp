// The samples of a language server for the same language, where they lie beside the repository. Its verdicts and ours
// stand side by side in tests/golden/lang_server_verdicts.txt, a line a sample: path, what the sample is meant to be
// ("valid", or "invalid" with the line), what we say, and the reason where the two disagree. GYRE_ACCEPT=1 writes our
// present verdicts into it.

#include "config/test_corpus.h"

namespace gyre::config::test {
namespace {

const fs::path samples_dir = source_dir / ".." / "shared" / "corpus-lang-server";
const fs::path registry_dir = samples_dir / "pkg" / "parser" / "testdata" / "orb-registry";
const fs::path table_file = golden_dir / "lang_server_verdicts.txt";

struct Row {
    std::string path;
    std::string meant;
    std::string said;
    std::string reason;
};

std::vector<Row> read_table() {
    std::vector<Row> rows;
    for (const std::string& line : lines_of(contents(table_file))) {
        std::istringstream in(line);
        Row row;
        std::getline(in, row.path, '\t');
        std::getline(in, row.meant, '\t');
        std::getline(in, row.said, '\t');
        std::getline(in, row.reason);
        rows.push_back(std::move(row));
    }
    return rows;
}

void write_table(const std::vector<Row>& rows) {
    std::ofstream out(table_file);
    for (const Row& row : rows) {
        out << row.path << '\t' << row.meant << '\t' << row.said << (row.reason.empty() ? "" : "\t") << row.reason
            << '\n';
    }
}

// Orbs of the samples' own registry, or stubs of public ones.
OrbAnswer find_orb(const OrbReference& asked) {
    const fs::path file = registry_dir / asked.name / asked.version / "orb.yml";
    if (fs::exists(file)) return OrbText{file.lexically_relative(samples_dir).string(), asked.version, contents(file)};
    return stubs_in(golden_dir / "orbs")(asked);
}

// An orb is imported by a config that uses nothing of it.
CompileResult compile_sample(const fs::path& file) {
    const CompileInput input{.file = "config.yml", .branch = "main", .orbs = find_orb};
    if (file.filename() != "orb.yml") return compile(contents(file), input);
    const fs::path of_registry = file.parent_path().lexically_relative(registry_dir);
    const std::string reference = of_registry.parent_path().string() + "@" + of_registry.filename().string();
    return compile("version: 2.1\norbs: {orb: " + reference + "}\njobs: {build: {machine: true, steps: [checkout]}}\n",
                   input);
}

// The line where a sample is meant to be invalid; 0: it is valid.
int line_of(const std::string& meant) { return meant == "valid" ? 0 : std::stoi(meant.substr(meant.find(' ') + 1)); }

// "compiles", or the lines and codes of all errors: "3 orb-unavailable, 8 missing-key". In brackets the warnings of the
// line that matters.
std::string said_of(const std::string& meant, const CompileResult& result) {
    std::string text = result.plan ? "compiles" : "";
    for (const Diagnostic& one : result.diagnostics) {
        const bool warning = one.severity == Severity::warning;
        if (warning && one.range.line != line_of(meant)) continue;
        text += (text.empty() ? "" : ", ") + std::string(warning ? "(" : "") + std::to_string(one.range.line) + " " +
                std::string(name_of(one.code)) + (warning ? ")" : "");
    }
    return text;
}

bool agree(const std::string& meant, const CompileResult& result) {
    const auto& all = result.diagnostics;
    if (meant == "valid") {
        return std::all_of(all.begin(), all.end(), [](const Diagnostic& one) {
            return one.severity == Severity::warning || one.code == Code::orb_unavailable;
        });
    }
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic& one) { return one.range.line == line_of(meant); });
}

TEST(LanguageServer, samples_get_the_verdict_that_they_are_meant_to_get_or_there_is_a_reason) {
    if (!fs::exists(samples_dir)) GTEST_SKIP() << "needs " << samples_dir << ": they are not part of the repository";
    const bool accept = std::getenv("GYRE_ACCEPT") != nullptr;
    std::vector<Row> rows = read_table();
    for (Row& row : rows) {
        SCOPED_TRACE(row.path);
        const CompileResult result = compile_sample(samples_dir / row.path);
        const std::string said = said_of(row.meant, result);
        EXPECT_EQ(agree(row.meant, result), row.reason.empty()) << row.meant << ", we say: " << said << "\n"
                                                                << row.reason;
        if (!accept) {
            EXPECT_EQ(said, row.said);
        }
        row.said = said;
    }
    if (accept) write_table(rows);
}

TEST(LanguageServer, every_sample_is_in_the_table) {
    std::set<std::string> known;
    for (const Row& row : read_table()) known.insert(row.path);
    for (const fs::path& file : yaml_files(samples_dir)) {
        const std::string path = file.lexically_relative(samples_dir).string();
        EXPECT_TRUE(known.contains(path)) << path;
    }
}

}  // namespace
}  // namespace gyre::config::test

// The schema is made from the compiler's tables; here another program (python3-jsonschema) reads it.

#include "config/schema.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/explain.h"
#include "config/key_help.h"
#include "config/read.h"
#include "config/scalar.h"
#include "config/step_keys.h"
#include "config/test_support.h"

namespace gyre::config {
namespace {

namespace fs = std::filesystem;

const fs::path source_dir = GYRE_SOURCE_DIR;

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// As an editor reads it (YAML 1.2): true, false and numbers are such, yes and no are text.
json::value scalar_value(const Node& node) {
    if (node.style == ScalarStyle::plain && (node.text == "true" || node.text == "false")) return node.text == "true";
    if (node.style != ScalarStyle::plain || !is_number(node.text)) return json::value(node.text);
    if (const auto whole = as_integer(node.text)) return *whole;
    return std::strtod(node.text.c_str(), nullptr);
}

json::value value_of(const Node& node) {
    if (node.kind == NodeKind::scalar) return scalar_value(node);
    if (node.kind == NodeKind::sequence) {
        json::array list;
        for (const Item& item : node.items) list.push_back(value_of(*item.node));
        return list;
    }
    if (node.kind != NodeKind::mapping) return nullptr;
    json::object mapping;
    for (const Entry& entry : node.entries) mapping[entry.key->text] = value_of(*entry.value.node);
    return mapping;
}

json::value value_of(std::string_view text) {
    const Source source("config.yml", text);
    std::vector<Diagnostic> diagnostics;
    const Document document = read(source, diagnostics);
    return document.root() == nullptr ? json::value(nullptr) : value_of(*document.root());
}

class Schema : public testing::Test {
protected:
    void SetUp() override {
        const std::string command = "python3 -c 'import jsonschema' 2>/dev/null";
        if (std::system(command.c_str()) != 0) GTEST_SKIP() << "needs python3-jsonschema: it reads the schema";
    }

    // A line for each config that the schema refuses.
    std::string refused(const json::object& configs) {
        const fs::path input = fs::path(testing::TempDir()) / ("gyre-schema-" + std::to_string(::getpid()) + ".json");
        std::ofstream(input) << json::serialize(json::object{{"schema", json_schema()}, {"configs", configs}});
        const std::string script = (source_dir / "src/config/schema_check.py").string();
        FILE* answers = ::popen(("python3 '" + script + "' '" + input.string() + "' 2>&1").c_str(), "r");
        std::string lines;
        std::array<char, 4096> block{};
        while (const std::size_t size = std::fread(block.data(), 1, block.size(), answers))
            lines.append(block.data(), size);
        EXPECT_EQ(::pclose(answers), 0) << lines;
        fs::remove(input);
        return lines;
    }
};

TEST_F(Schema, accepts_every_right_example) {
    json::object configs;
    for (const Explanation& one : explanations()) {
        if (!one.right.empty()) configs[name_of(one.code)] = value_of(one.right);
    }
    EXPECT_EQ(refused(configs), "");
}

TEST_F(Schema, refuses_mistakes_of_form) {
    const std::string job = "version: 2.1\njobs:\n  build:\n    docker: [{image: i}]\n";
    const json::object configs{
        {"unknown key of a job", value_of(job + "    stepss: []\n")},
        {"mapping for list", value_of("version: 2.1\njobs: {build: {docker: {image: i}, steps: [checkout]}}\n")},
        {"unknown key of a step", value_of(job + "    steps: [{run: {comand: x}}]\n")},
        {"missing key", value_of(job + "    steps: [{save_cache: {key: k}}]\n")},
        {"two keys in a step", value_of(job + "    steps: [{run: x, name: y}]\n")},
        {"nested steps", value_of(job + "    steps: [[checkout]]\n")},
        {"no word of these", value_of(job + "    steps: [{run: {command: x, when: sometimes}}]\n")},
        {"text for integer", value_of(job + "    parallelism: many\n    steps: [checkout]\n")},
        {"no version", value_of("jobs: {}\n")},
        {"beside commands of other names",
         value_of(job + "    steps: [{run: {comand: x}}]\ncommands: {c: {steps: []}}\n")},
        {"in an orb", value_of("version: 2.1\norbs: {o: {commands: {c: {steps: [{run: {comand: x}}]}}}}\n")},
        {"unknown status", value_of("version: 2.1\nworkflows: {w: {jobs: [a: {requires: [{b: fine}]}]}}\n")},
    };
    const std::string lines = refused(configs);
    for (const auto& config : configs) {
        EXPECT_NE(lines.find(std::string(config.key()) + ": "), std::string::npos) << config.key() << "\n" << lines;
    }
}

TEST_F(Schema, lets_a_reference_stand_for_anything) {
    const json::object configs{{"references", value_of(R"(version: 2.1
jobs:
  build:
    docker: << parameters.images >>
    parallelism: << parameters.copies >>
    steps:
      - run: {command: make, background: << parameters.slow >>, when: << parameters.when >>}
      - steps: << parameters.after >>
    environment: << parameters.environment >>
)")}};
    EXPECT_EQ(refused(configs), "");
}

TEST_F(Schema, accepts_what_is_valid_with_a_warning) {
    const std::string steps = "version: 2.1\njobs:\n  build:\n    docker: [{image: i}]\n    steps:\n";
    const std::pair<const char*, std::string> table[] = {
        {"unknown attribute of a step", steps + "      - store_artifacts: {path: a, prefix: b}\n"},
        {"unknown statement", steps + "      - when: {condition: {and: [true, {when: always}]}, steps: [checkout]}\n"},
        {"unknown key of a job in version 2",
         "version: 2\njobs: {build: {docker: [{image: i}], steps: [checkout], skip: true}}\n"},
        {"a command in the place of a step",
         steps + "      - save_cache: {level: 3}\n"
                 "commands: {save_cache: {parameters: {level: {type: integer}}, steps: [checkout]}}\n"},
        {"a command in the place of a step, in an orb",
         steps + "      - o/c\norbs:\n  o:\n    commands:\n      c: {steps: [run: {level: 3}]}\n"
                 "      run: {parameters: {level: {type: integer}}, steps: [checkout]}\n"},
        {"unknown key of an orb", steps + "      - checkout\norbs: {o: {name: o, commands: {}}}\n"},
        {"excluded combinations", steps + "      - run: << parameters.v >>\n    parameters: {v: {type: string}}\n"
                                          "workflows:\n  w:\n    jobs:\n"
                                          "      - build: {matrix: {parameters: {v: [a, b]}, exclude: [{v: a}]}}\n"},
    };
    json::object configs;
    for (const auto& [name, text] : table) {
        const CompileResult result = compile(text, {.branch = "main"});
        EXPECT_TRUE(result.plan.has_value()) << name << "\n" << render_text(result.diagnostics);
        configs[name] = value_of(text);
    }
    EXPECT_EQ(refused(configs), "");
}

// Every real config that compiles must not be an error in an editor.
TEST_F(Schema, accepts_every_config_that_compiles) {
    json::object configs;
    for (const char* folder : {"corpus", "corpus-lang-server"}) {
        std::error_code failed;
        for (const auto& entry : fs::recursive_directory_iterator(source_dir / ".." / "shared" / folder, failed)) {
            if (entry.path().extension() != ".yml") continue;
            const std::string text = contents(entry.path());
            if (compile(text, {.branch = "main"}).plan) configs[entry.path().string()] = value_of(text);
        }
    }
    if (configs.empty()) GTEST_SKIP() << "needs ../shared/corpus: the real configs are not part of the repository";
    EXPECT_EQ(refused(configs), "");
}

std::string missing_help(const MappingSpec& mapping) {
    std::string missing;
    for (const KeySpec& key : mapping.keys) {
        if (help_of(mapping.name, key.name) == nullptr)
            missing += std::string(mapping.name) + "." + std::string(key.name) + " ";
        const bool deeper = key.inner != nullptr && key.inner != &mapping;
        if (deeper) missing += missing_help(*key.inner);
    }
    return missing;
}

TEST(KeyHelp, describes_every_key) {
    EXPECT_EQ(missing_help(keys::top_level), "");
    for (const StepSpec& step : step_specs()) EXPECT_EQ(missing_help(step.attributes), "");
}

}  // namespace
}  // namespace gyre::config

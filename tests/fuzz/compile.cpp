#include "config/compile.h"

#include "base/json.h"
#include "base/utf8.h"
#include "fuzz/entries.h"

namespace gyre::fuzz {
namespace {

using config::Diagnostic;

std::string check(const Diagnostic& one) {
    if (one.message.empty()) return "a diagnostic has no message";
    const config::Range& at = one.range;
    const bool is_ordered = at.end_line > at.line || (at.end_line == at.line && at.end_column >= at.column);
    if (at.line < 1 || at.column < 1 || !is_ordered) return "the range of a diagnostic is none: " + one.message;
    if (one.excerpt_column < 1 || one.excerpt_width < 1) return "the excerpt of a diagnostic is none: " + one.message;
    for (const std::string* text : {&one.message, &one.expected, &one.suggestion, &one.excerpt}) {
        if (valid_utf8(*text) != *text) return "a diagnostic is not UTF-8: " + valid_utf8(*text);
    }
    return {};
}

// A config, and behind a line of its own the source of every orb that it imports.
constexpr std::string_view orb_mark = "\n--- orb\n";

config::CompileResult compile(std::string_view bytes) {
    const std::size_t mark = bytes.find(orb_mark);
    config::CompileInput input{.file = "config.yml", .branch = "main"};
    if (mark != std::string_view::npos) {
        const std::string orb(bytes.substr(mark + orb_mark.size()));
        input.orbs = [orb](const config::OrbReference& asked) -> config::OrbAnswer {
            return config::OrbText{asked.name + ".yml", "1.0.0", orb};
        };
    }
    return config::compile(bytes.substr(0, mark), input);
}

}  // namespace

// A plan exactly when nothing is an error; diagnostics that can be printed; a plan that can be stored and read again.
std::string compile_config(std::string_view bytes) {
    const config::CompileResult result = compile(bytes);
    if (result.plan.has_value() == config::has_errors(result.diagnostics)) return "a plan and errors, or neither";
    if (result.diagnostics.size() > 2 * (config::max_diagnostics + 1)) return "too many diagnostics";
    for (const Diagnostic& one : result.diagnostics) {
        if (std::string wrong = check(one); !wrong.empty()) return wrong;
    }
    if (!result.plan) return {};
    const std::string stored = to_json_text(*result.plan);
    if (valid_utf8(stored) != stored) return "the plan is not UTF-8";
    const auto read = from_json_text<Plan>(stored, {.bytes = stored.size(), .depth = 64});
    if (!read) return "the plan cannot be read again: " + read.error().message;
    return *read == *result.plan ? "" : "the plan reads differently: " + stored;
}

}  // namespace gyre::fuzz

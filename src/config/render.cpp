#include "config/render.h"

#include <algorithm>

#include "base/json.h"

namespace gyre::config {
namespace {

std::string counted(std::ptrdiff_t count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

std::string place_of(const std::string& file, const Range& range) {
    return file + ":" + std::to_string(range.line) + ":" + std::to_string(range.column);
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
    json::object object;
    object["valid"] = !has_errors(diagnostics);
    object["diagnostics"] = gyre::to_json(diagnostics);
    return json::serialize(object);
}

std::string summary(const std::vector<Diagnostic>& diagnostics) {
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& one) { return one.severity == Severity::error; });
    const auto warnings = std::ssize(diagnostics) - errors;
    std::string text;
    if (errors > 0) text = counted(errors, "error");
    if (warnings > 0) text += (text.empty() ? "" : ", ") + counted(warnings, "warning");
    return text;
}

}  // namespace gyre::config

#include "config/render.h"

#include "base/json.h"

namespace gyre::config {
namespace {

// "2 errors"; "100 errors and more" when there are some that are not shown.
std::string counted(const std::vector<Diagnostic>& diagnostics, Severity severity) {
    std::size_t count = 0;
    bool more = false;
    for (const Diagnostic& one : diagnostics) {
        if (one.severity != severity) continue;
        if (one.code == Code::more_diagnostics) {
            more = true;
        } else {
            ++count;
        }
    }
    if (count == 0) return {};
    return std::to_string(count) + " " + std::string(name_of(severity)) + (count == 1 ? "" : "s") +
           (more ? " and more" : "");
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
    const std::string errors = counted(diagnostics, Severity::error);
    const std::string warnings = counted(diagnostics, Severity::warning);
    return errors + (errors.empty() || warnings.empty() ? "" : ", ") + warnings;
}

}  // namespace gyre::config

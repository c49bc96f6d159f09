#include "config/pipeline_values.h"

#include <algorithm>
#include <array>

namespace gyre::config {
namespace {

constexpr std::array<std::string_view, 33> names{"config.branch",
                                                 "config.definition.id",
                                                 "config.source",
                                                 "definition.id",
                                                 "definition.name",
                                                 "deploy.component_name",
                                                 "deploy.environment_name",
                                                 "event.action",
                                                 "event.name",
                                                 "git.base_revision",
                                                 "git.branch",
                                                 "git.branch.is_default",
                                                 "git.commit.author_login",
                                                 "git.commit.body",
                                                 "git.commit.subject",
                                                 "git.commit.url",
                                                 "git.repo_id",
                                                 "git.repo_name",
                                                 "git.repo_owner",
                                                 "git.repo_url",
                                                 "git.revision",
                                                 "git.tag",
                                                 "id",
                                                 "integration_source",
                                                 "name",
                                                 "number",
                                                 "project.git_url",
                                                 "project.slug",
                                                 "project.type",
                                                 "schedule.id",
                                                 "schedule.name",
                                                 "trigger.received_at",
                                                 "trigger_source"};
// What only the reference's cloud has values for, by the beginning of the name.
constexpr std::array<std::string_view, 3> families{"event.", "trigger.", "deploy."};

Operand text_or_null(const std::string& text) { return text.empty() ? Operand{} : Operand{text}; }

}  // namespace

Operand operand_of(const Scalar& scalar) {
    if (const auto* flag = std::get_if<bool>(&scalar)) return *flag;
    if (const auto* number = std::get_if<std::int64_t>(&scalar)) {
        return Number{std::to_string(*number), static_cast<double>(*number)};
    }
    return std::get<std::string>(scalar);
}

std::optional<Operand> pipeline_value(const CompileInput& input, std::string_view name) {
    if (name == "git.branch") return text_or_null(input.branch);
    if (name == "git.tag") return text_or_null(input.tag);
    const bool known = std::find(names.begin(), names.end(), name) != names.end() ||
                       std::any_of(families.begin(), families.end(), [&](auto one) { return name.starts_with(one); });
    if (!known) return std::nullopt;
    const auto given = input.values.find(name);
    return given == input.values.end() ? Operand{} : operand_of(given->second);
}

std::vector<std::string> pipeline_value_names() { return {names.begin(), names.end()}; }

}  // namespace gyre::config

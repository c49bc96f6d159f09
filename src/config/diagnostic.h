#pragma once

// What the compiler says about a config: where, what is wrong, what was expected, the nearest name, and the path
// (aliases, merges; later commands, executors and orbs) that led there. A Diagnostic owns all it needs to be printed.

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.h"
#include "config/source.h"

namespace gyre::config {

enum class Severity { error, warning };
constexpr EnumNames<Severity, 2> enum_names(Severity) {
    return {{{Severity::error, "error"}, {Severity::warning, "warning"}}};
}

// Names are stable: people search for them, and tools switch on them.
enum class Code {
    // the text
    too_large,
    bad_encoding,
    control_character,
    yaml_syntax,
    too_deep,
    too_many_nodes,
    several_documents,
    empty_config,
    duplicate_key,
    unknown_anchor,
    recursive_anchor,
    bad_merge,
    too_much_expansion,
    more_diagnostics,
    // the language
    missing_version,
    unsupported_version,
    needs_version_2_1,
    not_yet_supported,
    unknown_key,
    missing_key,
    wrong_type,
    bad_value,
    bad_pattern,
    bad_schedule,
    // jobs
    missing_executor,
    several_executors,
    unknown_resource_class,
    unknown_step,
    several_keys,
    nested_steps,
    duplicate_job,
    // workflows
    missing_build_job,
    unknown_job,
    unknown_requirement,
    duplicate_name,
    dependency_cycle,
    // parameters, references, expressions
    unknown_parameter,
    missing_argument,
    wrong_argument,
    unknown_argument,
    unknown_reference,
    bad_expression,
    bad_parameter,
    // commands, executors, orbs, matrices
    unknown_command,
    unknown_executor,
    unknown_orb,
    orb_unavailable,
    bad_orb,
    recursive_command,
    bad_matrix,
    bad_job_group,
    unknown_status,
    reserved_name,
    several_conditions,
    setup_conflict,
    // warnings
    deprecated_key,
    ignored_key,
    unused_job,
    unused_parameter,
    unused_command,
    unused_executor,
    unused_orb,
    unused_job_group,
    unreachable_job,
    secret_literal,
    cache_key_without_checksum,
    timeout_above_limit,
};
constexpr EnumNames<Code, 67> enum_names(Code) {
    return {{{Code::too_large, "too-large"},
             {Code::bad_encoding, "bad-encoding"},
             {Code::control_character, "control-character"},
             {Code::yaml_syntax, "yaml-syntax"},
             {Code::too_deep, "too-deep"},
             {Code::too_many_nodes, "too-many-nodes"},
             {Code::several_documents, "several-documents"},
             {Code::empty_config, "empty-config"},
             {Code::duplicate_key, "duplicate-key"},
             {Code::unknown_anchor, "unknown-anchor"},
             {Code::recursive_anchor, "recursive-anchor"},
             {Code::bad_merge, "bad-merge"},
             {Code::too_much_expansion, "too-much-expansion"},
             {Code::more_diagnostics, "more-diagnostics"},
             {Code::missing_version, "missing-version"},
             {Code::unsupported_version, "unsupported-version"},
             {Code::needs_version_2_1, "needs-version-2.1"},
             {Code::not_yet_supported, "not-yet-supported"},
             {Code::unknown_key, "unknown-key"},
             {Code::missing_key, "missing-key"},
             {Code::wrong_type, "wrong-type"},
             {Code::bad_value, "bad-value"},
             {Code::bad_pattern, "bad-pattern"},
             {Code::bad_schedule, "bad-schedule"},
             {Code::missing_executor, "missing-executor"},
             {Code::several_executors, "several-executors"},
             {Code::unknown_resource_class, "unknown-resource-class"},
             {Code::unknown_step, "unknown-step"},
             {Code::several_keys, "several-keys"},
             {Code::nested_steps, "nested-steps"},
             {Code::duplicate_job, "duplicate-job"},
             {Code::missing_build_job, "missing-build-job"},
             {Code::unknown_job, "unknown-job"},
             {Code::unknown_requirement, "unknown-requirement"},
             {Code::duplicate_name, "duplicate-name"},
             {Code::dependency_cycle, "dependency-cycle"},
             {Code::unknown_parameter, "unknown-parameter"},
             {Code::missing_argument, "missing-argument"},
             {Code::wrong_argument, "wrong-argument"},
             {Code::unknown_argument, "unknown-argument"},
             {Code::unknown_reference, "unknown-reference"},
             {Code::bad_expression, "bad-expression"},
             {Code::bad_parameter, "bad-parameter"},
             {Code::unknown_command, "unknown-command"},
             {Code::unknown_executor, "unknown-executor"},
             {Code::unknown_orb, "unknown-orb"},
             {Code::orb_unavailable, "orb-unavailable"},
             {Code::bad_orb, "bad-orb"},
             {Code::recursive_command, "recursive-command"},
             {Code::bad_matrix, "bad-matrix"},
             {Code::bad_job_group, "bad-job-group"},
             {Code::unknown_status, "unknown-status"},
             {Code::reserved_name, "reserved-name"},
             {Code::several_conditions, "several-conditions"},
             {Code::setup_conflict, "setup-conflict"},
             {Code::deprecated_key, "deprecated-key"},
             {Code::ignored_key, "ignored-key"},
             {Code::unused_job, "unused-job"},
             {Code::unused_parameter, "unused-parameter"},
             {Code::unused_command, "unused-command"},
             {Code::unused_executor, "unused-executor"},
             {Code::unused_orb, "unused-orb"},
             {Code::unused_job_group, "unused-job-group"},
             {Code::unreachable_job, "unreachable-job"},
             {Code::secret_literal, "secret-literal"},
             {Code::cache_key_without_checksum, "cache-key-without-checksum"},
             {Code::timeout_above_limit, "timeout-above-limit"}}};
}

// One station on the path to the place, or a second place that matters ("first used here").
struct Note {
    std::string message;
    std::string file;
    Range range;
    bool station = false;  // of the path: an alias, a merge, a call; the innermost comes first
    std::string excerpt;   // as in Diagnostic
    int excerpt_column = 1;
    int excerpt_width = 1;
    bool operator==(const Note&) const = default;
};
BOOST_DESCRIBE_STRUCT(Note, (), (message, file, range, station, excerpt, excerpt_column, excerpt_width))

// With place and excerpt filled in.
Note note_at(const Source& source, Span span, std::string message);

struct Diagnostic {
    Code code = Code::bad_value;
    Severity severity = Severity::error;
    std::string message;  // one sentence, no full stop
    std::string file;
    Range range;
    std::string expected;    // what would be right here; may be empty
    std::string suggestion;  // the nearest right name; may be empty
    std::vector<Note> notes;
    std::string excerpt;  // the source line, or the window of it around the range
    int excerpt_column = 1;
    int excerpt_width = 1;
};
BOOST_DESCRIBE_STRUCT(Diagnostic, (),
                      (code, severity, message, file, range, expected, suggestion, notes, excerpt, excerpt_column,
                       excerpt_width))

// So many errors, and so many warnings: more nobody reads. In the place of further ones stands one that counts them,
// `more_diagnostics`.
inline constexpr std::size_t max_diagnostics = 100;

// A text from the config as it may stand in a message: not too long.
std::string clipped(std::string_view text, std::size_t most_bytes = 400);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

// Errors before warnings, each by place, then what counts further ones. Stable.
void sort_by_use(std::vector<Diagnostic>& diagnostics);

}  // namespace gyre::config

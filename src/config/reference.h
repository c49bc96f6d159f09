#pragma once

// `<< expression >>` in the text of version 2.1: where the references of a scalar are, and what is text.
//
// `<<` begins a reference where what follows, up to the next `>>`, begins like an expression over parameters.*,
// pipeline.*, matrix.*, orb.* or trigger_parameters.*, or is as a whole an expression with a misspelled namespace or
// with a literal in front; any other `<<` is text, as in `cat <<EOF`. Before any `<<`, two backslashes are one, and a
// single one makes it text: `\<<` is `<<`, and `\\<<` is a backslash before a reference.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/source.h"

namespace gyre::config {

// `<<# parameters.x >>...<</ parameters.x >>` keeps what is between where x is true, `<<^ ... >>` where it is not: a
// leftover of the template language that the reference once used, and that configs still hold.
enum class PartKind { text, expression, section, inverted_section, section_end };

// A part of a scalar: text as it is meant (escapes resolved), or what stands between `<<` and `>>`.
struct TemplatePart {
    PartKind kind = PartKind::text;
    std::string text;  // of all but text: without the mark of a section and the white space around it
    Span at;           // in the scalar's text, `<<` and `>>` included
};

// Text alone gives at most one part. Linear in the text's size.
std::vector<TemplatePart> split_template(std::string_view text);

// Exact, and quick where there is no `<<`: whether split_template would give anything but the text itself.
bool has_marks(std::string_view text);

// Where a name is looked up, by what the reference begins with.
enum class Namespace { none, parameters, pipeline_parameters, pipeline, matrix };

// A reference in its two parts. The name may have dots of its own: {pipeline, "git.branch"}.
struct ReferenceParts {
    Namespace space = Namespace::none;
    std::string_view name;
};
ReferenceParts split_reference(std::string_view reference);
// The words that references may begin with, for suggestions.
const std::vector<std::string>& reference_namespaces();
// Whether text begins with one of those (or with one that meant something once), or with a word near one, and a dot.
bool is_like_reference(std::string_view text);

}  // namespace gyre::config

#include <memory>

#include "base/digest.h"
#include "config/elements.h"
#include "config/fields.h"
#include "config/read.h"
#include "model/orb.h"

namespace gyre::config {
namespace {

constexpr int deepest_import = 16;
constexpr const char* where_orbs_come_from =
    "its source in a directory given by --orb-dir, or on the server: gyre orb publish, gyre orb import";

// An orb's text and what was read of it; kept as long as the compile.
struct Import {
    Import(std::string file, std::string content) : text(std::move(content)), source(std::move(file), text) {}

    std::string text;
    Source source;
    Document document;
};

// "namespace/name@version", or nothing.
std::optional<OrbReference> parse_reference(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    OrbReference reference{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
    const bool good = check_orb_name(reference.name).ok() && !reference.version.empty() &&
                      reference.version.find_first_of(" \t/@") == std::string::npos;
    return good ? std::optional(std::move(reference)) : std::nullopt;
}

Elements* new_elements(Context& context, const Elements& importer, std::string_view alias) {
    auto elements = std::make_shared<Elements>();
    elements->prefix = importer.prefix + std::string(alias) + "/";
    elements->is_orb = true;
    elements->imports = importer.imports + 1;
    elements->scope.elements = elements.get();
    context.keep(elements);
    return elements.get();
}

// Reads an orb, inline or imported, from the mapping that it is.
Elements* read_orb(Context& context, Value key, Value body, const Elements& importer) {
    Elements* elements = new_elements(context, importer, key->text);
    body.scope = &elements->scope;
    const Fields checked(context, body, keys::orb, key);
    read_elements(context, body, *elements);
    return elements;
}

void report_unreadable(Context& context, Value at, const std::vector<Diagnostic>& diagnostics) {
    Problem problem{.code = Code::bad_orb,
                    .at = at,
                    .message = "the orb '" + clipped(at->text, 100) + "' cannot be read: it is no mapping"};
    if (!diagnostics.empty()) {
        const Diagnostic& first = diagnostics.front();
        problem.message = "the orb '" + clipped(at->text, 100) + "' cannot be read: " + first.message;
        problem.notes.push_back({.message = "in the orb's text",
                                 .file = first.file,
                                 .range = first.range,
                                 .excerpt = first.excerpt,
                                 .excerpt_column = first.excerpt_column,
                                 .excerpt_width = first.excerpt_width});
    }
    context.report(std::move(problem));
}

Elements* import_text(Context& context, Value key, Value at, const OrbText& orb, const Elements& importer) {
    if (!context.spend(orb.text.size(), at)) return nullptr;
    const auto import = std::make_shared<Import>(orb.file, orb.text);
    context.keep(import);
    std::vector<Diagnostic> diagnostics;
    import->document = read(import->source, diagnostics);
    const bool readable = import->document.root != nullptr && import->document.root->kind == NodeKind::mapping;
    if (!readable || has_errors(diagnostics)) {
        report_unreadable(context, at, diagnostics);
        return nullptr;
    }
    const Value root{import->document.root, at.via, &importer.scope};
    return read_orb(context, key, root, importer);
}

// Asks for each orb once: who imports it twice gets the same, and many imports of one cost one look.
const OrbAnswer& answer_to(Context& context, const OrbReference& reference) {
    const auto [known, is_new] = context.orb_answers.try_emplace({reference.name, reference.version});
    if (!is_new) return known->second;
    known->second = context.input().orbs
                        ? context.input().orbs(reference)
                        : OrbAnswer{OrbAbsent{"this check has no orbs to look in", where_orbs_come_from}};
    if (const auto* text = std::get_if<OrbText>(&known->second)) {
        context.orbs.push_back({reference.name, reference.version, text->version, sha256_hex(text->text)});
    }
    return known->second;
}

Elements* import_orb(Context& context, Value key, Value at, const Elements& importer) {
    const auto reference = parse_reference(at->text);
    if (!reference) {
        context.report({.code = Code::bad_orb,
                        .at = at,
                        .message = "'" + clipped(at->text, 100) + "' does not name an orb and its version",
                        .expected = "namespace/name@version, such as acme/tools@1.2.3"});
        return nullptr;
    }
    const OrbAnswer& answer = answer_to(context, *reference);
    if (const auto* text = std::get_if<OrbText>(&answer)) return import_text(context, key, at, *text, importer);
    const auto& absent = std::get<OrbAbsent>(answer);
    context.report({.code = Code::orb_unavailable,
                    .at = at,
                    .message = "the orb '" + clipped(at->text, 100) + "' is not available: " + absent.why,
                    .expected = absent.what_to_do});
    return nullptr;
}

bool nests_too_deep(Context& context, Value at, const Elements& importer) {
    if (importer.imports < deepest_import) return false;
    context.report({.code = Code::bad_orb,
                    .at = at,
                    .message = "orbs that import orbs, more than " + std::to_string(deepest_import) + " deep",
                    .expected = "fewer levels; does an orb import itself?"});
    return true;
}

}  // namespace

void read_orbs(Context& context, Value orbs, Elements& elements) {
    if (!orbs.is(NodeKind::mapping)) return;
    for (const Entry& entry : orbs->entries) {
        const Value key = context.key_of(orbs, entry);
        const Value value = context.value_of(orbs, entry);
        if (!value || !context.spend(sizeof(Elements), value)) return;
        OrbUse use{.key = key};
        if (nests_too_deep(context, value, elements)) {
            // and what it would define is not known
        } else if (value.is(NodeKind::mapping)) {
            use.elements = read_orb(context, key, value, elements);
        } else if (value.is(NodeKind::scalar)) {
            use.elements = import_orb(context, key, value, elements);
        } else {
            report_wrong_type(context, value, "the orb '" + clipped(key->text, 60) + "'", shape::text | shape::mapping);
        }
        elements.orbs.emplace(key->text, use);
    }
}

}  // namespace gyre::config

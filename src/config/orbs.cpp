#include <memory>
#include <optional>

#include "base/digest.h"
#include "config/elements.h"
#include "config/fields.h"
#include "config/read.h"
#include "model/orb_reference.h"

namespace gyre::config {

// What the source answered, and what was read of it. Many imports of an orb share one: nothing of it changes any more.
struct ImportedOrb {
    ImportedOrb(std::string file, std::string content) : text(std::move(content)), source(std::move(file), text) {}

    std::optional<OrbAbsent> absent;
    std::string text;
    Source source;
    std::optional<Document> document;
    std::vector<Diagnostic> diagnostics;
};

namespace {

constexpr int deepest_import = 16;
constexpr const char* where_orbs_come_from =
    "its source in a directory given by --orb-dir, or on the server: gyre orb publish, gyre orb import";

Elements* new_elements(Context& context, const Elements& importer, std::string_view alias) {
    auto elements = std::make_shared<Elements>();
    elements->prefix = importer.prefix + std::string(alias) + "/";
    elements->is_orb = true;
    elements->importer = &importer;
    elements->imports = importer.imports + 1;
    elements->scope.elements = elements.get();
    context.keep(elements);
    return elements.get();
}

// Reads an orb from the mapping that it is: an inline one, or with its reference an imported one.
Elements* read_orb(Context& context, Value key, Value body, const Elements& importer, std::string reference = {}) {
    Elements* elements = new_elements(context, importer, key->text);
    elements->reference = std::move(reference);
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

// Pays for the whole of it: the text and its tree live as long as the compile.
void read_text(Context& context, Value at, ImportedOrb& orb) {
    if (!context.spend(orb.text.size(), at)) return;
    orb.document.emplace(context.secrets().read(orb.source, orb.diagnostics, context.reading()).document);
    context.spend(orb.document->nodes().size() * sizeof(Node), at);
}

// Asks for each orb once and reads it once, however many imports of it there are.
const ImportedOrb& imported(Context& context, Value at, const OrbReference& reference) {
    std::shared_ptr<const ImportedOrb>& known = context.imports[{reference.name, reference.version}];
    if (known != nullptr) return *known;
    OrbAnswer answer = context.input().orbs
                           ? context.input().orbs(reference)
                           : OrbAnswer{OrbAbsent{"this check has no orbs to look in", where_orbs_come_from}};
    std::shared_ptr<ImportedOrb> orb;
    if (auto* found = std::get_if<OrbText>(&answer)) {
        context.orbs.push_back({reference.name, reference.version, found->version, sha256_hex(found->text)});
        orb = std::make_shared<ImportedOrb>(std::move(found->file), std::move(found->text));
        read_text(context, at, *orb);
    } else {
        orb = std::make_shared<ImportedOrb>(std::string(), std::string());
        orb->absent = std::get<OrbAbsent>(std::move(answer));
    }
    known = std::move(orb);
    return *known;
}

// "a/b@1 -> c/d@1 -> a/b@1" when the importer is, or is imported by, the orb of that reference; otherwise nothing.
std::string cycle_of(std::string_view reference, const Elements& importer) {
    std::string path(reference);
    for (const Elements* one = &importer; one != nullptr; one = one->importer) {
        if (!one->reference.empty()) path = one->reference + " -> " + path;
        if (one->reference == reference) return path;
    }
    return {};
}

bool imports_itself(Context& context, Value at, const Elements& importer) {
    const std::string cycle = cycle_of(at->text, importer);
    if (cycle.empty()) return false;
    context.report({.code = Code::bad_orb,
                    .at = at,
                    .message = "the orb imports itself: " + clipped(cycle),
                    .expected = "an import that does not lead back here"});
    return true;
}

Elements* import_orb(Context& context, Value key, Value at, const Elements& importer) {
    const auto reference = parse_orb_reference(at->text);
    if (!reference) {
        context.report(
            {.code = Code::bad_orb,
             .at = at,
             .message = "'" + clipped(at->text, 100) + "' does not name an orb and its version",
             .expected = "namespace/name@version, with 1.2.3, 1.2, 1, volatile or dev:label as the version"});
        return nullptr;
    }
    if (imports_itself(context, at, importer)) return nullptr;
    const ImportedOrb& orb = imported(context, at, *reference);
    if (orb.absent) {
        const std::string& near = orb.absent->nearest;
        context.report({.code = Code::orb_unavailable,
                        .at = at,
                        .message = "the orb '" + clipped(at->text, 100) + "' is not available: " + orb.absent->why,
                        .expected = orb.absent->what_to_do,
                        .suggestion = near.empty() ? "" : near + "@" + reference->version});
        return nullptr;
    }
    const Node* root = orb.document ? orb.document->root() : nullptr;
    if (root == nullptr || root->kind != NodeKind::mapping || has_errors(orb.diagnostics)) {
        report_unreadable(context, at, orb.diagnostics);
        return nullptr;
    }
    return read_orb(context, key, {root, at.via, &importer.scope}, importer, at->text);
}

bool nests_too_deep(Context& context, Value at, const Elements& importer) {
    if (importer.imports < deepest_import) return false;
    context.report({.code = Code::bad_orb,
                    .at = at,
                    .message = "orbs that import orbs, more than " + std::to_string(deepest_import) + " deep",
                    .expected = "fewer levels"});
    return true;
}

// What it defines is called alias/name.
bool check_alias(Context& context, Value alias) {
    if (alias->text.find_first_of("/@ \t") == std::string::npos && !alias->text.empty()) return true;
    context.report(
        {.code = Code::bad_orb,
         .at = alias,
         .message = "'" + clipped(alias->text, 60) + "' cannot be the name of an import",
         .expected = "letters, digits, '-' and '_': what the orb defines is called by it, as in tools/install"});
    return false;
}

}  // namespace

void read_orbs(Context& context, Value orbs, Elements& elements) {
    if (!orbs.is(NodeKind::mapping)) return;
    for (const Entry& entry : orbs->entries) {
        const Value key = context.key_of(orbs, entry);
        const Value value = context.value_of(orbs, entry);
        if (!value || !context.spend(sizeof(Elements), value)) return;
        OrbUse use{.key = key};
        if (!check_alias(context, key)) continue;
        if (nests_too_deep(context, value, elements)) {
            // and what it would define is not known
        } else if (value.is(NodeKind::mapping)) {
            use.is_inline = true;
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

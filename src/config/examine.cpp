#include "config/examine.h"

#include <algorithm>

#include "config/hide_secrets.h"
#include "config/literals.h"

namespace gyre::config {

std::vector<Diagnostic> examine(std::string_view text, const CompileInput& input, const CompileLimits& limits,
                                const std::function<void(Context&, const Node& root)>& look) {
    const Source source(input.file, text);
    std::vector<Diagnostic> diagnostics;
    const Document document = read(source, diagnostics, limits.read);
    if (document.root != nullptr) {
        Context context(input, limits.expanded_bytes);
        context.own = &source;
        context.incomplete = std::any_of(diagnostics.begin(), diagnostics.end(),
                                         [](const Diagnostic& one) { return one.code != Code::duplicate_key; });
        look(context, *document.root);
        check_literals(context, document);
        for (Diagnostic& one : context.take_diagnostics()) diagnostics.push_back(std::move(one));
        sort_by_use(diagnostics);
    }
    hide_secrets(diagnostics);
    return diagnostics;
}

}  // namespace gyre::config

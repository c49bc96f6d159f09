#include "config/examine.h"

#include <algorithm>

#include "config/hide_secrets.h"
#include "config/literals.h"

namespace gyre::config {

namespace {

Diagnostic not_read_any_further(Diagnostic last) {
    last.code = Code::more_diagnostics;
    last.message = std::to_string(max_diagnostics) + " errors are shown, and the text behind them has not been read";
    last.expected.clear();
    last.suggestion.clear();
    last.notes.clear();
    return last;
}

}  // namespace

std::vector<Diagnostic> examine(std::string_view text, const CompileInput& input, const CompileLimits& limits,
                                const std::function<void(Context&, const Node& root)>& look) {
    Source source(input.file, text);
    HiddenSecrets secrets;
    std::vector<Diagnostic> diagnostics;
    const auto [document, found] = secrets.read(source, diagnostics, limits.read);
    if (document.root() != nullptr) {
        Context context(input, source, limits.expanded_bytes, limits.read, secrets);
        context.count_errors(diagnostics.size());
        context.incomplete = std::any_of(diagnostics.begin(), diagnostics.end(),
                                         [](const Diagnostic& one) { return one.code != Code::duplicate_key; });
        look(context, *document.root());
        check_literals(context, document, found);
        for (Diagnostic& one : context.take_diagnostics()) diagnostics.push_back(std::move(one));
        sort_by_use(diagnostics);
    } else if (diagnostics.size() >= max_diagnostics) {
        diagnostics.push_back(not_read_any_further(diagnostics.back()));
    }
    secrets.hide_in(diagnostics);
    return diagnostics;
}

}  // namespace gyre::config

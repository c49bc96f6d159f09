#include "config/explain.h"

#include <algorithm>
#include <vector>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

std::string indented(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) lines += "    ";
        lines += std::string(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<Explanation> collected() {
    std::vector<Explanation> all;
    for (const auto part : {explained_text(), explained_language(), explained_jobs(), explained_workflows(),
                            explained_parameters(), explained_reuse(), explained_unused(), explained_advice()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    std::sort(all.begin(), all.end(), [](const Explanation& a, const Explanation& b) { return a.code < b.code; });
    return all;
}

}  // namespace

std::span<const Explanation> explanations() {
    static const std::vector<Explanation> all = collected();
    return all;
}

const Explanation& explanation_of(Code code) {
    static constexpr Explanation unknown{
        .code = Code::bad_value, .summary = "no explanation", .meaning = "", .fix = ""};
    const auto all = explanations();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Explanation& one) { return one.code == code; });
    return found == all.end() ? unknown : *found;
}

std::string explained(const Explanation& explanation) {
    std::string text = std::string(name_of(explanation.code)) + ": " + std::string(explanation.summary) + "\n\n";
    text += std::string(explanation.meaning) + "\n\n" + std::string(explanation.fix) + "\n";
    if (!explanation.wrong.empty()) text += "\nWrong:\n\n" + indented(explanation.wrong);
    if (!explanation.right.empty()) text += "\nRight:\n\n" + indented(explanation.right);
    if (!explanation.not_shown.empty()) text += "\n" + std::string(explanation.not_shown) + "\n";
    return text;
}

}  // namespace gyre::config

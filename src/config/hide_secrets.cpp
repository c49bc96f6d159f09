#include "config/hide_secrets.h"

#include <limits>

namespace gyre::config {
namespace {

constexpr std::size_t shortest = 4;  // bytes; what is shorter would be found in every word

struct Secret {
    std::string file;
    Range range;
};

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// Characters [from, to) of the text, counted from 1, each as `*`. Gives what stood there.
std::string hide(std::string& text, int from, int to) {
    std::string hidden;
    std::string kept;
    int column = 0;
    for (const char byte : text) {
        const bool starts = starts_character(byte);
        if (starts) ++column;
        const bool inside = column >= from && column < to;
        if (inside) hidden += byte;
        if (!inside) kept += byte;
        if (inside && starts) kept += '*';
    }
    text = std::move(kept);
    return hidden;
}

// Hides the part of the secret that an excerpt shows; gives that part.
template <typename Marked>  // a Diagnostic or a Note
std::string hide_in_excerpt(Marked& one, const Secret& secret) {
    const int line = one.range.line;
    const Range& range = secret.range;
    if (one.excerpt.empty() || one.file != secret.file || line < range.line || line > range.end_line) return {};
    const int first_column = one.range.column - one.excerpt_column + 1;  // of the excerpt in the line
    const int from = line == range.line ? range.column - first_column + 1 : 1;
    const int to = line == range.end_line ? range.end_column - first_column + 1 : std::numeric_limits<int>::max();
    return hide(one.excerpt, from, to);
}

void hide_in_text(std::string& text, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + shortest)) {
            text.replace(at, word.size(), shortest, '*');
        }
    }
}

void remember(std::vector<std::string>& words, std::string word) {
    const auto quote = [](char c) { return c == '"' || c == '\''; };
    if (word.size() > 2 && quote(word.front())) word = word.substr(1, word.size() - 1 - (quote(word.back()) ? 1 : 0));
    const bool hidden_already = word.find_first_not_of('*') == std::string::npos;
    if (word.size() >= shortest && !hidden_already) words.push_back(std::move(word));
}

}  // namespace

void hide_secrets(std::vector<Diagnostic>& diagnostics) {
    std::vector<Secret> secrets;
    for (const Diagnostic& one : diagnostics) {
        if (one.code == Code::secret_literal) secrets.push_back({one.file, one.range});
    }
    std::vector<std::string> words;
    for (const Secret& secret : secrets) {
        for (Diagnostic& one : diagnostics) {
            remember(words, hide_in_excerpt(one, secret));
            for (Note& note : one.notes) remember(words, hide_in_excerpt(note, secret));
        }
    }
    for (Diagnostic& one : diagnostics) {
        for (std::string* text : {&one.message, &one.expected, &one.suggestion}) hide_in_text(*text, words);
        for (Note& note : one.notes) hide_in_text(note.message, words);
    }
}

}  // namespace gyre::config

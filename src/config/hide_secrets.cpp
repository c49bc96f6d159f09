#include "config/hide_secrets.h"

#include <algorithm>

namespace gyre::config {
namespace {

constexpr std::size_t shortest = 4;  // bytes; what is shorter would be found in every word
constexpr std::size_t telling = 12;  // bytes; so many of a secret's first ones are no accident
constexpr std::size_t most_secrets = 10'000;
constexpr std::string_view cut = "...";  // as clipped() (config/diagnostic.h) has it

Diagnostic too_many_secrets(const Source& source, Span at) {
    auto found = diagnose(source, Code::too_many_nodes, at,
                          "more than " + std::to_string(most_secrets) + " values look like secrets, the limit");
    found.expected = "variables of a context or of the project, used as $NAME";
    return found;
}

template <typename Marked>  // a Diagnostic or a Note
void renew_excerpt(const Source& source, Marked& one) {
    if (one.excerpt.empty()) return;
    one.excerpt = source.excerpt(source.span(one.range)).text;
}

}  // namespace

ReadText HiddenSecrets::read(Source& source, std::vector<Diagnostic>& diagnostics, const ReadLimits& limits) {
    if (source.text().size() <= limits.bytes) {
        const std::vector<Span> places = secrets_in_text(source.text());
        source.hide(places);
        if (!fits(source, places, diagnostics)) return {};
        for (const Span& one : places) add(source.text().substr(one.begin, one.end - one.begin));
    }
    const std::size_t before = diagnostics.size();
    ReadText text{config::read(source, diagnostics, limits), {}};
    text.secrets = secrets_in(text.document);
    if (text.secrets.empty()) return text;
    std::vector<Span> places;
    std::vector<Span> further;
    for (const Secret& one : text.secrets) {
        places.push_back(one.at);
        if (!source.hides_some_of(one.at)) further.push_back(one.at);
        add(one.text);
    }
    source.hide(places);
    if (!fits(source, further, diagnostics)) {
        text.document.set_root(nullptr);
        text.secrets.clear();
    }
    for (std::size_t i = before; i < diagnostics.size(); ++i) {
        renew_excerpt(source, diagnostics[i]);
        for (Note& note : diagnostics[i].notes) renew_excerpt(source, note);
    }
    return text;
}

bool HiddenSecrets::fits(const Source& source, const std::vector<Span>& places, std::vector<Diagnostic>& diagnostics) {
    const std::size_t before = count_;
    count_ += places.size();
    if (count_ <= most_secrets) return true;
    diagnostics.push_back(too_many_secrets(source, places[most_secrets - std::min(most_secrets, before)]));
    return false;
}

void HiddenSecrets::add(std::string_view word) {
    if (word.size() >= shortest) words_.emplace_back(word);
}

void HiddenSecrets::hide_in(std::vector<Diagnostic>& diagnostics) {
    if (words_.empty()) return;
    std::sort(words_.begin(), words_.end());
    for (Diagnostic& one : diagnostics) {
        for (std::string* text : {&one.message, &one.expected, &one.suggestion}) hide_in(*text, Width::any);
        hide_in(one.excerpt, Width::same);
        for (Note& note : one.notes) {
            hide_in(note.message, Width::any);
            hide_in(note.excerpt, Width::same);
        }
    }
}

void HiddenSecrets::hide_in(std::string& text, Width width) const {
    for (std::size_t at = 0; at + shortest <= text.size();) {
        const std::size_t size = size_at(std::string_view(text).substr(at));
        const std::size_t stars = width == Width::same ? size : shortest;
        if (size > 0) text.replace(at, size, stars, '*');
        at += size > 0 ? stars : 1;
    }
}

// How much of the text's beginning is a secret, or as much of one as the message shows. The words that begin like the
// text are neighbours: each further byte leaves fewer of them.
std::size_t HiddenSecrets::size_at(std::string_view text) const {
    auto low = words_.begin();
    auto high = words_.end();
    std::size_t found = 0;
    for (std::size_t size = 1; size <= text.size(); ++size) {
        const auto byte = static_cast<unsigned char>(text[size - 1]);
        const auto byte_of = [&](const std::string& word) {
            return word.size() < size ? -1 : static_cast<int>(static_cast<unsigned char>(word[size - 1]));
        };
        low = std::partition_point(low, high, [&](const std::string& word) { return byte_of(word) < byte; });
        high = std::partition_point(low, high, [&](const std::string& word) { return byte_of(word) == byte; });
        if (low == high) return found;
        const bool is_cut = size >= shortest && text.substr(size).starts_with(cut);
        if (low->size() == size || is_cut || size >= telling) found = size;
    }
    return found;
}

}  // namespace gyre::config

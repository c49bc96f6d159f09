#include "injob/arguments.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gyre::injob {
namespace {

std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

Error unknown_option(std::string_view name, const OptionNames& known) {
    std::vector<std::string> names(known.with_value.begin(), known.with_value.end());
    names.insert(names.end(), known.switches.begin(), known.switches.end());
    const std::string near = nearest_name(name, names);
    return invalid("unknown option --" + std::string(name) + (near.empty() ? "" : "; did you mean --" + near + "?"));
}

}  // namespace

std::string nearest_name(std::string_view wrong, std::span<const std::string> known) {
    std::string best;
    std::size_t best_distance = wrong.size() > 64 ? 0 : std::max<std::size_t>(2, wrong.size() / 3) + 1;
    for (const auto& name : known) {
        const auto distance = best_distance == 0 ? best_distance : edits_between(wrong, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string Arguments::text(std::string_view name, const std::string& fallback) const {
    const auto found = options.find(name);
    return found == options.end() ? fallback : found->second;
}

Result<long long> Arguments::number(std::string_view name, long long fallback) const {
    const auto found = options.find(name);
    if (found == options.end()) return fallback;
    const std::string& text = found->second;
    long long value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || value < 0) {
        return invalid("--" + std::string(name) + " must be a whole number, not '" + text + "'");
    }
    return value;
}

Result<Arguments> parse_arguments(std::span<const std::string> words, const OptionNames& known) {
    Arguments parsed;
    bool options_end = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto letter = word.size() == 2 && word[0] == '-' ? known.letters.find(word[1]) : known.letters.end();
        if (!options_end && letter != known.letters.end()) {
            parsed.options[letter->second] = "";
            continue;
        }
        if (options_end || !word.starts_with("--")) {
            parsed.rest.push_back(word);
            continue;
        }
        if (word == "--") {
            options_end = true;
            continue;
        }
        const auto equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        const bool takes_value = known.with_value.contains(name);
        if (!takes_value && !known.switches.contains(name)) return unknown_option(name, known);
        if (equals != std::string::npos) {
            parsed.options[name] = word.substr(equals + 1);
        } else if (!takes_value) {
            parsed.options[name] = "";
        } else if (i + 1 < words.size()) {
            parsed.options[name] = words[++i];
        } else {
            return invalid("--" + name + " needs a value");
        }
    }
    return parsed;
}

}  // namespace gyre::injob

#pragma once

// A tree of values -> YAML in block style, for people: text keeps every character, is quoted only where it would be
// read as something else, and stands in a literal block where it has several lines.

#include <string>
#include <vector>

namespace gyre::config {

struct Yaml {
    enum class Kind { text, word, list, mapping };

    static Yaml of_text(std::string text) { return {Kind::text, std::move(text), {}, {}}; }
    // Stands as it is: `true`, `12`.
    static Yaml of_word(std::string word) { return {Kind::word, std::move(word), {}, {}}; }
    static Yaml of_texts(const std::vector<std::string>& texts);
    static Yaml list() { return {Kind::list, {}, {}, {}}; }
    static Yaml mapping() { return {Kind::mapping, {}, {}, {}}; }

    // Of a list; and of a mapping, whose keys must be unique.
    Yaml& add(Yaml item);
    Yaml& set(std::string key, Yaml value);
    // For what is left out when it says nothing.
    Yaml& set_unless_empty(std::string key, const std::string& value);

    Kind kind = Kind::mapping;
    std::string text;
    std::vector<std::string> keys;  // of a mapping, as many as items
    std::vector<Yaml> items;
};

// Ends with a line end. The texts may be any bytes; what is not UTF-8 becomes U+FFFD.
std::string write_yaml(const Yaml& value);

}  // namespace gyre::config

// SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "base/json.h"
#include "config/explain.h"
#include "config/render.h"

namespace gyre::config {
namespace {

std::string uri_of(std::string_view file) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view kept = "/-._~@+";
    std::string uri = file.starts_with('/') ? "file://" : "";
    for (const char c : file) {
        if (is_letter_or_digit(c) || kept.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            uri += '%';
            uri += digits[byte >> 4U];
            uri += digits[byte & 0xFU];
        }
    }
    return uri;
}

json::object region_of(const Range& range) {
    return {{"startLine", range.line},
            {"startColumn", range.column},
            {"endLine", range.end_line},
            {"endColumn", range.end_column}};
}

json::object physical_location(const std::string& file, const Range& range) {
    return {{"artifactLocation", json::object{{"uri", uri_of(file)}}}, {"region", region_of(range)}};
}

json::array related_locations(const Diagnostic& one) {
    json::array related;
    for (const Note& note : one.notes) {
        related.push_back(json::object{{"id", related.size()},
                                       {"message", json::object{{"text", note.message}}},
                                       {"physicalLocation", physical_location(note.file, note.range)}});
    }
    return related;
}

// What the range marks, without quotes; empty when it is more than one word.
std::string marked_word(const Diagnostic& one) {
    if (one.range.end_line != one.range.line || one.excerpt_width != one.range.end_column - one.range.column) return {};
    const std::string_view line = one.excerpt;
    if (!std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return {};
    const auto column = static_cast<std::size_t>(one.excerpt_column - 1);
    if (column >= line.size()) return {};
    std::string_view word = line.substr(column, static_cast<std::size_t>(one.excerpt_width));
    if (word.size() > 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front()) {
        word = word.substr(1, word.size() - 2);
    }
    const bool one_word = word.find_first_of(" \t<>{}[],*&") == std::string_view::npos;
    return std::string(one_word ? word : std::string_view{});
}

// Safe only where the wrong name is all that the range marks: then it is the message that names it.
bool replaces_exactly(const Diagnostic& one) {
    const std::string word = marked_word(one);
    return !one.suggestion.empty() && !word.empty() && one.message.find(word) != std::string::npos;
}

json::array fixes(const Diagnostic& one) {
    const json::object replacement{{"deletedRegion", region_of(one.range)},
                                   {"insertedContent", json::object{{"text", one.suggestion}}}};
    const json::object change{{"artifactLocation", json::object{{"uri", uri_of(one.file)}}},
                              {"replacements", json::array{replacement}}};
    return {json::object{{"description", json::object{{"text", "Write '" + one.suggestion + "'"}}},
                         {"artifactChanges", json::array{change}}}};
}

std::string message_of(const Diagnostic& one) {
    std::string text = one.message;
    if (!one.suggestion.empty()) text += "; did you mean '" + one.suggestion + "'?";
    if (!one.expected.empty()) text += (one.suggestion.empty() ? "; expected " : " Expected ") + one.expected;
    return text;
}

json::object rule_of(Code code) {
    const Explanation& why = explanation_of(code);
    return {{"id", name_of(code)},
            {"shortDescription", json::object{{"text", why.summary}}},
            {"fullDescription", json::object{{"text", why.meaning}}},
            {"help", json::object{{"text", explained(why)}}}};
}

json::object result_of(const Diagnostic& one, std::size_t rule) {
    json::object result{{"ruleId", name_of(one.code)},
                        {"ruleIndex", rule},
                        {"level", name_of(one.severity)},
                        {"message", json::object{{"text", message_of(one)}}}};
    result["locations"] = json::array{json::object{{"physicalLocation", physical_location(one.file, one.range)}}};
    if (!one.notes.empty()) result["relatedLocations"] = related_locations(one);
    if (replaces_exactly(one)) result["fixes"] = fixes(one);
    return result;
}

}  // namespace

std::string render_sarif(const std::vector<Diagnostic>& diagnostics) {
    std::vector<Code> seen;
    json::array rules;
    json::array results;
    for (const Diagnostic& one : diagnostics) {
        auto rule = std::find(seen.begin(), seen.end(), one.code);
        if (rule == seen.end()) {
            rules.push_back(rule_of(one.code));
            rule = seen.insert(rule, one.code);
        }
        results.push_back(result_of(one, static_cast<std::size_t>(rule - seen.begin())));
    }
    const json::object driver{{"name", "Gyre"}, {"rules", std::move(rules)}};
    const json::object run{{"tool", json::object{{"driver", driver}}},
                           {"columnKind", "unicodeCodePoints"},
                           {"results", std::move(results)}};
    return json::serialize(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                        {"version", "2.1.0"},
                                        {"runs", json::array{run}}});
}

}  // namespace gyre::config

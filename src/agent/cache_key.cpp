#include "agent/cache_key.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "base/utf8.h"

namespace gyre::agent {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The quoted argument of a function: "text" or `text`, with \" and \\ in the former.
Result<std::string> quoted(std::string_view text, const std::string& place) {
    const Error wrong =
        invalid(place + ": checksum wants a file in double quotes, as in {{ checksum \"package.json\" }}");
    if (text.size() < 3 || (text.front() != '"' && text.front() != '`') || text.back() != text.front()) return wrong;
    const char quote = text.front();
    text = text.substr(1, text.size() - 2);
    std::string value;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == quote) return wrong;
        if (text[at] == '\\' && quote == '"') {
            if (++at == text.size()) return wrong;
        }
        value += text[at];
    }
    return value;
}

Result<std::string> evaluate(std::string_view expression, const KeyFacts& facts, const std::string& place) {
    if (expression == ".Branch") return facts.branch;
    if (expression == ".BuildNum") return facts.build_number;
    if (expression == ".Revision") return facts.revision;
    if (expression == ".CheckoutKey") return std::string{};
    if (expression == "epoch") return facts.epoch;
    if (expression == "arch") return facts.arch;
    constexpr std::string_view environment = ".Environment.";
    if (expression.starts_with(environment) && expression.size() > environment.size()) {
        const std::string name(expression.substr(environment.size()));
        if (name.find_first_of(" \t.|()\"") == std::string::npos) return facts.variable(name);
    }
    constexpr std::string_view checksum = "checksum";
    if (expression.starts_with(checksum)) {
        GYRE_TRY_ASSIGN(const std::string file, quoted(trimmed(expression.substr(checksum.size())), place));
        auto sum = facts.checksum(file);
        if (!sum) return sum.error().during(place);
        return sum;
    }
    return invalid(fmt::format(
        "{}: '{}' is not known here; there are .Branch, .BuildNum, .Revision, .CheckoutKey, .Environment.NAME, "
        "checksum \"file\", epoch and arch",
        place, expression));
}

// "model : 85" -> "85"
std::string field(std::string_view cpuinfo, std::string_view name) {
    std::size_t at = 0;
    while (at < cpuinfo.size()) {
        const auto end = std::min(cpuinfo.find('\n', at), cpuinfo.size());
        const std::string_view line = cpuinfo.substr(at, end - at);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == name)
            return std::string(trimmed(line.substr(colon + 1)));
        at = end + 1;
    }
    return {};
}

}  // namespace

Result<std::string> evaluate_key(std::string_view text, const KeyFacts& facts) {
    std::string key;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find("{{", at);
        key += text.substr(at, open == std::string_view::npos ? open : open - at);
        if (open == std::string_view::npos) break;
        const std::string place = fmt::format("cache key '{}', column {}", text.substr(0, 100), open + 1);
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos) return invalid(place + ": {{ is not closed by }}");
        GYRE_TRY_ASSIGN(const std::string value,
                        evaluate(trimmed(text.substr(open + 2, close - open - 2)), facts, place));
        key += value;
        at = close + 2;
    }
    key = valid_utf8(key);
    const std::string name = fmt::format("cache key '{}'", text.substr(0, 100));
    if (key.empty()) return invalid(name + " is empty");
    if (key.size() > longest_key)
        return invalid(fmt::format("{} has {} characters; the limit is {}", name, key.size(), longest_key));
    if (key.find_first_of(",\n\r") != std::string::npos || key.find('\0') != std::string::npos) {
        return invalid(name + " becomes '" + key + "': commas, line ends and NUL are not allowed in keys");
    }
    return key;
}

std::string arch_text(std::string_view cpuinfo) {
    utsname machine{};
    ::uname(&machine);
    std::string architecture = machine.machine;
    if (architecture == "x86_64") architecture = "amd64";
    if (architecture == "aarch64") architecture = "arm64";
    const std::string family = field(cpuinfo, "cpu family");
    const std::string model = field(cpuinfo, "model");
    if (family.empty() || model.empty()) return "linux-" + architecture;
    return "linux-" + architecture + '-' + family + '_' + model;
}

}  // namespace gyre::agent

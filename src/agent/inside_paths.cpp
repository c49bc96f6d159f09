#include "agent/inside_paths.h"

#include "base/utf8.h"

namespace gyre::agent {
namespace {

constexpr std::size_t longest_artifact_name = 1024;  // bytes; the server's limit

// Calls `take` for each part between slashes that is not empty and not ".".
template <typename Take>
void each_part(std::string_view path, Take take) {
    while (!path.empty()) {
        const auto end = path.find('/');
        const auto part = path.substr(0, end);
        if (!part.empty() && part != ".") take(part);
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
}

void append(std::string& to, std::string_view path) {
    each_part(path, [&](std::string_view part) {
        if (part == "..") {
            const auto slash = to.rfind('/');
            to.erase(slash == std::string::npos ? 0 : slash);
        } else {
            to += '/';
            to += part;
        }
    });
}

}  // namespace

std::string resolve_inside(std::string_view written, const std::string& base, const std::string& home) {
    std::string path;
    if (written == "~" || written.starts_with("~/")) {
        append(path, home);
        append(path, written.substr(1));
    } else {
        if (!written.starts_with('/')) append(path, base);
        append(path, written);
    }
    return path.empty() ? "/" : path;
}

Result<std::vector<std::string>> shell_words(std::string_view text) {
    std::vector<std::string> words;
    std::optional<std::string> word;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (quote == 0 && blank) {
            if (word) words.push_back(std::move(*word));
            word.reset();
            continue;
        }
        if (!word) word.emplace();
        if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
            *word += text[++at];
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else {
            *word += c;
        }
    }
    if (quote != 0) return invalid("shell '" + std::string(text) + "': a quote is not closed");
    if (word) words.push_back(std::move(*word));
    if (words.empty()) return invalid("shell is empty: leave it out, or name a program");
    return words;
}

std::optional<std::string> artifact_name(std::string_view path) {
    std::string name;
    bool hostile = false;
    each_part(path, [&](std::string_view part) {
        hostile = hostile || part == "..";
        if (!name.empty()) name += '/';
        for (const char c : part) name += static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\' ? '_' : c;
    });
    name = valid_utf8(name);
    if (hostile || name.empty() || name.size() > longest_artifact_name) return std::nullopt;
    return name;
}

}  // namespace gyre::agent

#include "injob/glob.h"

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <set>

namespace gyre::injob {
namespace {

constexpr std::size_t most_alternatives = 10'000;

// The byte length of the UTF-8 character at the front; 1 for what is not UTF-8.
std::size_t character_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return std::min(length, text.size());
}

struct ClassMatch {
    bool matched = false;
    std::size_t length = 0;  // of the class in the pattern
};

// pattern[0] == '['. Nothing when the class is not closed.
std::optional<ClassMatch> match_class(std::string_view pattern, std::string_view character, GlobRules rules) {
    std::size_t at = 1;
    const auto negated =
        at < pattern.size() && (pattern[at] == '^' || (rules == GlobRules::tests && pattern[at] == '!'));
    if (negated) ++at;
    const auto take = [&]() -> std::optional<std::string_view> {
        if (at < pattern.size() && pattern[at] == '\\') ++at;
        if (at >= pattern.size()) return std::nullopt;
        const auto one = pattern.substr(at, character_length(pattern.substr(at)));
        at += one.size();
        return one;
    };
    bool found = false;
    for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
        const auto low = take();
        auto high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            high = take();
        }
        if (!low || !high) return std::nullopt;
        if (*low <= character && character <= *high) found = true;
    }
    if (at >= pattern.size()) return std::nullopt;
    return ClassMatch{found != negated, at + 1};
}

struct Step {
    std::size_t pattern = 0;
    std::size_t text = 0;
};

// One pattern element other than '*' against the front of `text`.
std::optional<Step> match_one(std::string_view pattern, std::string_view text, GlobRules rules) {
    if (text.empty()) return std::nullopt;
    const std::size_t length = character_length(text);
    if (pattern[0] == '?') return Step{1, length};
    if (pattern[0] == '[') {
        const auto matched = match_class(pattern, text.substr(0, length), rules);
        if (!matched || !matched->matched) return std::nullopt;
        return Step{matched->length, length};
    }
    const std::size_t escaped = pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
    if (pattern[escaped] != text[0]) return std::nullopt;
    return Step{escaped + 1, 1};
}

std::vector<std::string> components_of(std::string_view pattern) {
    std::vector<std::string> components;
    std::size_t at = 0;
    while (at <= pattern.size()) {
        const auto end = std::min(pattern.find('/', at), pattern.size());
        const auto part = pattern.substr(at, end - at);
        const bool repeated = part == "**" && !components.empty() && components.back() == "**";
        if (!part.empty() && !repeated) components.emplace_back(part);
        at = end + 1;
    }
    return components;
}

bool has_magic(std::string_view part) { return part.find_first_of("*?[\\") != std::string_view::npos; }

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.empty() ? "." : directory.c_str()), &closedir);
    if (!stream) return names;
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

bool is_directory(const std::string& path, bool follow) {
    struct stat facts {};
    const int failed = follow ? stat(path.c_str(), &facts) : lstat(path.c_str(), &facts);
    return failed == 0 && S_ISDIR(facts.st_mode);
}

class Walk {
public:
    Walk(std::vector<std::string> components, const std::string& base, GlobRules rules, std::size_t limit)
        : components_(std::move(components)), base_(base), rules_(rules), limit_(limit) {}

    // `path` is as it will be printed; `at` is the next component.
    void visit(const std::string& path, std::size_t at) {
        if (found_.size() > limit_ || !visited_.emplace(path, at).second) return;
        if (at == components_.size()) {
            found_.insert(path);
            return;
        }
        const std::string& part = components_[at];
        if (rules_ == GlobRules::tests && part == "**") {
            visit_any_depth(path, at);
        } else if (!has_magic(part)) {
            const auto next = joined(path, part);
            struct stat facts {};
            if (lstat(real(next).c_str(), &facts) == 0) visit(next, at + 1);
        } else {
            for (const auto& name : names_in(real(path))) {
                const bool last = at + 1 == components_.size();
                if (!matches_name(part, name, rules_)) continue;
                if (last || is_directory(real(joined(path, name)), true)) visit(joined(path, name), at + 1);
            }
        }
    }

    bool overflowed() const { return found_.size() > limit_; }
    std::set<std::string> take() { return std::move(found_); }

private:
    void visit_any_depth(const std::string& path, std::size_t at) {
        const bool last = at + 1 == components_.size();
        if (!last) visit(path, at + 1);
        for (const auto& name : names_in(real(path))) {
            const auto next = joined(path, name);
            if (last) found_.insert(next);
            if (is_directory(real(next), false)) visit(next, at);
        }
    }
    static std::string joined(const std::string& path, const std::string& name) {
        return path.empty() || path.ends_with('/') ? path + name : path + "/" + name;
    }
    std::string real(const std::string& path) const {
        if (path.starts_with('/')) return path;
        return path.empty() ? base_ : base_ + "/" + path;
    }

    std::vector<std::string> components_;
    std::string base_;
    GlobRules rules_;
    std::size_t limit_;
    std::set<std::string> found_;
    std::set<std::pair<std::string, std::size_t>> visited_;
};

}  // namespace

bool matches_name(std::string_view pattern, std::string_view name, GlobRules rules) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::optional<Step> retry;  // where the last '*' stood, and what it has not yet swallowed
    while (n < name.size() || p < pattern.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            retry = Step{++p, n};
            continue;
        }
        const auto step = p < pattern.size() ? match_one(pattern.substr(p), name.substr(n), rules) : std::nullopt;
        if (step) {
            p += step->pattern;
            n += step->text;
        } else if (retry && retry->text < name.size()) {
            p = retry->pattern;
            n = ++retry->text;
        } else {
            return false;
        }
    }
    return true;
}

Result<void> check_pattern(std::string_view pattern, GlobRules rules) {
    if (pattern.empty()) return invalid("an empty pattern matches nothing");
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\') {
            if (++at == pattern.size()) return invalid("pattern '" + std::string(pattern) + "' ends in a backslash");
        } else if (pattern[at] == '[') {
            const auto matched = match_class(pattern.substr(at), "x", rules);
            if (!matched) return invalid("pattern '" + std::string(pattern) + "' has a '[' without its ']'");
            at += matched->length - 1;
        }
    }
    return {};
}

Result<std::vector<std::string>> expand_braces(std::string_view pattern) {
    std::vector<std::string> open{std::string(pattern)};
    std::vector<std::string> done;
    while (!open.empty()) {
        const std::string text = std::move(open.back());
        open.pop_back();
        const auto begin = text.find('{');
        if (begin == std::string::npos) {
            done.push_back(text);
            if (done.size() > most_alternatives)
                return too_large("a pattern may have 10000 alternatives, this one has more");
            continue;
        }
        std::vector<std::string> choices{""};
        std::size_t depth = 1;
        std::size_t at = begin + 1;
        for (; at < text.size() && depth > 0; ++at) {
            const char c = text[at];
            if (c == '{') ++depth;
            if (c == '}' && --depth == 0) break;
            if (c == ',' && depth == 1) {
                choices.emplace_back();
            } else {
                choices.back().push_back(c);
            }
        }
        if (depth > 0) return invalid("pattern '" + std::string(pattern) + "' has a '{' without its '}'");
        if (open.size() + choices.size() > most_alternatives)
            return too_large("a pattern may have 10000 alternatives, this one has more");
        for (auto choice = choices.rbegin(); choice != choices.rend(); ++choice) {
            open.push_back(text.substr(0, begin) + *choice + text.substr(at + 1));
        }
    }
    return done;
}

Result<std::vector<std::string>> glob(std::string_view pattern, const std::string& base, GlobRules rules,
                                      std::size_t limit) {
    std::vector<std::string> alternatives{std::string(pattern)};
    if (rules == GlobRules::tests) {
        GYRE_TRY_ASSIGN(alternatives, expand_braces(pattern));
    }
    std::set<std::string> all;
    for (const auto& alternative : alternatives) {
        GYRE_TRY(check_pattern(alternative, rules));
        Walk walk(components_of(alternative), base, rules, limit);
        walk.visit(alternative.starts_with('/') ? "/" : "", 0);
        if (walk.overflowed())
            return too_large("pattern '" + std::string(pattern) + "' matches more than " + std::to_string(limit) +
                             " paths");
        all.merge(walk.take());
    }
    all.erase("");
    return std::vector<std::string>(all.begin(), all.end());
}

}  // namespace gyre::injob

#include "config/words.h"

namespace gyre::config {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Takes a quoted part from the front of `rest`, whose first character is the quote; false when it is not closed.
bool take_quoted(std::string_view& rest, std::string& word) {
    const char quote = rest.front();
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != quote) {
        const bool escape = quote == '"' && rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\');
        if (escape) rest.remove_prefix(1);
        word += rest.front();
        rest.remove_prefix(1);
    }
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    return true;
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view rest) {
    std::vector<std::string> words;
    while (true) {
        const auto start = rest.find_first_not_of(blanks);
        if (start == std::string_view::npos) return words;
        rest.remove_prefix(start);
        std::string word;
        while (!rest.empty() && blanks.find(rest.front()) == std::string_view::npos) {
            if (rest.front() == '\'' || rest.front() == '"') {
                if (!take_quoted(rest, word)) return invalid("a quote is never closed");
                continue;
            }
            if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
            word += rest.front();
            rest.remove_prefix(1);
        }
        words.push_back(std::move(word));
    }
}

}  // namespace gyre::config

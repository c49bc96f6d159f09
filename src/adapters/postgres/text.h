#pragma once

// Any bytes as text that PostgreSQL takes, and back. Its texts are UTF-8 without NUL; ours may be anything that a file
// may be called, or a job may print. A byte that it would refuse becomes a character of a private plane, U+10FF00 plus
// the byte; so do the bytes of such characters themselves, so that each text has one form and comes back as it was.
// Pure.

#include <optional>
#include <string>
#include <string_view>

namespace gyre::postgres {

// Whether the text is stored as it is.
bool is_plain(std::string_view text);
std::string stored_form(std::string_view text);
std::string original_form(std::string_view stored);

// The first stored text behind all stored texts that begin with `stored`; nothing: there is none.
std::optional<std::string> after_prefix(std::string_view stored);

}  // namespace gyre::postgres

#pragma once

// What single names and words look like: how tokens of services start, what a password in an address is, which names
// announce a secret. config/secrets.h looks for them in texts. Pure; each linear in what it is given.

#include <string_view>

namespace gyre::config {

// "API_TOKEN", "db-password"; not TOKEN_URL, which is not the thing itself.
bool names_a_secret(std::string_view name);

// Letters and digits, mixed as nobody types them.
bool is_random(std::string_view value);

// A variable of the shell or of a template, a reference, a path or an address.
bool stands_for_something(std::string_view value);

bool has_private_key(std::string_view text);

// The secret of "user:password", or nothing: the password, or a user that is a token. Not one that people choose for
// what lives as long as a test; where all is `of_test`, only one that nobody chose by hand.
std::string_view secret_of(std::string_view credentials, bool of_test);

// The secret that a word of the text is or announces, or nothing. A word is of letters, digits, '_' and '-', and
// touches no other. What is found lies at or behind the word, before the next blank.
std::string_view secret_at(std::string_view word, std::string_view text);

}  // namespace gyre::config

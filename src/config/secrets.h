#pragma once

// What looks like a password, a token or a private key. Errs on the side of silence: what has a reference or a variable
// in it is none, nor is a word that people choose for databases that live as long as a test. Pure; linear in the text.

#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace gyre::config {

// `name` is the key before the value, which may be empty.
bool looks_secret(std::string_view name, std::string_view value);

// Places in a text of which nothing else is known, in order: it may not even be YAML.
std::vector<Span> secrets_in_text(std::string_view text);

// A value of a tree that is or has a secret.
struct Secret {
    const Node* value = nullptr;
    std::string name;  // the key or variable whose whole value it is; empty when there is none
    std::string text;  // the secret itself
    Span at;           // of it, or of the whole value when the text does not stand there as it is meant
};

// Whether something uses them or not; a value may have several, and is looked at until one is found in it.
std::vector<Secret> secrets_in(const Document& document);

}  // namespace gyre::config

#pragma once

// Diagnostics are printed, stored and sent to other services: what looks like a secret in a text (config/secrets.h)
// must not be in any of them, whatever they are about and whether or not there is a warning about it.

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/read.h"
#include "config/secrets.h"

namespace gyre::config {

struct ReadText {
    Document document;
    std::vector<Secret> secrets;  // of the document
};

// What must not be shown of the texts of one compile: the config's and those of orbs. Not thread-safe.
class HiddenSecrets {
public:
    // As config/read.h, and hides the text's secrets in the source: no excerpt shows them, neither those of the
    // diagnostics that are added here nor later ones. A text that is no YAML has secrets, too. With more secrets than
    // all texts may have together, the document is empty.
    ReadText read(Source& source, std::vector<Diagnostic>& diagnostics, const ReadLimits& limits);
    // From now on the word is not to be shown in messages. Too short ones would be found in every sentence.
    void add(std::string_view word);
    // Puts `****` in the place of all secrets in messages, and of their beginnings where a message cuts them off; in
    // excerpts a '*' for each byte, so that carets stay right: a secret may stand where it does not look like one.
    // Doing it twice changes nothing.
    void hide_in(std::vector<Diagnostic>& diagnostics);

private:
    enum class Width { any, same };
    void hide_in(std::string& text, Width width) const;
    std::size_t size_at(std::string_view text) const;

    bool fits(const Source& source, const std::vector<Span>& places, std::vector<Diagnostic>& diagnostics);

    std::vector<std::string> words_;
    std::size_t count_ = 0;  // of places with secrets in all texts
};

}  // namespace gyre::config

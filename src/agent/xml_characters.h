#pragma once

// Characters that XML does not have, and that test runners write into reports all the same: colours of terminals, as
// they are or as references (surefire: "&#27;"). One replacer a document; feeds of any size.

#include <string>
#include <string_view>

namespace gyre::agent {

class XmlCharacters {
public:
    // The bytes with a '?' for each such character. The beginning of a reference is kept for the next call.
    std::string replace(std::string_view bytes);
    std::string finish();  // what was kept

private:
    void take(char byte, std::string& to);

    std::string reference_;  // "&#2": what may become one
    std::string first_;      // bytes of the document, which tell its encoding
    bool is_wide_ = false;   // UTF-16: left as it is
};

}  // namespace gyre::agent

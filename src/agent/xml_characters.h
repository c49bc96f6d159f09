#pragma once

// What XML does not have, and test runners write into reports all the same: colours of terminals, as they are or as
// references (surefire: "&#27;"), and an "&" that begins no reference. One replacer a document; feeds of any size.

#include <string>
#include <string_view>

namespace gyre::agent {

class XmlCharacters {
public:
    // The bytes with a '?' for each such character, and "&amp;" for each such "&". What may become a reference is kept
    // for the next call.
    std::string replace(std::string_view bytes);
    std::string finish();  // what was kept

private:
    void take(char byte, std::string& to);
    void end_reference(std::string& to);
    enum class Within { text, cdata, comment };  // in both of the latter "&" is an "&"
    void find_where(char byte);

    std::string reference_;  // "&#2": what may become one
    Within within_ = Within::text;
    std::string mark_;      // "<![CD": what may begin one of the others
    int closing_ = 0;       // ']' or '-' in a row, which end them
    std::string first_;     // bytes of the document, which tell its encoding
    bool is_wide_ = false;  // UTF-16: left as it is
};

}  // namespace gyre::agent

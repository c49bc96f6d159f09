#pragma once

// An output as API v1.1 shows it: [{"type":"out","time":"...","message":"<the whole text>"}], made piece by piece so
// that its size does not matter. Control characters (ANSI) are escaped and kept; bytes that are not UTF-8 become
// U+FFFD. The pieces may split characters anywhere. Pure.

#include <string>
#include <string_view>

#include "base/clock.h"

namespace gyre::output {

class Document {
public:
    std::string begin(Timestamp time);
    std::string add(std::string_view bytes);
    std::string end();

private:
    std::string rest_;  // the beginning of a character that was cut
};

}  // namespace gyre::output

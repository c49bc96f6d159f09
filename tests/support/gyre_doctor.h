#pragma once

// What `gyre doctor` says of the data directory of a server.

#include <string>
#include <vector>

#include "support/server.h"

namespace gyre::test {

// The sentences; the free space of the machine does not count. An answer that cannot be read is thrown.
inline std::vector<std::string> doctors_findings(const Server& server, std::vector<std::string> flags = {}) {
    std::vector<std::string> words{"doctor", "--data-dir", server.data(), "--json"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished examined = server.gyre(words);
    const auto value = parse_json(examined.out, {.bytes = 16 << 20});
    if (!value) throw std::runtime_error(examined.out + examined.err);
    std::vector<std::string> found;
    const auto all = at(*value, "findings");
    for (const auto& one : all.as_array()) {
        if (text_at(one, "rule") != "disk-full") found.push_back(text_at(one, "sentence"));
    }
    return found;
}

}  // namespace gyre::test

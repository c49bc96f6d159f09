#pragma once

// Cache keys: templates with {{ ... }} evaluated at the time of the step (config-language.md section 6).
//
//   .Branch .BuildNum .Revision .CheckoutKey .Environment.NAME   checksum "file"   epoch   arch
//
// Anything else in braces is an error that says where. Pure but for `checksum`, which asks the caller. Thread-safe.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::agent {

struct KeyFacts {
    std::string branch;
    std::string build_number;
    std::string revision;
    std::string epoch;  // seconds since 1970
    std::string arch;   // as arch_text() tells
    std::function<std::string(const std::string& name)> variable;
    // base64 of the SHA-256 of a file's bytes.
    std::function<Result<std::string>(const std::string& path)> checksum;
};

inline constexpr std::size_t longest_key = 900;

Result<std::string> evaluate_key(std::string_view text, const KeyFacts& facts);

// "linux-amd64-6_85": operating system, architecture, family and model of this machine's processor.
std::string arch_text(std::string_view cpuinfo);

}  // namespace gyre::agent

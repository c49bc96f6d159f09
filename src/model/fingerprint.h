#pragma once

// Fingerprints of SSH keys, as people write them. Pure.

#include <string>
#include <string_view>

namespace gyre {

// In the form in which Gyre keeps them: MD5 as "aa:bb:..." in lower case, with or without ssh-keygen's "MD5:" in front;
// SHA256 stays "SHA256:...", whose letters count. What is neither stays as it is.
std::string normal_fingerprint(std::string_view written);

}  // namespace gyre

#pragma once

// Unpredictable bytes from the kernel (getrandom). Thread-safe; never fails on a running system.

#include <cstddef>
#include <string>

namespace gyre {

std::string random_uuid();                         // version 4, lower case
std::string random_token(std::size_t bytes = 32);  // hexadecimal, 2 characters a byte; for secrets use >= 16 bytes

}  // namespace gyre

#pragma once

// Unpredictable bytes from the kernel (getrandom). Thread-safe; never fails on a running system.

#include <cstddef>
#include <string>

namespace gyre {

std::string random_uuid();                         // version 4, lower case
std::string random_token(std::size_t bytes = 32);  // hexadecimal, 2 characters a byte; for secrets use >= 16 bytes

// Where new names come from, for those whose runs must be repeatable (tests/simulation). Thread-safe.
class Entropy {
public:
    virtual ~Entropy() = default;
    virtual std::string uuid() = 0;
};
Entropy& kernel_entropy();  // random_uuid()

}  // namespace gyre

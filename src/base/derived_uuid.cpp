#include "base/derived_uuid.h"

#include "base/digest.h"

namespace gyre {

std::string derived_uuid(const std::string& seed) {
    std::string hex = sha256_hex(seed).substr(0, 32);
    hex[12] = '8';  // UUID version 8: made by a rule of our own
    hex[16] = '8';
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
           hex.substr(20);
}

}  // namespace gyre

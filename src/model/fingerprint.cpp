#include "model/fingerprint.h"

#include "base/ascii.h"

namespace gyre {

std::string normal_fingerprint(std::string_view written) {
    constexpr std::string_view mark = "md5:";
    constexpr std::size_t md5_length = 16 * 3 - 1;
    std::string small = lowered(written);
    if (small.starts_with(mark)) small.erase(0, mark.size());
    const bool is_md5 = small.size() == md5_length && small.find_first_not_of("0123456789abcdef:") == std::string::npos;
    return is_md5 ? small : std::string(written);
}

}  // namespace gyre

#include "model/fingerprint.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(Fingerprint, of_md5_is_known_however_it_is_written) {
    const std::string kept = "cb:dd:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:0d";
    for (const auto& written :
         {kept, "MD5:" + kept, "md5:" + kept, std::string("CB:DD:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:0D"),
          std::string("MD5:CB:dd:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:0D")})
        EXPECT_EQ(normal_fingerprint(written), kept) << written;
}

TEST(Fingerprint, that_is_something_else_stays_as_it_is) {
    for (const std::string written :
         {"", "MD5:", "SHA256:l4/TGDjYhC42s91dJQTPrQbwKLkA7ZpFbvxxaF8KRF0", "sha256:AA", "MD5:SHA256:aa", "CB:DD",
          "MD5:cb:dd:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:0d:0e", "GG:dd:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:0d"})
        EXPECT_EQ(normal_fingerprint(written), written);
    EXPECT_EQ(normal_fingerprint(std::string(100'000, 'A')), std::string(100'000, 'A'));
}

}  // namespace
}  // namespace gyre

// A program for tests of whoever starts processes through a nursery. Each copy becomes a shell with the script that is
// the first argument; the secret of the copy is $SECRET there.

#include <unistd.h>

#include <cstdlib>

#include "base/nursery.h"

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string secret = gyre::be_copied(3, argv);
    ::setenv("SECRET", secret.c_str(), 1);
    ::execl("/bin/sh", "sh", "-c", argv[1], "copy", nullptr);
    return 127;
}

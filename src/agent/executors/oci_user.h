#pragma once

// Whom a process in an image runs as: `user` of the config or of the image, looked up in the image's own files. Pure,
// but for read_in_image().

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::agent {

struct OciUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  // further ones
    std::string home = "/";
};

// `wanted`: "", "user", "user:group", by name or number, as docker takes it. `passwd` and `group` are the texts of the
// image's /etc/passwd and /etc/group; lines that are none of such a file are left out. Error: `invalid`, when a name is
// in neither.
Result<OciUser> find_user(std::string_view wanted, std::string_view passwd, std::string_view group);

// A file of the image, up to 1 MB, with links followed inside of `root` only; empty when there is none.
std::string read_in_image(const std::string& root, const char* path);

}  // namespace gyre::agent

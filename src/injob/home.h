#pragma once

// Who the job's user is and where `~` is. Read from /etc/passwd by hand: a static program cannot load the name service
// modules that getpwuid() wants.

#include <string>
#include <string_view>

namespace gyre::injob {

struct User {
    std::string name;  // the number where /etc/passwd does not know it
    std::string home;  // $HOME, else the entry's directory, else "/"
};

User current_user(const std::string& passwd_file = "/etc/passwd");

std::string here();  // the working directory; "/" where it is gone

// `~` and `~/x` below the home; a relative path below `base`; "." and "//" removed, ".." kept as written.
std::string resolve_path(std::string_view path, std::string_view base, std::string_view home);

}  // namespace gyre::injob

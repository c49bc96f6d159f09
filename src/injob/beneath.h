#pragma once

// Directories below one root directory and nowhere else: neither `..`, nor an absolute name, nor a symbolic link in the
// way leads out (openat2 with RESOLVE_BENEATH; on kernels without it, links in the way are refused altogether).
// Not thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::injob {

// Of an archive's entry, in bytes: what the kernel takes at once. What is packed keeps to it as what is unpacked does.
inline constexpr std::size_t longest_entry_name = 4095;

// The components of an entry's name without "." and empty ones. `invalid`: "..", absolute, NUL, or longer than a file
// system takes (255 bytes a component, longest_entry_name in all).
Result<std::vector<std::string>> entry_components(std::string_view name);

class Beneath {
public:
    static Result<Beneath> open(const std::string& root);

    // A directory by its components; missing ones are made (0755) where `create`. The descriptor is borrowed and good
    // until the next call.
    Result<int> directory(const std::vector<std::string>& components, bool create);

private:
    Beneath(Fd root, bool whole_system) : root_(std::move(root)), whole_system_(whole_system) {}
    Fd open_path(const std::string& path) const;
    Fd open_name(int parent, const std::string& path, const std::string& name) const;
    Result<Fd> walk(const std::vector<std::string>& components, bool create) const;

    Fd root_;
    bool whole_system_;  // the root is "/": absolute links may be followed
    Fd last_;
    std::vector<std::string> last_components_;
};

}  // namespace gyre::injob

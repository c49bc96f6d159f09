#pragma once

// Files that hold secrets: nobody but their owner may read them.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace gyre {

// The whole of a plain file. invalid: it is something else, or others may read it (the message says what to do);
// too_large: more than `most` bytes; unavailable: the system refuses. No message holds what stands in the file.
Result<std::string> read_private_file(const std::string& path, std::size_t most);

// A secret in a file for as long as this lives: mode 0600, in a directory that is its owner's alone (made where it is
// not there). Movable; what a killed process left is for whoever owns the directory to remove.
class FleetingFile {
public:
    static Result<FleetingFile> make(const std::string& directory, std::string_view content);
    FleetingFile(FleetingFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    FleetingFile& operator=(FleetingFile&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    FleetingFile(const FleetingFile&) = delete;
    FleetingFile& operator=(const FleetingFile&) = delete;
    ~FleetingFile();

    const std::string& path() const { return path_; }

private:
    explicit FleetingFile(std::string path) : path_(std::move(path)) {}
    std::string path_;  // empty: moved away
};

}  // namespace gyre

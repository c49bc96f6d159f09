#pragma once

// The server's directory: made with mode 0700, held by one server at a time, and home of its keys (files of mode 0600).

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::apps {

class DataDirectory {
public:
    // Errors: unavailable (cannot be made or written, or another server runs on it; the message names it).
    static Result<DataDirectory> open(const std::string& path);

    // Whether a server, or a command that writes, holds it now.
    static bool is_held(const std::string& path);

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    // A random key that is made at the first call and the same ever after.
    Result<std::string> key(const std::string& name) const;
    // Where local agents reach the server. Beneath the directory, or beneath /tmp when that path is too long for a
    // socket.
    Result<std::string> socket_path() const;

    // Makes the directory of objects; empty: this one.
    Result<std::string> objects(const std::string& given) const;

private:
    DataDirectory(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    Fd lock_;
};

// A random key in a file of mode 0600: made by the first who asks, of several servers, too. Durable on return.
Result<std::string> key_in(const std::string& path);

// Makes the name of a file durable that was just made or replaced.
Result<void> sync_directory_of(const std::string& path);

}  // namespace gyre::apps

#pragma once

// A folder of ours on disk, held open. Names given to it are resolved beneath it: no "..", no absolute path, no
// symbolic link leads out (openat2 RESOLVE_BENEATH where the kernel has it). Folders are made readable by their owner
// only. Errors: not_found (no such file), unavailable (anything else); each names the path.

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::fs {

class Folder {
public:
    // Makes what is missing of the path, so that it lasts.
    static Result<Folder> open(const std::filesystem::path& path);

    // A folder in this one; made, so that it lasts, when it is missing.
    Result<Folder> child(const std::string& name) const;
    // The folder if it is there.
    Result<Folder> existing_child(const std::string& name) const;

    Result<Fd> open_file(const std::string& name, int flags) const;  // flags as of open(2); new files have mode 0600
    Result<void> move(const std::string& name, const Folder& to, const std::string& new_name) const;
    // As move(), to where nothing stands: false, and nothing done, when something of that name does.
    Result<bool> place(const std::string& name, const Folder& to, const std::string& new_name) const;
    Result<void> remove(const std::string& name) const;         // fine when it is not there
    Result<void> remove_folder(const std::string& name) const;  // an empty one; fine when it is not there
    Result<void> sync() const;                                  // the entries of this folder last

    const std::filesystem::path& path() const { return path_; }
    std::string path_of(const std::string& name) const { return (path_ / name).string(); }

private:
    Folder(std::filesystem::path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::filesystem::path path_;
    Fd fd_;
};

}  // namespace gyre::fs

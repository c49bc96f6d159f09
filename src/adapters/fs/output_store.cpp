#include "adapters/fs/output_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <utility>

#include "adapters/fs/file.h"
#include "base/digest.h"
#include "base/log.h"
#include "model/attempt_name.h"

namespace gyre::fs {
namespace {

constexpr std::string_view suffix = ".log";
constexpr std::size_t most_removed = 4096;      // remembered
constexpr std::chrono::hours leftover_age{24};  // of an empty folder that nobody will fill any more

Result<void> check(const OutputName& name, std::int64_t offset = 0) {
    if (!is_output_name(name)) return invalid("not the name of a step's output");
    if (offset < 0) return invalid("an offset is not negative");
    return {};
}

std::string shelf_of(const OutputName& name) { return sha256_hex(name.attempt.id().text).substr(0, 2); }
std::string file_of(const OutputName& name) { return std::to_string(name.step) + std::string(suffix); }
std::string key_of(const OutputName& name) { return name.attempt.id().text + "/" + file_of(name); }

bool is_removed(const Fd& file) {
    struct stat facts {};
    return ::fstat(file.get(), &facts) != 0 || facts.st_nlink == 0;
}

bool is_old(const Fd& folder) {
    struct stat facts {};
    return ::fstat(folder.get(), &facts) == 0 &&
           std::chrono::seconds{::time(nullptr) - facts.st_mtim.tv_sec} > leftover_age;
}

// Where it cannot be told, the one who opens it says why.
bool is_folder(const Fd& parent, const std::string& name) {
    struct stat facts {};
    return ::fstatat(parent.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(facts.st_mode);
}

// The output that such a file holds; nothing for another file.
std::optional<OutputName> name_of_file(const AttemptRef& attempt, std::string_view file) {
    if (!file.ends_with(suffix)) return std::nullopt;
    file.remove_suffix(suffix.size());
    OutputName name{attempt, -1};
    const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), name.step);
    if (error != std::errc() || end != file.data() + file.size() || !is_output_name(name)) return std::nullopt;
    return name;
}

Result<void> write_whole(const Folder& folder, const std::string& name, const FileOutputStore::Reading& reading) {
    const std::string path = folder.path_of(name);
    GYRE_TRY_ASSIGN(const Fd file, folder.open_file(name, O_RDWR | O_CREAT | O_TRUNC));
    for (std::int64_t length = 0;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, reading(length));
        if (bytes.empty()) return sync_data(file, path);
        GYRE_TRY(append_whole(file, path, length, bytes));
        length += std::ssize(bytes);
    }
}

}  // namespace

Result<std::unique_ptr<FileOutputStore>> FileOutputStore::open(const std::filesystem::path& data, OutputLimits limits) {
    GYRE_TRY_ASSIGN(Folder root, Folder::open(data / "output"));
    return std::unique_ptr<FileOutputStore>(new FileOutputStore(std::move(root), limits));
}

Result<Fd> FileOutputStore::open_file(const OutputName& name, Missing missing) {
    if (missing == Missing::leave) {
        return root_.open_file(shelf_of(name) + "/" + key_of(name), O_RDWR);
    }
    GYRE_TRY_ASSIGN(const Folder shelf, root_.child(shelf_of(name)));
    GYRE_TRY_ASSIGN(const Folder attempt, shelf.child(name.attempt.id().text));
    auto file = attempt.open_file(file_of(name), O_RDWR | O_CREAT);
    // The folder was found empty and removed just then: the next try makes it.
    if (!file && file.error().fault == Fault::not_found) return unavailable(file.error().message);
    if (file) GYRE_TRY(attempt.sync());
    return file;
}

// What a killed server wrote may not be on the disk yet: it is synced before its length is told to anybody.
Result<void> FileOutputStore::ensure_open(Output& output, const OutputName& name, Missing missing) {
    // Another server that shares the directory may have sealed it.
    if (output.file && is_removed(output.file->fd)) output.file.reset();
    if (output.file) return {};
    auto fd = open_file(name, missing);
    if (!fd && fd.error().fault == Fault::not_found && missing == Missing::leave) return {};
    if (!fd) return fd.error();
    std::string path = root_.path_of(shelf_of(name) + "/" + key_of(name));
    if (limits_.syncs_what_is_there) GYRE_TRY(sync_data(*fd, path));
    output.file = std::make_shared<const File>(std::move(fd).value(), std::move(path));
    return {};
}

Result<Appended> FileOutputStore::append(const OutputName& name, std::int64_t offset, std::string_view bytes) {
    return doubt_.heed(append_now(name, offset, bytes));
}

Result<Appended> FileOutputStore::append_now(const OutputName& name, std::int64_t offset, std::string_view bytes) {
    GYRE_TRY(check(name, offset));
    const auto output = outputs_.get(key_of(name));
    const std::lock_guard lock(output->mutex);
    GYRE_TRY(ensure_open(*output, name, Missing::leave));
    if (!output->file) {
        if (const auto length = removed_length(name)) return Appended{bytes.empty() && offset == *length, *length};
        if (bytes.empty() || offset != 0) return Appended{offset == 0, 0};
        GYRE_TRY(ensure_open(*output, name, Missing::make));
    }
    // Another server that shares the directory removes what it has sealed.
    const auto file = output->file;
    const auto& [fd, path] = *file;
    GYRE_TRY_ASSIGN(const auto lock_of_all, FileLock::shared(fd, path));
    if (is_removed(fd)) return Appended{false, 0};
    GYRE_TRY_ASSIGN(const auto length, file_length(fd, path));
    if (offset != length) return Appended{false, length};
    if (bytes.empty()) return Appended{true, length};
    if (std::ssize(bytes) > limits_.step_bytes - length) {
        return too_large("the output of a step may have " + std::to_string(limits_.step_bytes) + " bytes");
    }
    auto done = append_whole(fd, path, length, bytes);
    if (done) {
        done = sync_data(fd, path);
        if (!done && ::ftruncate(fd.get(), length) != 0) log::warn("output", "{} cannot be cut off", path);
    }
    if (!done) {
        output->file.reset();  // opened and synced anew before anything is said about it
        return done.error();
    }
    return Appended{true, length + std::ssize(bytes)};
}

Result<std::int64_t> FileOutputStore::length(const OutputName& name) {
    GYRE_TRY(check(name));
    const auto output = outputs_.get(key_of(name));
    const std::lock_guard lock(output->mutex);
    GYRE_TRY(ensure_open(*output, name, Missing::leave));
    if (!output->file) return 0;
    return file_length(output->file->fd, output->file->path);
}

Result<std::string> FileOutputStore::read(const OutputName& name, std::int64_t offset, std::size_t bytes) {
    GYRE_TRY(check(name, offset));
    const auto output = outputs_.get(key_of(name));
    std::shared_ptr<const File> file;
    {
        const std::lock_guard lock(output->mutex);
        GYRE_TRY(ensure_open(*output, name, Missing::leave));
        file = output->file;
    }
    if (!file) return std::string();
    return read_at(file->fd, file->path, offset, bytes);
}

Result<void> FileOutputStore::each(const std::function<Result<void>(const OutputName&)>& visit) {
    GYRE_TRY_ASSIGN(const Fd root, root_.open_file(".", O_RDONLY | O_DIRECTORY));
    GYRE_TRY_ASSIGN(const auto shelves, names_in(root, root_.path().string()));
    for (const auto& shelf_name : shelves) {
        if (shelf_name.size() != 2 || !is_folder(root, shelf_name)) continue;  // somebody else's
        const auto shelf = root_.existing_child(shelf_name);
        if (!shelf) return shelf.error();  // none is ever removed
        GYRE_TRY(each_of_shelf(*shelf, visit));
    }
    return {};
}

Result<void> FileOutputStore::each_of_shelf(const Folder& shelf,
                                            const std::function<Result<void>(const OutputName&)>& visit) {
    GYRE_TRY_ASSIGN(const Fd folder, shelf.open_file(".", O_RDONLY | O_DIRECTORY));
    GYRE_TRY_ASSIGN(const auto attempts, names_in(folder, shelf.path().string()));
    for (const auto& attempt_name : attempts) {
        const auto attempt = parse_attempt_id(attempt_name);
        if (!attempt || !is_folder(folder, attempt_name)) continue;
        const auto opened = shelf.open_file(attempt_name, O_RDONLY | O_DIRECTORY);
        if (!opened && opened.error().fault == Fault::not_found) continue;  // its last output was sealed just now
        if (!opened) return opened.error();
        GYRE_TRY_ASSIGN(const auto files, names_in(*opened, shelf.path_of(attempt_name)));
        for (const auto& file : files) {
            if (const auto name = name_of_file(*attempt, file)) GYRE_TRY(visit(*name));
        }
        // Whoever removed its last file may have died before the folder.
        if (files.empty() && is_old(*opened)) (void)::unlinkat(folder.get(), attempt_name.c_str(), AT_REMOVEDIR);
    }
    return {};
}

Result<bool> FileOutputStore::remove(const OutputName& name, std::int64_t length) {
    GYRE_TRY(check(name));
    const auto output = outputs_.get(key_of(name));
    const std::lock_guard lock(output->mutex);
    GYRE_TRY(ensure_open(*output, name, Missing::leave));
    if (!output->file) return true;
    const auto file = output->file;
    GYRE_TRY_ASSIGN(const auto lock_of_all, FileLock::alone(file->fd, file->path));
    GYRE_TRY_ASSIGN(const auto stored, file_length(file->fd, file->path));
    if (stored != length) return false;
    if (length > 0) remember_removed(name, length);
    GYRE_TRY_ASSIGN(const Folder shelf, root_.child(shelf_of(name)));
    GYRE_TRY(shelf.remove(key_of(name)));
    output->file.reset();
    (void)shelf.remove_folder(name.attempt.id().text);  // refused while other outputs stand in it
    return true;
}

Result<void> FileOutputStore::put_back(const OutputName& name, const Reading& reading) {
    GYRE_TRY(check(name));
    const auto output = outputs_.get(key_of(name));
    const std::lock_guard lock(output->mutex);
    GYRE_TRY_ASSIGN(const Folder shelf, root_.child(shelf_of(name)));
    GYRE_TRY_ASSIGN(const Folder attempt, shelf.child(name.attempt.id().text));
    const std::string unfinished = file_of(name) + ".back";
    if (const auto written = write_whole(attempt, unfinished, reading); !written) {
        (void)attempt.remove(unfinished);
        (void)shelf.remove_folder(name.attempt.id().text);  // refused while other outputs stand in it
        return written;
    }
    GYRE_TRY(attempt.move(unfinished, attempt, file_of(name)));
    output->file.reset();
    return attempt.sync();
}

void FileOutputStore::remember_removed(const OutputName& name, std::int64_t length) {
    auto removed = removed_.lock();
    if (removed->lengths.insert_or_assign(key_of(name), length).second) removed->order.push_back(key_of(name));
    if (removed->order.size() <= most_removed) return;
    removed->lengths.erase(removed->order.front());
    removed->order.pop_front();
}

std::optional<std::int64_t> FileOutputStore::removed_length(const OutputName& name) {
    auto removed = removed_.lock();
    const auto found = removed->lengths.find(key_of(name));
    return found == removed->lengths.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace gyre::fs

#include "adapters/fs/output_store.h"

#include <fcntl.h>

#include <utility>

#include "adapters/fs/file.h"
#include "base/digest.h"
#include "base/log.h"

namespace gyre::fs {
namespace {

Result<void> check(const OutputName& name, std::int64_t offset = 0) {
    if (!is_output_name(name)) return invalid("not the name of a step's output");
    if (offset < 0) return invalid("an offset is not negative");
    return {};
}

std::string shelf_of(const OutputName& name) { return sha256_hex(name.attempt.id().text).substr(0, 2); }
std::string file_of(const OutputName& name) { return std::to_string(name.step) + ".log"; }
std::string key_of(const OutputName& name) { return name.attempt.id().text + "/" + file_of(name); }

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
    GYRE_TRY_ASSIGN(Fd file, attempt.open_file(file_of(name), O_RDWR | O_CREAT));
    GYRE_TRY(attempt.sync());
    return file;
}

// What a killed server wrote may not be on the disk yet: it is synced before its length is told to anybody.
Result<void> FileOutputStore::ensure_open(Output& output, const OutputName& name, Missing missing) {
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
    GYRE_TRY(ensure_open(*output, name, bytes.empty() ? Missing::leave : Missing::make));
    if (!output->file) return Appended{offset == 0, 0};
    const auto& [fd, path] = *output->file;
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

}  // namespace gyre::fs

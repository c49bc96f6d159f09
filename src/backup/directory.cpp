#include "backup/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "ports/blob_store.h"

namespace gyre::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = "A directory of backups of Gyre, format ";
constexpr std::size_t longest_manifest = 64 << 20;

Result<void> sync_folder(const fs::path& path) {
    const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return errno_error("syncing " + path.string());
    return {};
}

Result<void> make_folder(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(path.parent_path());
    if (errno != EEXIST) return errno_error("making the directory " + path.string());
    if (std::error_code failed; !fs::is_directory(path, failed)) return invalid(path.string() + " is no directory");
    return {};
}

// Only plain files: what lies there may be anything.
Result<std::string> read_file(const fs::path& path, std::size_t most) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return not_found("there is no " + path.string());
    if (!file && errno == ELOOP) return corrupt(path.string() + " is no file of ours, but a symbolic link");
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0) return errno_error("reading " + path.string());
    if (!S_ISREG(facts.st_mode) || facts.st_size > static_cast<off_t>(most))
        return corrupt(path.string() + " is no file of ours");
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto got = ::read(file.get(), text.data() + done, text.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return errno_error("reading " + path.string());
        done += static_cast<std::size_t>(got);
    }
    return text;
}

// The file is there whole, and lasts, or it is not there.
Result<void> write_file(const fs::path& path, std::string_view text) {
    const std::string temporary = path.string() + ".new";
    const Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return errno_error("writing " + temporary);
    while (!text.empty()) {
        const auto put = ::write(file.get(), text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return errno_error("writing " + temporary);
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)
        return errno_error("writing " + path.string());
    return sync_folder(path.parent_path());
}

Result<void> check_mark(const fs::path& path) {
    const auto text = read_file(path / "gyre-backup", 1000);
    if (!text && text.error().fault == Fault::not_found)
        return invalid(path.string() + " is not a directory of Gyre's backups");
    if (!text) return text.error();
    const std::string ours = std::string(mark) + std::to_string(format) + "\n";
    if (*text == ours) return {};
    return invalid(path.string() + " holds backups in a form that this version does not know: use a newer gyre");
}

Result<void> prepare(const fs::path& path) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    GYRE_TRY(make_folder(path));
    if (!fs::exists(path / "gyre-backup", failed)) {
        // What a first backup that was killed early left does not count.
        for (const auto& entry : fs::directory_iterator(path, failed)) {
            const auto name = entry.path().filename().string();
            if (name != "lock" && name != "lost+found" && name != "gyre-backup.new")
                return invalid(path.string() + " is not empty, and not a directory of backups: choose another");
        }
        if (failed) return unavailable("reading " + path.string() + ": " + failed.message());
        if (::chmod(path.c_str(), 0700) != 0) return errno_error("making " + path.string() + " private");
        GYRE_TRY(write_file(path / "gyre-backup", std::string(mark) + std::to_string(format) + "\n"));
    }
    return make_folder(path / "snapshots");
}

void remove_leftovers(const fs::path& snapshots) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(snapshots, failed)) {
        if (entry.path().extension() == ".new") fs::remove(entry.path(), failed);
    }
}

// A reader of a medium that cannot be written to does without a lock.
Result<Hold> lock(const fs::path& path, Use use) {
    const int flags = use == Use::write ? O_RDWR | O_CREAT : O_RDONLY;
    Fd file(::open((path / "lock").c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!file && use == Use::read) return Hold();
    if (!file) return errno_error("opening " + (path / "lock").string());
    if (::flock(file.get(), (use == Use::write ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return Hold(std::move(file));
    if (errno != EWOULDBLOCK) return errno_error("locking " + path.string());
    return conflict("a backup, a check or a restore is at work in " + path.string() + ": wait for it, or end it");
}

}  // namespace

bool lies_in(const fs::path& path, const fs::path& folder) {
    std::error_code failed;
    const auto inner = fs::weakly_canonical(fs::absolute(path), failed);
    const auto outer = fs::weakly_canonical(fs::absolute(folder), failed);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

Hold::~Hold() {
    if (file_) ::flock(file_.get(), LOCK_UN);
}

Result<Directory> Directory::open(const fs::path& given, Use use) {
    fs::path path = fs::absolute(given).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    if (use == Use::write) {
        GYRE_TRY(prepare(path));
    } else if (std::error_code failed; !fs::is_directory(path, failed)) {
        return not_found("there is no directory " + path.string());
    }
    GYRE_TRY(check_mark(path));
    GYRE_TRY_ASSIGN(Hold held, lock(path, use));
    if (use == Use::write) remove_leftovers(path / "snapshots");
    return Directory(path, std::move(held));
}

Result<Listed> Directory::list() const {
    std::vector<std::string> ids;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(path_ / "snapshots", failed)) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(".json") && is_snapshot_id(name.substr(0, name.size() - 5)))
            ids.push_back(name.substr(0, name.size() - 5));
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return unavailable("reading " + (path_ / "snapshots").string() + ": " + failed.message());
    std::sort(ids.begin(), ids.end());
    Listed listed;
    for (const auto& id : ids) {
        auto found = find(id);
        if (found)
            listed.snapshots.push_back(std::move(*found));
        else if (found.error().fault != Fault::not_found)
            listed.damaged.push_back(found.error().message);
    }
    return listed;
}

Result<Snapshot> Directory::find(const std::string& id) const {
    if (is_snapshot_id(id)) {
        const auto text = read_file(file_of(id), longest_manifest);
        if (!text) return text.error();
        return read_manifest(id, *text);
    }
    GYRE_TRY_ASSIGN(Listed listed, list());
    std::erase_if(listed.snapshots, [&](const Snapshot& one) { return !one.id.starts_with(id); });
    if (!listed.damaged.empty() && (id.empty() || listed.snapshots.empty()))
        return corrupt(listed.damaged.front() + (listed.snapshots.empty() ? "" : "; choose another backup by its id"));
    if (listed.snapshots.empty() && id.empty()) return not_found("there is no backup in " + path_.string());
    if (listed.snapshots.empty()) return not_found("there is no backup " + id + " in " + path_.string());
    const auto& installation = listed.snapshots.back().manifest.installation;
    const auto is_others = [&](const Snapshot& one) {
        const auto& its = one.manifest.installation;
        return !its.empty() && !installation.empty() && its != installation;
    };
    if (id.empty() && std::ranges::any_of(listed.snapshots, is_others))
        return invalid(path_.string() + " holds backups of several installations: choose one by its id");
    if (listed.snapshots.size() > 1 && !id.empty()) return invalid("more than one backup begins with " + id);
    return std::move(listed.snapshots.back());
}

Result<std::string> Directory::add(const Manifest& manifest) {
    const std::string text = manifest_text(manifest);
    std::string id = snapshot_id(manifest.made_at, text);
    GYRE_TRY(write_file(file_of(id), text));
    return id;
}

Result<void> Directory::remove(const std::string& id) {
    if (!is_snapshot_id(id)) return invalid("there is no backup " + id);
    if (::unlink(file_of(id).c_str()) != 0 && errno != ENOENT) return errno_error("removing " + file_of(id).string());
    return sync_folder(path_ / "snapshots");
}

Result<Directory::Swept> Directory::sweep(const std::function<bool(const std::string& name)>& wanted) {
    Swept swept;
    std::error_code failed;
    const auto remove = [&](const fs::directory_entry& entry) -> Result<void> {
        const auto size = entry.is_regular_file(failed) ? static_cast<std::int64_t>(entry.file_size(failed)) : 0;
        fs::remove_all(entry.path(), failed);  // what is no object may be anything
        if (failed) return unavailable("removing " + entry.path().string() + ": " + failed.message());
        swept.objects += 1;
        swept.bytes += size;
        return {};
    };
    for (const auto& entry : fs::directory_iterator(path_ / "partial", failed)) GYRE_TRY(remove(entry));
    for (const auto& shelf : fs::directory_iterator(path_ / "objects", failed)) {
        if (shelf.is_symlink(failed) || !shelf.is_directory(failed)) continue;
        std::vector<fs::directory_entry> unwanted;
        for (const auto& entry : fs::directory_iterator(shelf.path(), failed)) {
            const auto name = shelf.path().filename().string() + entry.path().filename().string();
            if (is_blob_name(name) && !wanted(name)) unwanted.push_back(entry);
        }
        for (const auto& entry : unwanted) GYRE_TRY(remove(entry));
    }
    return swept;
}

}  // namespace gyre::backup

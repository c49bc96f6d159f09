#include "adapters/fs/owner_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "adapters/fs/file.h"
#include "base/random.h"

namespace gyre::fs {
namespace {

constexpr std::size_t id_bytes = 36;

bool is_installation_id(std::string_view text) {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const auto fits = [](char given, char wanted) {
        const bool hex = (given >= '0' && given <= '9') || (given >= 'a' && given <= 'f');
        return wanted == 'x' ? hex : given == wanted;
    };
    return std::equal(text.begin(), text.end(), form.begin(), form.end(), fits);
}

// Whoever calls may be root, and the server that reads it later is not.
Result<void> give_to_owner_of(const Folder& folder, const Fd& file, const std::string& path) {
    GYRE_TRY_ASSIGN(const Fd here, folder.open_file(".", O_RDONLY | O_DIRECTORY));
    struct stat facts {};
    if (::fstat(here.get(), &facts) != 0 || ::fchown(file.get(), facts.st_uid, facts.st_gid) != 0)
        return errno_error("giving " + path + " to the owner of its directory");
    return {};
}

// A whole file under a name of its own.
Result<std::string> write_aside(const Folder& folder, const std::string& installation) {
    const std::string name = std::string(mark_name) + "." + random_token(8);
    GYRE_TRY_ASSIGN(const Fd file, folder.open_file(name, O_WRONLY | O_CREAT | O_EXCL));
    auto written = append_whole(file, folder.path_of(name), 0, mark_text(installation));
    if (written && ::geteuid() == 0) written = give_to_owner_of(folder, file, folder.path_of(name));
    if (written) written = sync_data(file, folder.path_of(name));
    if (written) return name;
    (void)folder.remove(name);
    return written.error();
}

}  // namespace

std::string mark_text(const std::string& installation) { return installation + "\n"; }

Result<std::string> id_in_mark(std::string_view text) {
    const bool whole = text.size() == id_bytes + 1 && text.back() == '\n';
    if (whole && is_installation_id(text.substr(0, id_bytes))) return std::string(text.substr(0, id_bytes));
    return corrupt("it does not hold the id of an installation");
}

Result<std::string> read_mark(const Folder& folder) {
    const auto file = folder.open_file(mark_name, O_RDONLY | O_NONBLOCK);
    if (!file && file.error().fault == Fault::not_found) return std::string();
    if (!file) return file.error();
    const std::string path = folder.path_of(mark_name);
    struct stat facts {};
    if (::fstat(file->get(), &facts) != 0) return errno_error("reading " + path);
    if (!S_ISREG(facts.st_mode)) return corrupt(path + " is no plain file");
    GYRE_TRY_ASSIGN(const auto text, read_at(*file, path, 0, id_bytes + 2));
    auto id = id_in_mark(text);
    return id ? id : id.error().during(path);
}

Result<std::string> put_mark(const Folder& folder, const std::string& installation) {
    GYRE_TRY_ASSIGN(const auto there, read_mark(folder));
    if (!there.empty()) return there;
    GYRE_TRY_ASSIGN(const auto aside, write_aside(folder, installation));
    const auto placed = folder.place(aside, folder, mark_name);
    if (!placed || !*placed) (void)folder.remove(aside);
    if (!placed) return placed.error();
    GYRE_TRY(folder.sync());
    return *placed ? Result<std::string>(installation) : read_mark(folder);
}

Result<void> replace_mark(const Folder& folder, const std::string& installation) {
    GYRE_TRY_ASSIGN(const auto aside, write_aside(folder, installation));
    if (const auto moved = folder.move(aside, folder, mark_name); !moved) {
        (void)folder.remove(aside);
        return moved;
    }
    return folder.sync();
}

}  // namespace gyre::fs

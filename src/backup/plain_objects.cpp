#include "backup/plain_objects.h"

#include <sys/stat.h>

#include <cerrno>

#include "backup/contents.h"

namespace gyre::backup {
namespace {

constexpr std::size_t most_sentences = 20;

}  // namespace

Result<std::optional<PlainObjects::Standing>> PlainObjects::look(const std::string& sha256) const {
    if (!is_blob_name(sha256)) return corrupt("an object has no name that can be one's");
    const auto shelf = path_ / "objects" / sha256.substr(0, 2);
    const auto file = shelf / sha256.substr(2);
    for (const auto& path : {shelf, file}) {
        struct stat facts {};
        if (::lstat(path.c_str(), &facts) != 0) {
            if (errno == ENOENT) return std::optional<Standing>();
            return errno_error("looking at " + path.string());
        }
        const bool is_shelf = path == shelf && S_ISDIR(facts.st_mode);
        if (!is_shelf)
            return std::optional(Standing{path.string(), path == file && S_ISREG(facts.st_mode), facts.st_size});
    }
    return std::optional<Standing>();
}

Result<bool> PlainObjects::exists(const std::string& sha256) {
    GYRE_TRY_ASSIGN(const auto size, touch(sha256));
    return size.has_value();
}

Result<std::optional<std::int64_t>> PlainObjects::touch(const std::string& sha256) {
    GYRE_TRY_ASSIGN(const auto standing, look(sha256));
    if (!standing || !standing->plain) return std::optional<std::int64_t>();
    if (trust_ == Trust::content) {
        const auto read = read_to_end(*store_, sha256);
        if (!read && read.error().fault == Fault::unavailable) return read.error();
        if (!read) return std::optional<std::int64_t>();
    }
    return std::optional(standing->size);
}

Result<void> PlainObjects::append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                                  std::string_view bytes) {
    GYRE_TRY_ASSIGN(const auto usable, touch(sha256));
    if (usable == total) return {};
    GYRE_TRY_ASSIGN(const auto standing, look(sha256));
    if (standing) {
        const std::string sizes = std::to_string(standing->size) + " of " + std::to_string(total) + " bytes";
        GYRE_TRY(remove(*standing, !standing->plain          ? "was no file of ours"
                                   : standing->size == total ? "held other bytes than were stored"
                                                             : "had " + sizes));
    }
    return store_->append(sha256, offset, total, bytes);
}

Result<std::unique_ptr<BlobReader>> PlainObjects::open(const std::string& sha256, std::int64_t from) {
    GYRE_TRY_ASSIGN(const auto standing, look(sha256));
    if (!standing) return not_found("there is no object " + sha256 + " in " + path_.string());
    if (!standing->plain) return corrupt(standing->path + " is no file of ours");
    return store_->open(sha256, from);
}

Result<bool> PlainObjects::remove(const std::string& sha256, std::chrono::seconds /*idle*/) {
    GYRE_TRY_ASSIGN(const auto standing, look(sha256));
    if (!standing) return false;
    GYRE_TRY(remove(*standing, standing->plain ? "held other bytes than were stored" : "was no file of ours"));
    return true;
}

Result<void> PlainObjects::remove(const Standing& standing, const std::string& why) {
    std::error_code failed;
    std::filesystem::remove_all(standing.path, failed);  // follows no links
    if (failed) return unavailable("removing " + standing.path + ", which " + why + ": " + failed.message());
    if (removed_.size() < most_sentences) removed_.push_back(standing.path + " " + why);
    return {};
}

}  // namespace gyre::backup

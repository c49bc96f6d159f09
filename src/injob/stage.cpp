#include "injob/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

namespace gyre::injob {
namespace {

constexpr int deepest = 250;  // directories in directories; each holds two descriptors
constexpr int most_names = 1000;

enum class Pass { look, move };

std::string text_of(const Components& components) {
    std::string path;
    for (const auto& part : components) path += "/" + part;
    return path.empty() ? "/" : path;
}

std::vector<std::string> names_in(int directory) {
    std::vector<std::string> names;
    Fd copy(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(copy.get()), &closedir);
    if (!stream) return names;
    copy.release();
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

bool is_directory(int parent, const std::string& name) {
    struct stat facts {};
    return fstatat(parent, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

bool is_there(int parent, const std::string& name) {
    struct stat facts {};
    return fstatat(parent, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> move_in(int from, int to, const std::string& name) {
    if (renameat(from, name.c_str(), to, name.c_str()) == 0) return {};
    return errno_error("putting '" + name + "' into its place");
}

Result<void> merge(int from, int to, Pass pass, int depth);

Result<void> merge_directory(int from, int to, const std::string& name, Pass pass, int depth) {
    const Fd there(openat(to, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // also by a link
    if (!there && errno != ENOTDIR && errno != ENOENT && errno != ELOOP)
        return errno_error("opening the directory '" + name + "'");
    if (there) {
        const Fd here(openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!here) return errno_error("opening an unpacked directory");
        return merge(here.get(), there.get(), pass, depth + 1);
    }
    if (pass == Pass::look) return {};
    if (unlinkat(to, name.c_str(), 0) != 0) return errno_error("replacing '" + name + "'");
    return move_in(from, to, name);
}

Result<void> merge(int from, int to, Pass pass, int depth) {
    if (depth > deepest) return invalid("more than " + std::to_string(deepest) + " directories deep");
    for (const auto& name : names_in(from)) {
        const bool free = !is_there(to, name);
        if (free && pass == Pass::look) continue;
        if (!free && is_directory(from, name)) {
            GYRE_TRY(merge_directory(from, to, name, pass, depth));
        } else if (!free && is_directory(to, name)) {
            return conflict("'" + name + "' is in the archive, and a directory of that name exists");
        } else if (pass == Pass::move) {
            GYRE_TRY(move_in(from, to, name));
        }
    }
    return {};
}

}  // namespace

Stage::~Stage() {
    std::error_code ignored;
    for (const auto& hidden : hidden_) std::filesystem::remove_all(text_of(hidden.in) + "/" + hidden.name, ignored);
}

const Stage::Top* Stage::top_of(const Components& final) const {
    for (auto top = tops_.rbegin(); top != tops_.rend(); ++top) {
        const auto& path = top->path;
        if (path.size() <= final.size() && std::equal(path.begin(), path.end(), final.begin())) return &*top;
    }
    return nullptr;
}

Components Stage::staged(const Top& top, const Components& final) const {
    const auto& hidden = hidden_[top.hidden];
    Components place = final;
    place.insert(place.begin() + static_cast<std::ptrdiff_t>(hidden.in.size()), hidden.name);
    return place;
}

Result<Components> Stage::place(const Components& final) {
    const Top* top = top_of(final);
    if (!top) {
        GYRE_TRY_ASSIGN(const auto hidden, hidden_for(final));
        tops_.push_back({final, hidden});
        top = &tops_.back();
    }
    return staged(*top, final);
}

Result<Components> Stage::known_place(const Components& final) const {
    const Top* top = top_of(final);
    if (!top) return invalid("it is a link to something that is not in the archive");
    return staged(*top, final);
}

// In the deepest directory of the path that exists: the path itself, if it is one.
Result<std::size_t> Stage::hidden_for(const Components& path) {
    Components in = path;
    while (!in.empty() && !tree_.directory(in, false)) in.pop_back();
    for (std::size_t at = 0; at < hidden_.size(); ++at) {
        if (hidden_[at].in == in) return at;
    }
    GYRE_TRY_ASSIGN(const int parent, tree_.directory(in, false));
    for (int n = 0; n < most_names; ++n) {
        std::string name = ".gyre-restore-" + std::to_string(getpid()) + "-" + std::to_string(n);
        if (mkdirat(parent, name.c_str(), 0700) == 0) {
            hidden_.push_back({std::move(in), std::move(name)});
            return hidden_.size() - 1;
        }
        if (errno != EEXIST) break;
    }
    return errno_error("making a directory in " + text_of(in));
}

Result<void> Stage::publish() {
    for (const Pass pass : {Pass::look, Pass::move}) {
        for (const auto& hidden : hidden_) {
            GYRE_TRY_ASSIGN(const int borrowed, tree_.directory(hidden.in, false));
            const Fd to(fcntl(borrowed, F_DUPFD_CLOEXEC, 3));
            const Fd from(openat(to.get(), hidden.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (!from) return errno_error("opening what was unpacked");
            auto merged = merge(from.get(), to.get(), pass, 0);
            if (!merged) return merged.error().during("restoring into " + text_of(hidden.in));
        }
    }
    return {};
}

}  // namespace gyre::injob

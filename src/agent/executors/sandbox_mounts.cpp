#include "agent/executors/sandbox_mounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "wire/supervisor_protocol.h"

#ifndef MOUNT_ATTR_RDONLY
#include <linux/mount.h>
#endif

namespace gyre::agent {
namespace {

constexpr unsigned long plain = MS_NOSUID | MS_NODEV;

// Makes the directories above `path`, and `path` itself as a directory or an empty file.
void make_target(const char* path, bool directory) {
    char part[PATH_MAX];
    const std::size_t length = std::strlen(path);
    if (length >= sizeof part) return;
    std::memcpy(part, path, length + 1);
    for (char* slash = std::strchr(part + 1, '/'); slash != nullptr; slash = std::strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0755);
        *slash = '/';
    }
    if (directory) {
        mkdir(part, 0755);
    } else {
        const int file = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (file >= 0) close(file);
    }
}

// Follows links as the job will: below the staged root. A path of the host's view would lead an absolute link out of
// it, and the mount would land where the job does not see it.
int open_inside(int root, const char* path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags | O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;
    return static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof how));
}

// `path` of the inside, made where it is missing (directories above it too); -1 when that cannot be.
int open_target(int root, const char* path, bool directory) {
    char part[PATH_MAX];
    const std::size_t length = std::strlen(path);
    if (length >= sizeof part) return -1;
    std::memcpy(part, path, length + 1);
    int parent = open_inside(root, "/", O_DIRECTORY);
    for (char* name = part; parent >= 0 && name != nullptr;) {
        while (*name == '/') ++name;
        char* end = std::strchr(name, '/');
        if (end != nullptr) *end = '\0';
        int here = open_inside(root, part, 0);
        if (here < 0 && errno == ENOENT) {
            if (directory || end != nullptr) {
                mkdirat(parent, name, 0755);
            } else {
                const int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
                if (file >= 0) close(file);
            }
            here = open_inside(root, part, 0);
        }
        close(parent);
        parent = here;
        if (end != nullptr) *end = '/';
        name = end == nullptr ? nullptr : end + 1;
    }
    return parent;
}

// For mount(), which takes no descriptors.
struct PathOf {
    explicit PathOf(int fd) { std::snprintf(text, sizeof text, "/proc/self/fd/%d", fd); }
    char text[64];
};

bool remount_read_only(const char* target) {
    return mount(nullptr, target, nullptr, plain | MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

// By descriptor: what was opened before the stage covered /tmp can still be shown.
bool bind(int from, const char* target, bool read_only) {
    char source[64];
    std::snprintf(source, sizeof source, "/proc/self/fd/%d", from);
    if (mount(source, target, nullptr, MS_BIND, nullptr) != 0) return false;
    return read_only ? remount_read_only(target)
                     : mount(nullptr, target, nullptr, plain | MS_BIND | MS_REMOUNT, nullptr) == 0;
}

bool is_directory(int fd) {
    struct stat facts {};
    return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
}

// The host's root, all of it, read-only.
bool bind_whole_root() {
    if (mount("/", staged_root, nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    return syscall(SYS_mount_setattr, AT_FDCWD, staged_root, AT_RECURSIVE, &attributes, sizeof attributes) == 0;
}

bool mount_root(const StagePlan& plan, const MountTexts& texts, StageRoot* root) {
    mkdir("/tmp/upper", 0755);
    mkdir("/tmp/work", 0700);
    const char* options = "lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work";
    *root = StageRoot::overlay;
    if (mount("gyre", staged_root, "overlay", plain, options) != 0) {
        *root = StageRoot::read_only;
        return bind_whole_root();
    }
    for (std::size_t i = 0; i < plan.system_mounts.size(); ++i) {
        const char* target = texts.mount_targets[i].c_str();
        if (mount(plan.system_mounts[i].c_str(), target, nullptr, MS_BIND, nullptr) == 0 && !remount_read_only(target))
            return false;
    }
    return true;
}

bool make_devices(const MountTexts& texts) {
    if (mount("gyre-dev", "/tmp/root/dev", "tmpfs", MS_NOSUID, "mode=755,size=1m") != 0) return false;
    constexpr const char* devices[][2] = {
        {"/dev/null", "/tmp/root/dev/null"},       {"/dev/zero", "/tmp/root/dev/zero"},
        {"/dev/full", "/tmp/root/dev/full"},       {"/dev/random", "/tmp/root/dev/random"},
        {"/dev/urandom", "/tmp/root/dev/urandom"}, {"/dev/tty", "/tmp/root/dev/tty"}};
    for (const auto& device : devices) {
        make_target(device[1], false);
        if (mount(device[0], device[1], nullptr, MS_BIND, nullptr) != 0) return false;
    }
    constexpr const char* links[][2] = {
        {"/proc/self/fd", "/tmp/root/dev/fd"},       {"/proc/self/fd/0", "/tmp/root/dev/stdin"},
        {"/proc/self/fd/1", "/tmp/root/dev/stdout"}, {"/proc/self/fd/2", "/tmp/root/dev/stderr"},
        {"pts/ptmx", "/tmp/root/dev/ptmx"},          {"/proc/kcore", "/tmp/root/dev/core"}};
    for (const auto& link : links) {
        if (symlink(link[0], link[1]) != 0) return false;
    }
    mkdir("/tmp/root/dev/pts", 0755);
    mkdir("/tmp/root/dev/shm", 0755);
    return mount("devpts", "/tmp/root/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=620") == 0 &&
           mount("gyre-shm", "/tmp/root/dev/shm", "tmpfs", plain, texts.fresh_options.c_str()) == 0;
}

// Copied where the job's user could not run it as it stands.
bool place_program(int injob, const char* target) {
    struct stat facts {};
    if (fstat(injob, &facts) != 0) return false;
    if ((facts.st_mode & 05) == 05) {
        make_target(target, false);
        return bind(injob, target, true);
    }
    char source[64];
    std::snprintf(source, sizeof source, "/proc/self/fd/%d", injob);
    const int from = open(source, O_RDONLY | O_CLOEXEC);
    const int to = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    off_t done = 0;
    while (from >= 0 && to >= 0 && done < facts.st_size) {
        if (sendfile(to, from, &done, static_cast<std::size_t>(facts.st_size - done)) <= 0) return false;
    }
    return from >= 0 && to >= 0 && close(to) == 0;
}

bool show_tools(int injob) {
    static_assert(std::string_view(wire::injob_directory) == "/run/gyre");
    make_target("/tmp/root/run/gyre", true);
    if (mount("gyre-tools", "/tmp/root/run/gyre", "tmpfs", plain, "mode=755,size=16m") != 0) return false;
    return place_program(injob, "/tmp/root/run/gyre/gyre-injob") &&
           symlink("gyre-injob", "/tmp/root/run/gyre/circleci") == 0 &&
           symlink("gyre-injob", "/tmp/root/run/gyre/circleci-agent") == 0 && remount_read_only("/tmp/root/run/gyre");
}

// Shows a thing of the host at `path` of the inside.
bool show_bound(int root, const char* path, int from, bool read_only) {
    const int target = open_target(root, path, is_directory(from));
    if (target < 0 || mount(PathOf(from).text, PathOf(target).text, nullptr, MS_BIND, nullptr) != 0) return false;
    close(target);
    const int shown = open_inside(root, path, 0);  // the mount, and no longer what it covers
    const unsigned long flags = plain | MS_BIND | MS_REMOUNT | (read_only ? MS_RDONLY : 0);
    if (shown < 0 || mount(nullptr, PathOf(shown).text, nullptr, flags, nullptr) != 0) return false;
    close(shown);
    return true;
}

bool show_device(int root, const char* path, int from) {
    const int target = open_target(root, path, false);
    if (target < 0 || mount(PathOf(from).text, PathOf(target).text, nullptr, MS_BIND, nullptr) != 0) return false;
    close(target);
    return true;
}

bool show_fresh(int root, const char* path, const char* options) {
    const int target = open_target(root, path, true);
    if (target < 0) return errno == ENOENT;  // a link to where the inside has nothing: there is nothing to cover
    if (mount("gyre-fresh", PathOf(target).text, "tmpfs", plain, options) != 0) return false;
    close(target);
    return true;
}

bool show_text(int root, const char* path, const std::string& text, std::size_t number) {
    char name[64];
    std::snprintf(name, sizeof name, "/tmp/text-%zu", number);
    const int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return false;
    return show_bound(root, path, file, true);
}

bool show(const View& view, const MountTexts& texts, int root, std::size_t number, int from) {
    const char* path = view.to.c_str();
    switch (view.kind) {
        case View::Kind::fresh:
            return show_fresh(root, path, texts.fresh_options.c_str());
        case View::Kind::writable:
            return show_bound(root, path, from, false);
        case View::Kind::read_only:
            return from < 0 || show_bound(root, path, from, true);
        case View::Kind::text:
            return show_text(root, path, view.from, number);
        case View::Kind::device:
            return show_device(root, path, from);
    }
    return false;
}

// Open before the stage covers what may lie in /tmp.
constexpr std::size_t most_views = 64;
struct Sources {
    int injob = -1;
    int views[most_views] = {};
};

bool open_sources(const StagePlan& plan, Sources& sources) {
    if (plan.views.size() > most_views) return false;
    sources.injob = open(plan.injob.c_str(), O_PATH | O_CLOEXEC);
    for (std::size_t i = 0; i < plan.views.size(); ++i) {
        const View& view = plan.views[i];
        const bool of_host = view.kind != View::Kind::fresh && view.kind != View::Kind::text;
        sources.views[i] = of_host ? open(view.from.c_str(), O_PATH | O_CLOEXEC) : -1;
        if (of_host && view.kind != View::Kind::read_only && sources.views[i] < 0) return false;
    }
    return sources.injob >= 0;
}

}  // namespace

MountTexts::MountTexts(const StagePlan& plan) {
    fresh_options = "mode=755,uid=" + std::to_string(plan.uid) + ",gid=" + std::to_string(plan.gid);
    for (const auto& mounted : plan.system_mounts) mount_targets.push_back(staged_root + mounted);
}

bool mount_stage(const StagePlan& plan, const MountTexts& texts, StageRoot* root, const char** step) {
    *step = "making a mount namespace (a container around the agent may forbid it)";
    if (unshare(CLONE_NEWNS) != 0) return false;
    *step = "making mounts private";
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
    *step = "opening the job's directories and the in-job program";
    Sources sources;
    if (!open_sources(plan, sources)) return false;
    *step = "mounting a memory file system";
    if (mount("gyre-stage", "/tmp", "tmpfs", plain, "mode=755,size=128m") != 0) return false;
    *step = "mounting the root directory of the sandbox (neither an overlay nor a read-only view of / is possible)";
    mkdir(staged_root, 0755);
    if (!mount_root(plan, texts, root)) return false;
    *step = "making devices";
    if (!make_devices(texts)) return false;
    *step = "covering and showing directories";
    const int inside = open(staged_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (std::size_t i = 0; i < plan.views.size(); ++i) {
        if (!show(plan.views[i], texts, inside, i, sources.views[i])) return false;
    }
    *step = "showing the in-job program";
    return show_tools(sources.injob);
}

}  // namespace gyre::agent

#include "agent/executors/sandbox_stage.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/executors/sandbox_arguments.h"
#include "agent/executors/sandbox_mounts.h"
#include "base/argv.h"

namespace gyre::agent {
namespace {

// What the child tells before it becomes bubblewrap: how the root came about, or why it gave up.
struct Note {
    bool gave_up = false;
    bool unlimited = false;
    StageRoot root = StageRoot::read_only;
    int error = 0;
    char step[120] = {};
};

// Descriptors from 3 on, as sandbox_arguments.h numbers them; the owned ones are memory files of text views.
struct Handed {
    std::vector<Fd> owned;
    std::vector<int> fds;
};

// High enough that putting them in order does not overwrite one of them.
Fd out_of_the_way(int fd) { return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 64)); }

Result<Handed> hand_over(const StagePlan& plan, const StageFds& fds) {
    Handed handed;
    handed.owned.push_back(out_of_the_way(fds.socket));
    handed.owned.push_back(out_of_the_way(fds.seccomp));
    for (const auto& view : plan.views) {
        if (plan.as_root || view.kind != View::Kind::text) continue;
        const Fd file(memfd_create("gyre-text", MFD_CLOEXEC));
        const bool written =
            file && write(file.get(), view.from.data(), view.from.size()) == static_cast<ssize_t>(view.from.size());
        if (!written || lseek(file.get(), 0, SEEK_SET) != 0) return errno_error("writing a memory file");
        handed.owned.push_back(out_of_the_way(file.get()));
    }
    for (const auto& fd : handed.owned) {
        if (!fd) return errno_error("duplicating a descriptor");
        handed.fds.push_back(fd.get());
    }
    return handed;
}

// Everything that the child needs, made before the fork: between fork and exec of a program with threads nothing may
// allocate.
struct Prepared {
    const StagePlan& plan;
    const StageFds& fds;
    const Handed& handed;
    MountTexts texts;
    std::vector<std::string> words;
    std::vector<char*> argv;
    std::vector<char*> envp;

    Prepared(const StagePlan& of, const StageFds& descriptors, const Handed& over)
        : plan(of),
          fds(descriptors),
          handed(over),
          texts(of),
          words(of.as_root ? arguments_for_staged_root(of, staged_root) : arguments_for_host_root(of)),
          argv(argv_of(words)),
          envp(argv_of(of.environment)) {}
};

class Child {
public:
    Child(const Prepared& prepared, int notes, bool born_inside)
        : it_(prepared), notes_(notes), born_inside_(born_inside) {}

    [[noreturn]] void run() {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        Note note;
        note.unlimited = !enter(*it_.fds.cgroup, born_inside_);
        const char* step = "";
        if (it_.plan.as_root && !mount_stage(it_.plan, it_.texts, &note.root, &step)) give_up(step);
        if (it_.plan.as_root) give_up_privileges();
        set_limits();
        tell(note);
        arrange_descriptors();
        execve(it_.plan.bubblewrap.c_str(), it_.argv.data(), it_.envp.data());
        give_up("starting bwrap");
    }

private:
    void tell(const Note& note) const {
        if (write(notes_, &note, sizeof note) < 0) _exit(1);
    }

    [[noreturn]] void give_up(const char* step) const {
        Note note;
        note.gave_up = true;
        note.error = errno;
        std::memcpy(note.step, step, std::min(std::strlen(step), sizeof note.step - 1));
        tell(note);
        _exit(1);
    }

    void give_up_privileges() const {
        const gid_t gid = it_.plan.gid;
        const uid_t uid = it_.plan.uid;
        // not the functions of the C library: those change all threads, and here the other threads do not exist
        if (uid == 0 || gid == 0 || syscall(SYS_setgroups, 0, nullptr) != 0 ||
            syscall(SYS_setresgid, gid, gid, gid) != 0 || syscall(SYS_setresuid, uid, uid, uid) != 0 ||
            syscall(SYS_geteuid) == 0) {
            give_up("giving up privileges");
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // the change of user has cleared it
    }

    static void lower(__rlimit_resource resource, rlim_t most) {
        rlimit limit{};
        if (getrlimit(resource, &limit) != 0) return;
        limit.rlim_max = std::min(limit.rlim_max, most);
        limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
        setrlimit(resource, &limit);
    }

    void set_limits() const {
        // a little more than the control group allows, which tells when it was reached
        lower(RLIMIT_NPROC, static_cast<rlim_t>(it_.plan.most_processes) + 32);
        lower(RLIMIT_CORE, 1);  // one byte: no core file, and no core to a host's handler either
        umask(022);
    }

    void arrange_descriptors() const {
        const int none = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (none < 0 || dup2(none, 0) < 0 || dup2(it_.fds.log, 1) < 0 || dup2(1, 2) < 0)
            give_up("arranging descriptors");
        int next = socket_descriptor;
        for (const int fd : it_.handed.fds) {
            if (dup2(fd, next++) < 0) give_up("arranging descriptors");
        }
        close_range(static_cast<unsigned>(next), ~0U, CLOSE_RANGE_CLOEXEC);
        sigset_t empty;
        sigemptyset(&empty);
        sigprocmask(SIG_SETMASK, &empty, nullptr);
    }

    const Prepared& it_;
    int notes_;
    bool born_inside_;  // in the unified control group
};

Result<Staged> hear(pid_t pid, int notes) {
    Staged staged{pid, StageRoot::read_only, false};
    Note note;
    ssize_t got = 0;
    while ((got = read(notes, &note, sizeof note)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got != static_cast<ssize_t>(sizeof note)) break;
        staged.root = note.root;
        staged.unlimited = note.unlimited;
        if (!note.gave_up) continue;
        waitpid(pid, nullptr, 0);
        return unavailable("preparing the sandbox: " + std::string(note.step) + ": " + std::strerror(note.error));
    }
    return staged;
}

}  // namespace

Result<Staged> stage(const StagePlan& plan, const StageFds& fds) {
    GYRE_TRY_ASSIGN(const Handed handed, hand_over(plan, fds));
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("making a pipe");
    const Fd reading(ends[0]);
    Fd low(ends[1]);
    Fd writing = out_of_the_way(low.get());
    low.reset();
    const Fd log = out_of_the_way(fds.log);
    const StageFds moved{fds.socket, fds.seccomp, log.get(), fds.cgroup};
    const Prepared prepared(plan, moved, handed);
    bool born_inside = false;
    const pid_t pid = fork_into(*fds.cgroup, born_inside);
    if (pid < 0) return errno_error("starting the sandbox");
    if (pid == 0) Child(prepared, writing.get(), born_inside).run();
    writing.reset();
    return hear(pid, reading.get());
}

}  // namespace gyre::agent

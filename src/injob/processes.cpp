#include "injob/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "base/fd.h"

namespace gyre::injob {
namespace {

// /proc/<pid>/stat: "pid (name) state parent group session ..."; the name may hold anything, so look from its end.
bool read_stat(const char* pid, ProcessFacts& facts) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    const Fd file(open(path, O_RDONLY | O_CLOEXEC));
    char text[1024];
    const auto got = file ? read(file.get(), text, sizeof text - 1) : -1;
    if (got <= 0) return false;
    text[got] = '\0';
    const char* after = std::strrchr(text, ')');
    char state = 0;
    int parent = 0;
    int group = 0;
    int session = 0;
    if (after == nullptr || std::sscanf(after + 1, " %c %d %d %d", &state, &parent, &group, &session) != 4)
        return false;
    facts = {static_cast<pid_t>(std::atoi(pid)), parent, session};
    return true;
}

}  // namespace

std::vector<ProcessFacts> list_processes() {
    std::vector<ProcessFacts> all;
    const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), &closedir);
    if (!proc) return all;
    while (const dirent* entry = readdir(proc.get())) {
        ProcessFacts facts;
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && read_stat(entry->d_name, facts)) all.push_back(facts);
    }
    return all;
}

void signal_session(pid_t session, int number) {
    kill(-session, number);
    for (const auto& process : list_processes()) {
        if (process.session == session && process.pid != getpid()) kill(process.pid, number);
    }
}

void signal_everything(int number) {
    if (getpid() == 1) {
        kill(-1, number);
        return;
    }
    siginfo_t nobody{};
    const bool childless = waitid(P_ALL, 0, &nobody, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
    if (childless) return;  // and so without descendants: looking at all processes takes milliseconds
    std::set<pid_t> ours{getpid()};
    const auto all = list_processes();
    for (std::size_t before = 0; before != ours.size();) {
        before = ours.size();
        for (const auto& process : all) {
            if (ours.contains(process.parent)) ours.insert(process.pid);
        }
    }
    ours.erase(getpid());
    for (const pid_t pid : ours) kill(pid, number);
}

}  // namespace gyre::injob

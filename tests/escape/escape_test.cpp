// A job that tries every way out of its box that is known (tests/escape/line.h), under each executor. Then the host is
// looked at: what was written, mounted, started or grouped there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/digest.h"
#include "base/fd.h"
#include "escape/executor.h"
#include "support/eventually.h"
#include "support/leftovers.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t lines_at_least = 50;
constexpr int descriptors_tried = 16;  // as working directories

struct Tried {
    std::set<std::string> held;
    std::set<std::string> not_held;  // with what got out
};

// A container's id out of /proc/self/cgroup; empty where there is none in it.
std::string container_of(const std::string& groups) {
    constexpr std::size_t length = 64;
    const std::string digits = "0123456789abcdef";
    for (std::size_t at = 0; (at = groups.find_first_of(digits, at)) != std::string::npos;) {
        const auto end = std::min(groups.find_first_not_of(digits, at), groups.size());
        if (end - at == length) return groups.substr(at, length);
        at = end;
    }
    return "";
}

Tried read_lines(const std::string& text) {
    Tried tried;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("ok ")) tried.held.insert(line.substr(3));
        if (line.starts_with("ESCAPED ") || line.starts_with("UNDECIDED ")) tried.not_held.insert(line);
    }
    return tried;
}

class Escape : public UnderExecutor {
protected:
    // The host's places that no job may see, as words of a command line.
    std::string hidden() {
        const std::string data = server().data();
        std::string words;
        for (const std::string& path : {data, data + "/secrets.key", data + "/gyre.db", data + "/agents",
                                        repository().bare(), engine_files(), engine_socket()}) {
            if (path.empty()) continue;
            EXPECT_TRUE(fs::exists(path)) << path << " has another name now";
            words += ' ' + path;
        }
        return words;
    }
    // What runs for the server, the engine and the jobs, by name.
    static std::set<std::string> programs() {
        std::set<std::string> names;
        for (const auto& process : descendants()) names.insert(process.program);
        return names;
    }
    void expect_host_as_before(const std::set<std::string>& programs_before, const std::string& mark);
};

void Escape::expect_host_as_before(const std::set<std::string>& programs_before, const std::string& mark) {
    eventually("all that the job started is gone", [&] {
        const auto now = programs();
        return std::includes(programs_before.begin(), programs_before.end(), now.begin(), now.end());
    });
    end_registry();
    if (!has_engine()) expect_nothing_left();
    const std::string id = text_at(newest().job("try"), "id");
    const std::string container = container_of(newest().output("try", "Group"));
    EXPECT_THAT(cgroups_named(id), testing::IsEmpty());
    EXPECT_EQ(has_engine(), !container.empty());
    if (has_engine()) {
        EXPECT_THAT(cgroups_named(container), testing::IsEmpty());
    }
    EXPECT_THAT(files_named(server().data() + "/agents", id), testing::IsEmpty());
    for (const char* place : {"/", "/dev/shm", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp", "/usr/bin",
                              "/var/lib", "/var/tmp", "/sys/fs/cgroup"})
        EXPECT_FALSE(fs::exists(fs::path(place) / mark)) << place;
}

// A socket of this host without a place in the file system, which a job in the same network could reach.
class AbstractSocket {
public:
    AbstractSocket() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        // the kernel chooses a name when it is given none
        if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address.sun_family) != 0 ||
            ::listen(socket_.get(), 8) != 0)
            throw std::runtime_error("no abstract socket can be made");
    }

private:
    Fd socket_;
};

// The sandbox is in the host's network, and can keep its jobs from such sockets from Linux 6.12 on
// (docs/admin/running-jobs.md says so).
bool reaches_abstract_sockets(const std::string& executor) {
    constexpr long with_scopes = 6;
    constexpr int ask_for_the_version = 1;
    return executor.starts_with("sandbox") &&
           ::syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_for_the_version) < with_scopes;
}

TEST_P(Escape, finds_no_way_out) {
    if (IsSkipped()) return;
    const AbstractSocket socket;
    const std::string helper = sha256_hex(read_file(bin_directory() + "/gyre-injob"));
    const std::string mark = "gyre-escape-" + fs::path(directory()).filename().string();
    config(workflow(job("first", {"- run: echo the server has its agents"})));
    push("first").wait();
    const auto before = programs();
    config(workflow(job("try", {"- run: {name: Group, command: cat /proc/self/cgroup}",
                                "- run: {name: Mark, command: ./escape mark " + mark + "}",
                                "- run: {name: Try, command: ./escape try" + hidden() + "}"})));
    push("try").wait();
    const std::string output = newest().output("try", "Try");
    Tried tried = read_lines(output);
    if (reaches_abstract_sockets(GetParam()))
        std::erase_if(tried.not_held,
                      [](const auto& line) { return line.starts_with("ESCAPED listening_sockets: @"); });
    EXPECT_THAT(tried.not_held, testing::IsEmpty());
    EXPECT_GE(tried.held.size(), lines_at_least) << output;
    EXPECT_THAT(newest().attempts("try"), testing::SizeIs(1));
    EXPECT_THAT(newest().output("try", "Mark"), testing::HasSubstr("left ./" + mark)) << "it can write somewhere";
    expect_host_as_before(before, mark);
    EXPECT_EQ(sha256_hex(read_file(bin_directory() + "/gyre-injob")), helper);
}

// CVE-2024-21626: what started the job holds directories of the host open, and a step begins in one of them.
TEST_P(Escape, from_an_inherited_descriptor_as_working_directory_leads_nowhere) {
    if (IsSkipped()) return;
    std::vector<std::string> steps{"- run: mkdir -p /tmp/x && cp escape /tmp/x/"};
    for (int fd = 3; fd < 3 + descriptors_tried; ++fd) {
        const std::string number = std::to_string(fd);
        steps.push_back("- run: {name: Begin " + number + ", when: always, working_directory: /proc/self/fd/" + number +
                        ", command: /tmp/x/escape outside " + repository().bare() + "/HEAD}");
    }
    ASSERT_TRUE(fs::exists(repository().bare() + "/HEAD"));
    config(workflow(job("begin", steps)));
    push("begin").wait();
    EXPECT_THAT(newest().outputs("begin"), testing::Not(testing::HasSubstr("ESCAPED")));
    const auto attempts = newest().attempts("begin");
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_GE(at(attempts[0], "steps").as_array().size(), static_cast<std::size_t>(descriptors_tried));
}

INSTANTIATE_TEST_SUITE_P(Jobs, Escape, testing::ValuesIn(executors),
                         [](const auto& executor) { return std::string(executor.param); });

// A directory to be /dev of a run, and which of its devices were opened there.
class WatchedDevices {
public:
    WatchedDevices() : events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        char pattern[] = "/tmp/gyre-escape-dev.XXXXXX";
        path_ = mkdtemp(pattern);
    }
    ~WatchedDevices() { fs::remove_all(path_); }
    WatchedDevices(const WatchedDevices&) = delete;
    WatchedDevices& operator=(const WatchedDevices&) = delete;

    bool make(const std::string& name, dev_t device) const {
        return mknod((path_ + "/" + name).c_str(), S_IFCHR | 0600, device) == 0;
    }
    bool watch() const { return inotify_add_watch(events_.get(), path_.c_str(), IN_OPEN) >= 0; }
    const std::string& path() const { return path_; }
    std::set<std::string> opened() const {
        std::set<std::string> names;
        alignas(inotify_event) char events[4096];
        for (ssize_t length = 0; (length = read(events_.get(), events, sizeof events)) > 0;) {
            for (ssize_t at = 0; at < length;) {
                const auto* event = reinterpret_cast<const inotify_event*>(events + at);
                if (event->len > 0) names.insert(event->name);
                at += static_cast<ssize_t>(sizeof *event + event->len);
            }
        }
        return names;
    }

private:
    Fd events_;
    std::string path_;
};

// So that "ok" means something: root in namespaces of its own, with no box around it, gets out by most ways. Its /dev
// is ours all the same: the machine's watchdogs and tapes are no part of a test.
TEST(EscapeUnconfined, is_told) {
    const WatchedDevices devices;
    const dev_t log_of_the_kernel = makedev(1, 11);
    if (!devices.make("watchdog", log_of_the_kernel)) GTEST_SKIP() << "needs root that may make devices";
    ASSERT_TRUE(devices.watch());
    const std::string script = "mount --bind " + devices.path() + " /dev && exec " GYRE_ESCAPE " try /proc/self/status";
    const Finished ran =
        run_as({.argv = {"unshare", "--mount", "--pid", "--fork", "--mount-proc", "--net", "--ipc", "sh", "-c", script},
                .home = "/",
                .directory = "/tmp"});
    EXPECT_THAT(devices.opened(), testing::IsEmpty()) << "to open it is to change something";
    const Tried tried = read_lines(ran.out);
    if (tried.held.empty()) GTEST_SKIP() << "needs root that may make namespaces: " << ran.err;
    std::set<std::string> ways;
    for (const auto& line : tried.not_held) ways.insert(line.substr(0, line.find(':')));
    for (const char* way :
         {"proc_sys", "memory_of_the_machine", "devices", "made_devices", "hidden", "capabilities", "seccomp",
          "no_new_privs", "first_process_read", "first_process_traced", "call_mount", "call_setns", "call_keyctl",
          "call_bpf", "mounts", "user_namespace", "mount_namespace", "network_namespace"})
        EXPECT_TRUE(ways.contains(std::string("ESCAPED ") + way)) << way << " was not found:\n" << ran.out;
}

}  // namespace
}  // namespace gyre::test

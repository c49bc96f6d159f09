// The real thing: bubblewrap, mounts and limits of this host. Tests that this host or user cannot carry say so.

#include "agent/executors/sandbox.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "agent/executors/sandbox_in_test.h"
#include "agent/executors/sandbox_tree.h"
#include "agent/probe_in_test.h"
#include "gtest/gtest.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using testing::bash;
using testing::run;
using testing::SandboxPlace;

class Sandbox : public ::testing::Test {
protected:
    void SetUp() override {
        auto box = place_.prepare();
        if (!box) GTEST_SKIP() << "needs a working sandbox: " << box.error().message;
        box_ = std::move(*box);
    }
    void TearDown() override {
        EXPECT_TRUE(!box_ || box_->destroy().ok());
        EXPECT_TRUE(fs::is_empty(place_.directory()));
    }
    testing::Ran run(const std::string& script) { return testing::run(box_->supervisor(), script); }
    std::string output(const std::string& script) { return run(script).output; }

    SandboxPlace place_;
    std::unique_ptr<Box> box_;
};

TEST_F(Sandbox, says_that_no_image_is_used) {
    EXPECT_NE(place_.said.find("The image cimg/base:2024.01 is not used."), std::string::npos) << place_.said;
    EXPECT_NE(place_.said.find("file system of this host"), std::string::npos) << place_.said;
}

TEST_F(Sandbox, is_the_home_of_an_ordinary_user) {
    EXPECT_EQ(box_->supervisor().inside().home, "/home/circleci");
    EXPECT_EQ(box_->supervisor().inside().user, "circleci");
    EXPECT_EQ(output("whoami; id -un; echo ~; cd; pwd; echo $HOME $LD_PRELOAD"),
              "circleci\ncircleci\n/home/circleci\n/home/circleci\n/home/circleci\n")
        << "bubblewrap gets no variable of the job";
    EXPECT_NE(output("id -u"), "0\n");
    EXPECT_EQ(output("touch ~/f /tmp/f /var/tmp/f && stat -c %U ~/f"), "circleci\n");
}

TEST(SandboxGpus, are_the_jobs_and_no_others) {
    SandboxPlace place;
    place.gpus.push_back(
        {.kind = "acme.com/gpu", .name = "0", .own = {.nodes = {{"/dev/acme/gpu0", "/dev/zero", "rw"}}}});
    const auto box = place.prepare();
    if (!box) GTEST_SKIP() << "needs a working sandbox: " << box.error().message;
    EXPECT_EQ(testing::run((*box)->supervisor(), "head -c 3 /dev/acme/gpu0 | od -An -tx1; ls /dev/acme").output,
              " 00 00 00\ngpu0\n");
    EXPECT_TRUE((*box)->destroy());
}

TEST(SandboxGpus, that_are_not_there_are_told) {
    SandboxPlace place;
    if (const auto box = place.prepare(); !box) GTEST_SKIP() << "needs a working sandbox: " << box.error().message;
    place.gpus.push_back(
        {.kind = "acme.com/gpu", .name = "0", .own = {.nodes = {{"/dev/acme0", "/dev/gyre-has-none", "rw"}}}});
    const auto box = place.prepare();
    ASSERT_FALSE(box);
    EXPECT_NE(box.error().message.find("/dev/gyre-has-none is no device of this machine"), std::string::npos)
        << box.error().message;
}

TEST_F(Sandbox, has_its_files_counted) {
    const auto meter = box_->disk_meter();
    const auto before = meter->occupied(-1);
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ(output("head -c 3000000 /dev/zero > ~/much; head -c 2000000 /dev/zero > /var/tmp/more"), "");
    EXPECT_GE(meter->occupied(-1).value_or(0) - *before, 5'000'000);
}

TEST_F(Sandbox, keeps_files_and_background_processes_from_step_to_step) {
    EXPECT_EQ(output("echo hello > ~/left; sleep 1000 > /dev/null 2>&1 & echo $! > ~/pid"), "");
    EXPECT_EQ(output("cat ~/left; kill -0 $(cat ~/pid) && echo lives"), "hello\nlives\n");
}

TEST_F(Sandbox, has_our_tools_in_its_path) {
    EXPECT_EQ(output("circleci tests split --index=0 --total=2 <<< 'b a c'"), "a\nc\n");
    EXPECT_EQ(output("WHO=me circleci-agent env subst '$WHO'"), "me\n");
    const auto halted = run("circleci-agent step halt");
    EXPECT_TRUE(std::get<ExitedWith>(*halted.end).halted);
}

TEST_F(Sandbox, has_no_privileges) {
    EXPECT_EQ(output("grep -E '^(NoNewPrivs|CapEff|CapPrm|CapBnd|Seccomp):' /proc/self/status"),
              "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:"
              "\t1\nSeccomp:\t2\n");
}

TEST_F(Sandbox, does_not_write_to_the_host) {
    run("touch /var/tmp/gyre-was-here /tmp/gyre-was-here /dev/shm/gyre-was-here /var/lock/gyre-was-here || true");
    for (const char* path :
         {"/var/tmp/gyre-was-here", "/tmp/gyre-was-here", "/dev/shm/gyre-was-here", "/run/lock/gyre-was-here"}) {
        EXPECT_FALSE(fs::exists(path)) << path;
    }
}

TEST_F(Sandbox, shows_nothing_of_the_hosts_secrets) {
    EXPECT_EQ(output("ls -A /root 2>/dev/null | wc -l"), "0\n");
    EXPECT_EQ(output("ls -A /home"), "circleci\n");
    EXPECT_NE(run("cat " + place_.base + "/secret/key").code(), 0);
    EXPECT_NE(run("cat /etc/shadow").code(), 0);
    EXPECT_NE(run("ls " + place_.base).code(), 0);
    EXPECT_EQ(output("ls -A /run | sort | tr '\\n' ' '").find("docker.sock"), std::string::npos);
}

TEST_F(Sandbox, does_not_reach_abstract_sockets_of_the_host) {
    if (syscall(444, nullptr, 0, 1) < 6) GTEST_SKIP() << "needs Linux 6.12: Landlock scopes";
    if (run("command -v python3").code() != 0) GTEST_SKIP() << "needs python3";
    const std::string name = "gyre-test-" + std::to_string(getpid());
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    ASSERT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    ASSERT_EQ(listen(socket.get(), 1), 0);
    const std::string connect =
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0" + name + "\")'";
    const auto ran = run(connect);
    EXPECT_NE(ran.output.find("Operation not permitted"), std::string::npos) << ran.output;
    EXPECT_EQ(output("python3 -c 'import socket; a = socket.socket(socket.AF_UNIX); a.bind(\"\\0mine\"); a.listen(); "
                     "socket.socket(socket.AF_UNIX).connect(\"\\0mine\")'"),
              "")
        << "its own ones work";
}

TEST_F(Sandbox, shows_only_its_own_processes) {
    EXPECT_EQ(output("ps -e -o comm= 2>/dev/null | sort -u | grep -c agent_test || true"), "0\n");
    EXPECT_EQ(output("readlink /proc/1/exe 2>/dev/null || true; tr '\\0' ' ' < /proc/1/cmdline"),
              "/run/gyre/gyre-injob supervise --fd 3 --confine ");
}

// Not below /tmp, which is covered anyway.
class SandboxHidden : public ::testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/opt/gyre-test-XXXXXX";
        if (mkdtemp(pattern) == nullptr) GTEST_SKIP() << "needs a user who may write to /opt";
        base_ = pattern;
        chmod(pattern, 0755);
        fs::create_directories(base_ + "/data/server");
        std::ofstream(base_ + "/data/server/key") << "do not read";
        std::ofstream(base_ + "/data/other") << "read me";
        fs::create_directory_symlink(base_ + "/data", base_ + "/link");
        fs::create_directory_symlink("/no/such/place", base_ + "/nowhere");
    }
    void TearDown() override { EXPECT_TRUE(base_.empty() || remove_tree(base_).ok()); }
    std::string base_;
};

TEST_F(SandboxHidden, behind_a_link_is_hidden_all_the_same) {
    SandboxPlace place;
    place.settings.hidden = {base_ + "/link/server"};
    auto box = place.prepare();
    if (!box) GTEST_SKIP() << "needs a working sandbox: " << box.error().message;
    const auto read = [&](const std::string& path) { return run((*box)->supervisor(), "cat " + base_ + path); };
    EXPECT_EQ(read("/data/other").output, "read me") << "the place itself can be read";
    for (const char* path : {"/data/server/key", "/link/server/key"}) {
        EXPECT_NE(read(path).code(), 0) << path;
        EXPECT_EQ(read(path).output.find("do not read"), std::string::npos) << path;
    }
}

struct Escape {
    const char* what;
    const char* script;        // must fail
    const char* control = "";  // must work: the same tool with something allowed; without the tool, nothing is learnt
};

constexpr const char* python = "python3 -c 'import ctypes, socket, sys; ctypes.CDLL(None)'";

// performance.md 5.3: each of these must fail.
const Escape escapes[] = {
    {"write_proc_sys", "echo 1 > /proc/sys/kernel/core_pattern", "cat /proc/sys/kernel/core_pattern"},
    {"write_sysrq", "echo b > /proc/sysrq-trigger"},
    {"write_sys", "echo 1 > /sys/devices/system/cpu/cpu0/online", "test -d /sys/devices/system/cpu/cpu0"},
    {"write_cgroup",
     "for f in $(find /sys/fs/cgroup -name cgroup.procs -o -name tasks -o -name memory.max -o -name "
     "memory.limit_in_bytes -o "
     "-name release_agent -o -name notify_on_release); do echo 0 > $f && exit 0; done; exit 1",
     "find /sys -maxdepth 1"},
    {"read_dev_mem", "head -c 1 /dev/mem", "head -c 1 /dev/zero"},
    {"read_kmsg", "head -c 1 /dev/kmsg", "head -c 1 /dev/zero"},
    {"dmesg", "dmesg", "dmesg --version"},
    {"mount_tmpfs", "mkdir -p ~/m; mount -t tmpfs none ~/m", "mount --version"},
    {"mount_bind", "mkdir -p ~/m; mount --bind / ~/m", "mount --version"},
    {"umount_root_mask", "umount /root || umount -l /root", "umount --version"},
    {"umount_home", "umount /home || umount -l /home", "umount --version"},
    {"remount_tools", "mount -o remount,rw /run/gyre", "mount --version"},
    {"pivot_root", "cd ~; mkdir -p new/old; $(command -v pivot_root || echo /sbin/pivot_root) new new/old",
     "$(command -v pivot_root || echo /sbin/pivot_root) --version"},
    {"new_user_namespace", "unshare -U true", "unshare --version"},
    {"new_user_and_mount_namespace", "unshare -Urm true", "unshare --version"},
    {"new_network_namespace", "unshare -n true", "unshare --version"},
    {"enter_a_namespace", "nsenter -t 1 -m true", "nsenter --version"},
    {"nested_bubblewrap", "bwrap --bind / / true", "bwrap --version"},
    {"trace_the_supervisor",
     "python3 -c 'import ctypes,sys; sys.exit(0 if ctypes.CDLL(None).ptrace(16,1,0,0)==0 else 1)'", python},
    {"environment_of_the_supervisor", "cat /proc/1/environ", "cat /proc/self/environ"},
    {"descriptors_of_the_supervisor", "ls /proc/1/fd/", "ls /proc/self/fd/"},
    {"root_through_the_supervisor", "ls /proc/1/root/", "ls /proc/self/root/"},
    {"memory_of_the_supervisor", "head -c 1 /proc/1/mem", "head -c 1 /proc/1/cmdline"},
    {"kill_the_supervisor", "kill -9 1; sleep 0.05; kill -0 1 && exit 1"},
    {"replace_the_supervisor", "echo x > /run/gyre/gyre-injob", "test -x /run/gyre/gyre-injob"},
    {"remove_the_supervisor", "rm /run/gyre/gyre-injob", "touch ~/x && rm ~/x"},
    {"make_a_device", "mknod ~/mem c 1 1", "mknod ~/pipe p"},
    {"become_root_by_setuid", "cp /bin/bash ~/b; chmod u+s ~/b; [ $(~/b -p -c 'id -u') = 0 ]",
     "cp /bin/bash ~/b; chmod u+s ~/b; [ $(~/b -p -c 'id -u') != 0 ]"},
    {"sudo", "sudo -n true", "sudo --version"},
    {"read_shadow", "cat /etc/shadow", "cat /etc/passwd"},
    {"change_passwd", "echo x >> /etc/passwd", "test -e /etc/passwd"},
    {"write_usr", "touch /usr/bin/gyre-was-here", "touch ~/here"},
    {"docker_socket", "test -S /var/run/docker.sock -o -S /run/docker.sock"},
    {"load_a_module", "python3 -c 'import ctypes,sys; sys.exit(0 if ctypes.CDLL(None).syscall(175,0,0,0)==0 else 1)'",
     python},
    {"raise_the_core_limit", "ulimit -c unlimited", "ulimit -c 0"},
    {"raw_network_packets", "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
     "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)'"},
    // 3 is the directory that ls reads
    {"descriptors_of_the_agent", "ls /proc/self/fd | grep -vx '[0-3]'", "ls /proc/self/fd | grep -x 1"},
};

using SandboxEscape = Sandbox;

TEST_F(SandboxEscape, every_known_way_out_is_closed) {
    constexpr int no_such_program = 127;
    std::string not_tried;
    for (const auto& escape : escapes) {
        const auto control = run(escape.control);
        if (control.code() == no_such_program) {
            not_tried += std::string(" ") + escape.what;
            continue;
        }
        EXPECT_EQ(control.code(), 0) << escape.what << ": " << escape.control << "\n" << control.output;
        const auto ran = run(escape.script);
        EXPECT_GT(ran.code(), 0) << escape.what << " did not fail:\n" << ran.output;
        EXPECT_NE(ran.code(), no_such_program) << escape.what << " was not tried:\n" << ran.output;
    }
    EXPECT_EQ(output("echo alive"), "alive\n");
    if (!not_tried.empty()) std::printf("not tried, for want of their programs:%s\n", not_tried.c_str());
}

// x86_64 numbers; each must give EPERM (1) or ENOSYS (38).
TEST_F(SandboxEscape, dangerous_system_calls_are_refused) {
#if defined(__x86_64__)
    const auto ran = run(R"(python3 - <<'END'
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(mount=165, umount2=166, pivot_root=155, unshare=272, setns=308, keyctl=250, add_key=248, bpf=321,
    perf_event_open=298, userfaultfd=323, io_uring_setup=425, clone3=435, kexec_load=246, open_by_handle_at=304,
    fsopen=430, open_tree=428, move_mount=429, init_module=175, reboot=169, swapon=167, syslog=103, iopl=172)
for name, number in calls.items():
    ctypes.set_errno(0)
    result = libc.syscall(number, 0, 0, 0, 0, 0)
    if result != -1 or ctypes.get_errno() not in (1, 38):
        print(name, "gave", result, ctypes.get_errno())
if libc.syscall(16, 0, 0x5412, ctypes.c_char_p(b"x")) != -1 or ctypes.get_errno() != 1: print("TIOCSTI")
if libc.syscall(16, 0, 0x7fff00005412, ctypes.c_char_p(b"x")) != -1 or ctypes.get_errno() != 1: print("TIOCSTI with high bits")
if libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1: print("clone with a user namespace")
END)");
    if (ran.code() == 127) GTEST_SKIP() << "needs python3 to make system calls";
    EXPECT_EQ(ran.output, "");
#else
    GTEST_SKIP() << "needs x86_64: the numbers of system calls are written down for it";
#endif
}

TEST_F(Sandbox, threads_and_children_still_work_under_the_filter) {
    if (run("command -v python3").code() != 0) GTEST_SKIP() << "needs python3";
    EXPECT_EQ(output("python3 -c 'import threading,subprocess; t=threading.Thread(target=lambda: "
                     "print(subprocess.run([\"true\"]).returncode));"
                     " t.start(); t.join()'"),
              "0\n");
}

TEST_F(Sandbox, survives_a_job_that_kills_all_it_can) {
    run("kill -9 -1");
    EXPECT_EQ(output("echo alive"), "alive\n");
}

TEST_F(Sandbox, bounds_a_fork_bomb) {
    const auto bomb = run("exec sh -c 'i=0; while [ $i -lt 3000 ]; do sleep 1000 & i=$((i+1)); done'");
    EXPECT_NE(bomb.code(), 0) << "3000 processes could be started";
    box_->supervisor().kill_all();
    bool alive = false;
    for (int attempt = 0; attempt < 500 && !alive; ++attempt) {  // the dead count until they are reaped
        alive = output("echo alive") == "alive\n";
        if (!alive) poll(nullptr, 0, 20);
    }
    EXPECT_TRUE(alive);
    if (place_.said.find("Not limited here") != std::string::npos) return;
    EXPECT_EQ(box_->trouble(), "the limit of 1024 processes was reached");
    box_->forget_trouble();
    EXPECT_EQ(box_->trouble(), "");
}

TEST_F(Sandbox, names_an_out_of_memory_kill) {
    if (place_.said.find("Not limited here") != std::string::npos)
        GTEST_SKIP() << "needs control groups: " << place_.said;
    const auto ran = run("head -c 900M /dev/zero | tail | wc -c");
    EXPECT_NE(ran.code(), 0);
    EXPECT_NE(box_->trouble().find("out of memory: the limit of 512 MB was reached"), std::string::npos)
        << box_->trouble();
    EXPECT_EQ(output("echo alive"), "alive\n");
    box_->forget_trouble();
    EXPECT_EQ(box_->trouble(), "") << "a later step fails for other reasons";
    run("head -c 900M /dev/zero | tail | wc -c");
    EXPECT_NE(box_->trouble(), "");
}

TEST_F(Sandbox, shows_programs_their_limits) {
    if (place_.said.find("Not limited here") != std::string::npos)
        GTEST_SKIP() << "needs control groups: " << place_.said;
    EXPECT_EQ(output("cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true"),
              "536870912\n");
}

// The process ids, on this host, of processes with that argument.
std::vector<pid_t> processes_with(const std::string& argument) {
    std::vector<pid_t> pids;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "cmdline");
        std::string line;
        std::getline(file, line);
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos && line.find(argument) != std::string::npos)
            pids.push_back(std::stoi(name));
    }
    return pids;
}

pid_t parent_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("PPid:")) return std::stoi(line.substr(5));
    }
    return 0;
}

TEST_F(Sandbox, notices_its_own_death) {
    EXPECT_EQ(box_->trouble(), "");
    const auto id = box_->supervisor().spawn(bash("sleep 1000"), {});
    // from outside, as an administrator or the kernel would: a grandchild of ours, through bubblewrap
    for (const pid_t pid : processes_with("supervise")) {
        if (parent_of(parent_of(pid)) == getpid()) kill(pid, SIGKILL);
    }
    const auto end = box_->supervisor().wait(*id, testing::soon());
    EXPECT_TRUE(end && std::holds_alternative<BoxGone>(*end));
    EXPECT_EQ(box_->trouble(), "the sandbox was killed by signal 9");
}

TEST_F(Sandbox, leaves_nothing_behind) {
    run("mkdir -p ~/a/b; chmod 000 ~/a/b; chmod 500 ~/a; (setsid sleep 76543 >/dev/null 2>&1 &)");
    EXPECT_TRUE(box_->destroy().ok());
    EXPECT_TRUE(processes_with("76543").empty());
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) EXPECT_EQ(line.find("gyre-s"), std::string::npos) << line;
    EXPECT_TRUE(fs::is_empty(place_.base + "/attempts/sandboxes"));
}

TEST(SandboxOfAKilledAgent, dies_with_it_and_is_swept) {
    SandboxPlace place;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t agent = fork();
    if (agent == 0) {
        auto box = place.prepare();
        char answer = box ? 'y' : 'n';
        if (box)
            run((*box)->supervisor(),
                "mkdir ~/left; setsid sleep 65432 >/dev/null 2>&1 & sleep 65432 >/dev/null 2>&1 & "
                "while [ $(grep -l 65432 /proc/[0-9]*/cmdline | wc -l) -lt 3 ]; do :; done");
        if (write(writing.get(), &answer, 1) != 1) _exit(1);
        pause();
        _exit(0);
    }
    writing.reset();
    char answer = 0;
    ASSERT_EQ(read(reading.get(), &answer, 1), 1);
    const auto inside = processes_with("65432");
    kill(agent, SIGKILL);
    waitpid(agent, nullptr, 0);
    if (answer != 'y') GTEST_SKIP() << "needs a working sandbox";
    EXPECT_EQ(inside.size(), 2U);
    for (const pid_t pid : inside) EXPECT_TRUE(testing::is_gone(pid));
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) EXPECT_EQ(line.find("gyre-s"), std::string::npos) << line;
    EXPECT_TRUE(fs::exists(place.directory() + "/sandbox"));
    const auto executor = make_sandbox(place.settings);
    ASSERT_TRUE(executor.ok());
    EXPECT_TRUE((*executor)->sweep([](std::string_view) { return false; }).ok());
    EXPECT_FALSE(fs::exists(place.directory() + "/sandbox"));
    EXPECT_TRUE(fs::is_empty(place.base + "/attempts/sandboxes"));
}

TEST(SandboxPrepare, gives_up_when_the_job_is_stopped) {
    SandboxPlace place;
    auto executor = make_sandbox(place.settings);
    if (!executor) GTEST_SKIP() << executor.error().message;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd(ends[1]).reset();  // readable at once
    BoxRequest request;
    request.assignment = &place.assignment;
    request.name = "test-0-a1";
    request.directory = place.directory();
    request.injob_path = GYRE_INJOB;
    request.cancel = reading.get();
    const auto box = (*executor)->prepare(request);
    EXPECT_FALSE(box.ok());
    EXPECT_TRUE(fs::is_empty(request.directory));
}

TEST(SandboxPrepare, says_what_is_missing) {
    SandboxPlace place;
    auto executor = make_sandbox(place.settings);
    if (!executor) GTEST_SKIP() << executor.error().message;
    BoxRequest request;
    request.assignment = &place.assignment;
    request.name = "test-0-a1";
    request.directory = place.directory();
    request.injob_path = "/no/such/gyre-injob";
    const auto box = (*executor)->prepare(request);
    ASSERT_FALSE(box.ok());
    EXPECT_NE(box.error().message.find("/no/such/gyre-injob"), std::string::npos);
}

TEST(SandboxPrepare, makes_several_boxes_at_once_with_users_of_their_own) {
    SandboxPlace one("job-one");
    SandboxPlace two("job-two");
    auto first = one.prepare();
    if (!first) GTEST_SKIP() << "needs a working sandbox: " << first.error().message;
    auto second = two.prepare();
    ASSERT_TRUE(second.ok()) << second.error().message;
    const auto ids = run((*first)->supervisor(), "id -u").output + run((*second)->supervisor(), "id -u").output;
    if (geteuid() == 0) {
        EXPECT_NE(ids.substr(0, ids.find('\n')), ids.substr(ids.find('\n') + 1, ids.rfind('\n') - ids.find('\n') - 1));
    }
}

}  // namespace
}  // namespace gyre::agent

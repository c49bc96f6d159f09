#include "base/nursery.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/fd_message.h"

namespace gyre {
namespace {

namespace fs = std::filesystem;

class NurseryTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-nursery-test.XXXXXX";
        root_ = mkdtemp(pattern);
        mkfifo((root_ + "/said").c_str(), 0600);
    }
    void TearDown() override { fs::remove_all(root_); }

    NurseryCommand command(const std::string& script) const {
        return {{program_, script}, "the secret", root_ + "/log"};
    }
    // All that the next writer says. One that never comes is a failure and no hang.
    std::string hear() const {
        const Fd said(open((root_ + "/said").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        std::string heard;
        std::array<char, 4096> piece{};
        while (is_ready(said)) {
            const ssize_t got = read(said.get(), piece.data(), piece.size());
            if (got <= 0) return heard;
            heard.append(piece.data(), static_cast<std::size_t>(got));
        }
        ADD_FAILURE() << "the copy did not say anything, or no end: " << heard;
        return heard;
    }
    static bool ends(const Nursery::Copy& copy) { return is_ready(copy.pidfd); }
    static bool is_ready(const Fd& fd) {
        pollfd one{fd.get(), POLLIN, 0};
        return poll(&one, 1, 60'000) == 1;
    }
    std::string said() const { return root_ + "/said"; }

    std::string root_;
    std::string program_ = GYRE_NURSERY_EXAMPLE;
};

TEST_F(NurseryTest, gives_each_copy_the_secret_and_tells_its_end) {
    auto nursery = Nursery::start(command("echo $$ $SECRET > " + said()));
    ASSERT_TRUE(nursery.ok()) << nursery.error().message;
    for (int i = 0; i < 3; ++i) {
        const auto copy = nursery->copy();
        ASSERT_TRUE(copy.ok()) << copy.error().message;
        EXPECT_EQ(hear(), std::to_string(copy->process) + " the secret\n");
        EXPECT_TRUE(ends(*copy));
    }
}

TEST_F(NurseryTest, shows_the_secret_to_nobody) {
    auto nursery =
        Nursery::start(command("cat /proc/$PPID/cmdline /proc/$PPID/environ | tr '\\0' ' ' > " + said() + "; exit 0"));
    ASSERT_TRUE(nursery.ok());
    const auto copy = nursery->copy();
    ASSERT_TRUE(copy.ok());
    const std::string seen = hear();
    EXPECT_NE(seen.find("--nursery-fd 3"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("the secret"), std::string::npos) << seen;
}

TEST_F(NurseryTest, gives_a_copy_a_session_of_its_own_and_none_of_our_descriptors) {
    const Fd ours(fcntl(STDERR_FILENO, F_DUPFD, 200));
    auto nursery = Nursery::start(command("set -- $(cat /proc/$$/stat); echo $6 $$ $(ls /proc/$$/fd) > " + said()));
    ASSERT_TRUE(nursery.ok());
    const auto copy = nursery->copy();
    ASSERT_TRUE(copy.ok());
    const std::string number = std::to_string(copy->process);
    EXPECT_EQ(hear().rfind(number + " " + number + " 0 1 2", 0), 0U);
    EXPECT_TRUE(ends(*copy));
}

TEST_F(NurseryTest, is_outlived_by_its_copies) {
    std::optional<Nursery::Copy> copy;
    {
        auto nursery = Nursery::start(command("read -r word < " + root_ + "/go; echo $word > " + said()));
        mkfifo((root_ + "/go").c_str(), 0600);
        ASSERT_TRUE(nursery.ok());
        auto made = nursery->copy();
        ASSERT_TRUE(made.ok());
        copy = std::move(*made);
    }
    std::ofstream(root_ + "/go") << "on\n";
    EXPECT_EQ(hear(), "on\n");
    EXPECT_TRUE(ends(*copy));
}

TEST_F(NurseryTest, that_was_killed_says_so) {
    auto nursery = Nursery::start(command("echo $PPID > " + said()));
    ASSERT_TRUE(nursery.ok());
    const auto first = nursery->copy();
    ASSERT_TRUE(first.ok());
    const pid_t process = std::stoi(hear());
    kill(process, SIGKILL);
    siginfo_t end{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(process), &end, WEXITED | WNOWAIT), 0);
    EXPECT_TRUE(ends(*first));
    const auto second = nursery->copy();
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().fault, Fault::unavailable);
}

TEST_F(NurseryTest, says_that_a_copy_cannot_be_opened) {
    auto nursery = Nursery::start(command("echo $PPID > " + said()));
    ASSERT_TRUE(nursery.ok());
    ASSERT_TRUE(nursery->copy().ok());
    // Three streams, and the socket.
    const rlimit full{4, 4};
    ASSERT_EQ(prlimit(std::stoi(hear()), RLIMIT_NOFILE, &full, nullptr), 0);
    const auto second = nursery->copy();
    ASSERT_FALSE(second.ok());
    EXPECT_NE(second.error().message.find("opening a copied process: Too many open files"), std::string::npos)
        << second.error().message;
}

TEST_F(NurseryTest, becomes_the_program_that_has_taken_its_place) {
    const std::string place = root_ + "/program";
    fs::copy_file(program_, place);
    program_ = place;
    auto nursery = Nursery::start(command("readlink /proc/$PPID/exe > " + said()));
    ASSERT_TRUE(nursery.ok());
    ASSERT_TRUE(nursery->copy().ok());
    EXPECT_EQ(hear(), place + "\n");
    // As packages do: what runs goes on with the old file.
    fs::copy_file(GYRE_NURSERY_EXAMPLE, place + ".new");
    fs::rename(place + ".new", place);
    ASSERT_TRUE(nursery->copy().ok());
    EXPECT_EQ(hear(), place + "\n") << "and not the one that was deleted";
    fs::remove(place);
    ASSERT_TRUE(nursery->copy().ok()) << "what runs goes on";
    EXPECT_EQ(hear(), place + " (deleted)\n");
}

TEST_F(NurseryTest, says_which_program_cannot_be_started) {
    program_ = "/no/such/program";
    EXPECT_NE(Nursery::start(command("")).error().message.find("/no/such/program"), std::string::npos);
}

TEST_F(NurseryTest, that_is_another_program_gives_no_copies) {
    for (const char* program : {"/bin/true", "/bin/false"}) {
        auto nursery = Nursery::start({{program}, "s", root_ + "/log"});
        ASSERT_TRUE(nursery.ok());
        EXPECT_EQ(nursery->copy().error().fault, Fault::unavailable);
    }
}

void send_without_text(int socket, int fd) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    ASSERT_EQ(sendmsg(socket, &message, 0), 0);
}

TEST(FdMessage, carries_descriptors_and_drops_none) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Fd one(ends[0]);
    Fd other(ends[1]);
    EXPECT_FALSE(send_message(one.get(), "", {}).ok());
    EXPECT_FALSE(send_message(one.get(), "x", std::array<int, 9>{}).ok());
    EXPECT_FALSE(send_message(one.get(), "x", std::array{-1}).ok());
    EXPECT_EQ(receive_message(other.get(), 10, MSG_DONTWAIT).error().fault, Fault::not_found);
    ASSERT_TRUE(send_message(one.get(), "two of them", std::array{0, 1}).ok());
    ASSERT_TRUE(send_message(one.get(), "none", {}).ok());
    const auto two = receive_message(other.get(), 3);
    ASSERT_TRUE(two.ok());
    EXPECT_EQ(two->text, "two");
    ASSERT_EQ(two->fds.size(), 2U);
    EXPECT_EQ(fcntl(two->fds[0].get(), F_GETFD), FD_CLOEXEC);
    const auto none = receive_message(other.get(), 100);
    ASSERT_TRUE(none.ok());
    EXPECT_EQ(none->text, "none");
    EXPECT_TRUE(none->fds.empty());
    other.reset();
    EXPECT_EQ(send_message(one.get(), "x", {}).error().fault, Fault::unavailable);
    EXPECT_EQ(receive_message(one.get(), 10).error().fault, Fault::unavailable);
}

TEST(FdMessage, without_text_leaves_no_descriptor_open) {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Fd one(ends[0]);
    const Fd other(ends[1]);
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    send_without_text(one.get(), writer.get());
    writer.reset();
    EXPECT_EQ(receive_message(other.get(), 10).error().fault, Fault::unavailable);
    char byte = 0;
    EXPECT_EQ(read(reader.get(), &byte, 1), 0) << "somebody still has the other end of the pipe";
}

}  // namespace
}  // namespace gyre

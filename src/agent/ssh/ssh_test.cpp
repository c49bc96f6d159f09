// SSH into a job, with the real OpenSSH client and with clients that mean ill. The boxes of the other executors:
// executors/*_test.cpp.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

#include "agent/probe_in_test.h"
#include "agent/ssh/guest_in_test.h"
#include "agent/ssh/server.h"

namespace gyre::agent {
namespace {

using testing::Guest;
using ::testing::HasSubstr;
using testing::LocalSupervisor;
using testing::TerminalClient;
using namespace std::chrono_literals;

// A connection without a client's manners.
class RawClient {
public:
    explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    bool connected() const { return connected_; }
    void send(const std::string& bytes) { (void)::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    // All that comes until the server ends the connection; "?" in front when it does not within a minute.
    std::string until_end() {
        std::string all;
        while (true) {
            pollfd ready{socket_.get(), POLLIN, 0};
            if (::poll(&ready, 1, 60'000) != 1) return "?" + all;
            char bytes[4096];
            const auto got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
            if (got <= 0) return all;
            all.append(bytes, static_cast<std::size_t>(got));
        }
    }

private:
    Fd socket_;
    bool connected_ = false;
};

class Ssh : public ::testing::Test {
protected:
    void SetUp() override {
        if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
        ::signal(SIGPIPE, SIG_IGN);
        char pattern[] = "/tmp/gyre-ssh-XXXXXX";
        files = ::mkdtemp(pattern);
        settings.host_key = files / "host-key";
        settings.login_patience = 60s;
    }
    void TearDown() override {
        server.reset();
        if (!files.empty()) std::filesystem::remove_all(files);
    }

    void open() {
        SshServer::Callbacks callbacks;
        callbacks.came = [this](const Login& login) { note("came " + login.login + " " + login.fingerprint); };
        callbacks.left = [this](const Login& login) { note("left " + login.login + " " + login.fingerprint); };
        auto opened = SshServer::open(settings,
                                      {.supervisor = &*job,
                                       .environment = Environment{{"A", "b"}},
                                       .working_directory = files.string(),
                                       .helper = GYRE_INJOB},
                                      callbacks);
        ASSERT_TRUE(opened) << opened.error().message;
        server = std::move(*opened);
    }
    void open_for_ann() {
        open();
        server->let_in({ann.as_guest()});
    }
    void note(const std::string& what) {
        {
            const std::lock_guard lock(mutex);
            notes.push_back(what);
        }
        changed.notify_all();
    }
    bool noted(const std::string& what) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 60s, [&] { return std::ranges::find(notes, what) != notes.end(); });
    }
    int port() const { return server->port(); }

    LocalSupervisor job;
    Guest ann{"ann"};
    std::filesystem::path files;
    SshServerSettings settings{.address = "127.0.0.1", .first_port = 20'000, .last_port = 29'999, .host_key = {}};
    std::unique_ptr<SshServer> server;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> notes;
};

TEST_F(Ssh, lets_a_guest_do_what_a_step_can_and_tells_who_came_and_left) {
    open_for_ann();
    testing::expect_whole_ssh(ann, port(), files.string());
    EXPECT_TRUE(noted("came ann " + ann.key().fingerprint));
    EXPECT_TRUE(noted("left ann " + ann.key().fingerprint));
    EXPECT_THAT(notes, ::testing::Not(::testing::Contains(HasSubstr("mallory"))));
}

TEST_F(Ssh, copies_files_by_what_the_image_has) {
    if (!std::filesystem::exists("/usr/lib/openssh/sftp-server")) GTEST_SKIP() << "needs openssh-sftp-server";
    open_for_ann();
    std::ofstream(files / "there") << "content";
    const auto copied = ann.copies(port(), "get there " + (files / "here").string() + "\n");
    EXPECT_EQ(copied.exit_code, 0) << copied.err;
    EXPECT_TRUE(std::filesystem::exists(files / "here"));
}

TEST_F(Ssh, the_host_has_one_key_for_all_jobs_and_shows_its_fingerprint) {
    open_for_ann();
    const std::string first = server->fingerprint();
    EXPECT_EQ(ann.does(port(), "true").exit_code, 0);
    const auto known = run({.argv = {"ssh-keygen", "-lf", ann.known_hosts()}});
    EXPECT_THAT(known->out, HasSubstr(first));
    server.reset();
    open_for_ann();
    EXPECT_EQ(server->fingerprint(), first);
    EXPECT_EQ(std::filesystem::status(files / "host-key").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Ssh, a_key_that_is_taken_away_ends_its_session) {
    open_for_ann();
    TerminalClient client(ann.words("ssh", port(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("echo in''side\n");
    ASSERT_TRUE(client.shows("inside")) << client.unread();
    EXPECT_EQ(server->presence().inside, 1);
    server->let_in({});
    EXPECT_EQ(client.wait(), 255);
    EXPECT_TRUE(noted("left ann " + ann.key().fingerprint));
    EXPECT_EQ(server->presence().inside, 0);
    EXPECT_EQ(ann.does(port(), "true").exit_code, 255);
}

TEST_F(Ssh, what_a_guest_runs_is_hung_up_when_the_server_goes) {
    open_for_ann();
    TerminalClient client(ann.words("ssh", port(), {"-tt", "127.0.0.1"}), 80, 24);
    client.type("echo p''id-$$-\n");
    ASSERT_TRUE(client.shows("pid-")) << client.unread();
    ASSERT_TRUE(client.shows("-")) << client.unread();
    const auto pids = run({.argv = {"pgrep", "-P", std::to_string(job.pid())}});
    const pid_t shell = std::atoi(pids->out.c_str());
    ASSERT_GT(shell, 0);
    server.reset();
    EXPECT_EQ(client.wait(), 255);
    EXPECT_TRUE(testing::is_gone(shell));
}

TEST_F(Ssh, a_command_is_refused_with_a_sentence_once_the_job_is_gone) {
    open_for_ann();
    ::kill(job.pid(), SIGKILL);
    ASSERT_TRUE(testing::is_gone(job.pid()));
    const auto said = ann.does(port(), "true");
    EXPECT_EQ(said.exit_code, 255);
    EXPECT_THAT(said.err, HasSubstr("gyre: "));
}

TEST_F(Ssh, offers_sessions_and_nothing_else) {
    open_for_ann();
    const auto forwarded = ann.does(port(), "true", "", {"-W", "127.0.0.1:1"});
    EXPECT_NE(forwarded.exit_code, 0);
    const auto back =
        ann.does(port(), "echo no", "", {"-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:localhost:1"});
    EXPECT_EQ(back.exit_code, 255);
    EXPECT_EQ(back.out, "");
    const auto environment = ann.does(port(), "echo $LC_TEST; echo $LD_PRELOAD-$BASH_ENV", "",
                                      {"-o", "SetEnv=LC_TEST=taken LD_PRELOAD=/x BASH_ENV=/y"});
    EXPECT_EQ(environment.out, "taken\n-\n");
}

TEST_F(Ssh, connections_that_show_no_key_keep_no_guest_out) {
    open_for_ann();
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (int i = 0; i < 200; ++i) {
        crowd.push_back(std::make_unique<RawClient>(port()));
        ASSERT_TRUE(crowd.back()->connected());
    }
    EXPECT_EQ(ann.does(port(), "echo in").out, "in\n");
    // The oldest had to go.
    EXPECT_THAT(crowd.front()->until_end(), ::testing::StartsWith("SSH-2.0-"));
}

TEST_F(Ssh, who_shows_no_key_in_time_is_sent_away) {
    settings.login_patience = 100ms;
    open_for_ann();
    RawClient silent(port());
    EXPECT_THAT(silent.until_end(), ::testing::StartsWith("SSH-2.0-"));
}

TEST_F(Ssh, nonsense_ends_its_connection_and_nothing_else) {
    open_for_ann();
    const std::string banner = "SSH-2.0-odd\r\n";
    for (const std::string& bytes : {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, 'a'),
                                     banner + std::string(200, '\xff'), banner + std::string(70'000, '\0'),
                                     banner + std::string("\x7f\xff\xff\xff\x04\x14", 6) + std::string(5000, 'k')}) {
        RawClient odd(port());
        odd.send(bytes);
        EXPECT_NE(odd.until_end().substr(0, 1), "?") << bytes.substr(0, 20);
    }
    EXPECT_EQ(ann.does(port(), "echo in").out, "in\n");
}

TEST_F(Ssh, a_range_without_a_free_port_is_said) {
    settings.first_port = settings.last_port = 0;
    const testing::TakenPort taken;
    const int number = taken.number();
    const auto none = take_ssh_port("127.0.0.1", number, number);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("are taken: widen ssh_ports"));
    for (const auto& [first, last] : {std::pair(0, 5), std::pair(5, 4), std::pair(65'000, 65'536)})
        EXPECT_EQ(take_ssh_port("", first, last).error().fault, Fault::invalid);
    EXPECT_EQ(take_ssh_port("localhost", number, number).error().fault, Fault::invalid);
}

TEST_F(Ssh, two_servers_take_two_ports_and_free_them) {
    const auto one = take_ssh_port("127.0.0.1", 20'000, 29'999);
    const auto two = take_ssh_port("127.0.0.1", 20'000, 29'999);
    ASSERT_TRUE(one && two);
    EXPECT_NE(one->number, two->number);
}

}  // namespace
}  // namespace gyre::agent

// How the administrator gets in, also when starts fail or the token was lost.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>

#include "base/fd.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class Administrator : public testing::Test {
protected:
    ~Administrator() override {
        if (server_.process() > 0) server_.stop();
        std::filesystem::remove_all(directory_);
    }

    // `gyre server` as somebody types it, where it cannot last long.
    Finished try_server(const std::string& listen, const std::string& engine = "none") {
        return run_as({.argv = {bin_directory() + "/gyre", "server", "--data-dir", server_.data(), "--listen", listen,
                                "--docker-socket", engine},
                       .home = directory_,
                       .directory = directory_,
                       .timeout = std::chrono::seconds(20)});
    }
    static int status_with(const Server& server, const std::string& token) {
        return server.call({.target = "/api/v2/me"}, token).status;
    }

    std::string directory_ = make_directory_for(current_user());
    Server server_{directory_, {}};
};

TEST_F(Administrator, who_names_a_service_that_is_none_finds_no_data_directory_made) {
    const auto done =
        run_as({.argv = {bin_directory() + "/gyre", "server", "--data-dir", directory_ + "/new", "--only", "nosuch"},
                .home = directory_,
                .directory = directory_,
                .timeout = std::chrono::seconds(20)});
    EXPECT_EQ(done.exit_code, 2) << done.err;
    EXPECT_NE(done.err.find("there is no service 'nosuch'"), std::string::npos) << done.err;
    EXPECT_FALSE(std::filesystem::exists(directory_ + "/new"));
}

TEST_F(Administrator, who_writes_no_utf8_is_told_which_argument) {
    const auto done = run_as({.argv = {bin_directory() + "/gyre", "jobs", "git/\xff"},
                              .home = directory_,
                              .directory = directory_,
                              .timeout = std::chrono::seconds(20)});
    EXPECT_EQ(done.exit_code, 2) << done.err;
    EXPECT_NE(done.err.find("argument 2 is not UTF-8: 'git/\\xff'"), std::string::npos) << done.err;
}

TEST_F(Administrator, who_gives_what_cannot_be_is_told_so_before_anybody_is_asked) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"keys", "checkout", "show", "git/app", ""}, "named by its fingerprint"},
        {{"keys", "checkout", "remove", "git/app", ""}, "named by its fingerprint"},
        {{"keys", "remove", "git/app", ""}, "named by its fingerprint"},
        {{"keys", "checkout", "add", "git/app", "--given"}, "this is no private SSH key"},
        {{"keys", "add", "git/app"}, "this is no private SSH key"},
        {{"run", "--docker-socket", "tcp://x:1"}, "absolute path of a unix socket"},
        {{"replay", "git/app", "1", "--docker-socket", "tcp://x:1"}, "absolute path of a unix socket"},
        {{"jobs", "usage", "git/app", "1", "--attempt", "0"}, "not in range 1 to 1000000"},
        {{"jobs", "usage", "git/app", "1", "--task", "-1"}, "not in range 0 to 1000000"},
        {{"jobs", "manifest", "git/app", "1", "--attempt", "0"}, "not in range 1 to 1000000"},
        {{"replay", "git/app", "1", "--attempt", "0"}, "not in range 1 to 1000000"}};
    for (const auto& [words, told] : cases) {
        std::vector<std::string> argv{bin_directory() + "/gyre"};
        argv.insert(argv.end(), words.begin(), words.end());
        const auto done = run_as({.argv = argv,
                                  .home = directory_,
                                  .directory = directory_,
                                  .environment = {"GYRE_SERVER=http://127.0.0.1:1", "GYRE_TOKEN=x"},
                                  .input = "\x01\xfe random \xff bytes",
                                  .timeout = std::chrono::seconds(20)});
        EXPECT_EQ(done.exit_code, 2) << testing::PrintToString(words) << done.err;
        EXPECT_NE((done.out + done.err).find(told), std::string::npos) << testing::PrintToString(words) << done.err;
    }
}

// A port of the loopback that nobody else can have meanwhile.
struct TakenPort {
    TakenPort() : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* there = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(socket.get(), there, size), 0);
        EXPECT_EQ(::listen(socket.get(), 1), 0);
        EXPECT_EQ(::getsockname(socket.get(), there, &size), 0);
        place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    Fd socket;
    std::string place;
};

TEST_F(Administrator, whose_environment_names_no_home_is_told_so_before_a_token_is_written_anywhere) {
    for (const auto& [environment, exit_code] : std::vector<std::pair<std::vector<std::string>, int>>{
             {{}, 2}, {{"XDG_CONFIG_HOME="}, 2}, {{"GYRE_CLI_CONFIG=" + directory_ + "/cli.toml"}, 5}}) {
        const auto done = run_as({.argv = {bin_directory() + "/gyre", "login", "--server", "http://127.0.0.1:1"},
                                  .home = "",
                                  .directory = directory_,
                                  .environment = environment,
                                  .input = "a-token\n",
                                  .timeout = std::chrono::seconds(20)});
        EXPECT_EQ(done.exit_code, exit_code) << done.err;
        EXPECT_EQ(done.err.find("set HOME") != std::string::npos, exit_code == 2) << done.err;
    }
}

TEST_F(Administrator, gets_the_token_from_the_first_start_that_could_listen) {
    const TakenPort taken;
    const auto failed = try_server(taken.place);
    EXPECT_EQ(failed.exit_code, 5) << failed.err;
    EXPECT_EQ(failed.out.find("token"), std::string::npos) << failed.out;
    server_.start();
    EXPECT_EQ(status_with(server_, server_.token()), 200);
}

TEST_F(Administrator, who_names_an_engine_that_is_not_there_is_told_at_the_start) {
    const TakenPort taken;
    const auto warned = try_server(taken.place, "/nonexistent/engine.sock");
    EXPECT_NE(warned.err.find("the container engine of docker_socket does not answer"), std::string::npos)
        << warned.err;
    EXPECT_EQ(try_server(taken.place).err.find("docker_socket"), std::string::npos);
}

TEST_F(Administrator, hears_from_the_doctor_what_jobs_run_by_and_why_not_by_others) {
    server_.start();
    ASSERT_EQ(server_.stop(), 0);
    const auto seen = server_.gyre({"doctor", "--data-dir", server_.data(), "--docker-socket", "none"});
    EXPECT_EQ(seen.exit_code, 0) << seen.out << seen.err;
    EXPECT_NE(seen.out.find("looked at: not docker: none is to be used"), std::string::npos) << seen.out;
}

TEST_F(Administrator, who_lost_the_token_starts_the_server_once_more_for_another) {
    server_.start();
    const std::string first = server_.token();
    ASSERT_EQ(server_.stop(), 0);
    Server again(directory_, {.flags = {"--new-admin-token"}});
    again.start();
    EXPECT_NE(again.token(), first);
    EXPECT_EQ(status_with(again, first), 200) << "one more, in place of none";
    EXPECT_EQ(status_with(again, again.token()), 200);
    EXPECT_EQ(again.stop(), 0);
}

TEST_F(Administrator, reads_in_the_exit_code_that_another_server_has_the_data_directory) {
    server_.start();
    const auto second = try_server("127.0.0.1:0");
    EXPECT_EQ(second.exit_code, 5);
    EXPECT_NE(second.err.find("another gyre runs on " + server_.data()), std::string::npos) << second.err;
}

}  // namespace
}  // namespace gyre::test

#include "base/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

namespace gyre::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One accepted connection of the scripted server.
class Peer {
public:
    explicit Peer(Fd socket) : socket_(std::move(socket)) {}
    // Reads until what came contains `end`; takes all that was read.
    std::string read_until(std::string_view end) {
        std::string text;
        char piece[4096];
        while (text.find(end) == std::string::npos) {
            const auto got = ::recv(socket_.get(), piece, sizeof piece, 0);
            if (got <= 0) break;
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }
    void write(std::string_view text) { ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
    void close() { socket_.reset(); }

private:
    Fd socket_;
};

// A server whose every connection is played by the next script.
class ScriptedServer {
public:
    using Script = std::function<void(Peer&)>;
    explicit ScriptedServer(std::vector<Script> scripts) {
        char pattern[] = "/tmp/gyre-http-test-XXXXXX";
        directory_ = ::mkdtemp(pattern);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(0, ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
        EXPECT_EQ(0, ::listen(listener_.get(), 8));
        thread_ = std::thread([this, all = std::move(scripts)] {
            for (const auto& script : all) {
                Peer peer(Fd(::accept(listener_.get(), nullptr, nullptr)));
                script(peer);
            }
        });
    }
    ~ScriptedServer() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
        ::unlink(path().c_str());
        ::rmdir(directory_.c_str());
    }
    std::string path() const { return directory_ + "/socket"; }
    Endpoint endpoint() const { return {.unix_path = path(), .host = {}, .port = {}}; }

private:
    std::string directory_;
    Fd listener_;
    std::thread thread_;
};

Request get(std::string target) { return {.method = "GET", .target = std::move(target)}; }

constexpr std::string_view ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Way: east\r\n\r\nhello";

TEST(Endpoint, is_read_from_the_forms_that_people_write) {
    EXPECT_EQ("unix:/run/x", parse_endpoint("unix:/run/x")->text());
    EXPECT_EQ("unix:/run/x", parse_endpoint("unix:///run/x")->text());
    EXPECT_EQ("unix:/run/x", parse_endpoint("/run/x")->text());
    EXPECT_EQ("http://ci.example:8080", parse_endpoint("http://ci.example:8080/")->text());
    EXPECT_EQ("http://ci.example:80", parse_endpoint("http://ci.example")->text());
    EXPECT_EQ("http://[::1]:81", parse_endpoint("tcp://[::1]:81")->text());
    for (const auto* wrong :
         {"", "unix:", "unix:relative", "https://x", "http://", "http://a:b", "http://a:", "http://a/path", "a:80",
          "http://u@h:1", "http://[::1", "http://[::1]x", "http://a:999999"}) {
        EXPECT_FALSE(parse_endpoint(wrong).ok()) << wrong;
    }
}

TEST(Client, sends_and_receives_over_one_kept_connection) {
    std::string first, second;
    ScriptedServer server({[&](Peer& peer) {
        first = peer.read_until("body");
        peer.write(ok_hello);
        second = peer.read_until("\r\n\r\n");
        peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
    }});
    Client client(server.endpoint());
    const auto answer =
        client.send({.method = "POST", .target = "/a?b=1", .headers = {{"X-One", "1"}}, .text = "body"});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(200, answer->status);
    EXPECT_EQ("hello", answer->body);
    EXPECT_EQ("east", answer->header("x-way"));
    const auto missing = client.send(get("/none"));
    ASSERT_TRUE(missing.ok());
    EXPECT_EQ(404, missing->status);
    EXPECT_THAT(first,
                StartsWith("POST /a?b=1 HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody"));
    EXPECT_THAT(second, StartsWith("GET /none HTTP/1.1\r\n"));
}

TEST(Client, makes_the_call_once_more_when_a_kept_connection_had_gone) {
    ScriptedServer server({[](Peer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.write(ok_hello);
                               peer.read_until("\r\n\r\n");  // hears the second request, and dies
                           },
                           [](Peer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.write(ok_hello);
                           }});
    Client client(server.endpoint());
    ASSERT_TRUE(client.send(get("/1")).ok());
    EXPECT_TRUE(client.send(get("/2")).ok());
}

TEST(Client, does_not_repeat_what_must_not_be_repeated) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write(ok_hello);
        peer.read_until("\r\n\r\n");
    }});
    Client client(server.endpoint());
    ASSERT_TRUE(client.send(get("/1")).ok());
    const auto answer = client.send({.method = "POST", .target = "/2", .repeatable = false});
    ASSERT_FALSE(answer.ok());
    EXPECT_THAT(answer.error().message, HasSubstr("closed without an answer"));
    EXPECT_FALSE(client.was_refused());
}

TEST(Client, tells_refused_from_other_failures) {
    Endpoint nowhere{.unix_path = "/tmp/gyre-http-test-no-such-socket", .host = {}, .port = {}};
    Client client(nowhere);
    const auto answer = client.send(get("/"));
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ("connecting to unix:/tmp/gyre-http-test-no-such-socket: No such file or directory",
              answer.error().message);
    EXPECT_TRUE(client.was_refused());

    ScriptedServer server({[](Peer& peer) { peer.read_until("\r\n\r\n"); }});
    Client other(server.endpoint());
    EXPECT_FALSE(other.send(get("/")).ok());
    EXPECT_FALSE(other.was_refused());
}

TEST(Client, gives_pieces_of_an_answer_to_the_sink_as_they_come) {
    std::atomic<int> seen = 0;
    ScriptedServer server({[&](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        while (seen == 0) std::this_thread::yield();  // the first piece must arrive before the rest is sent
        peer.write("4\r\ndefg\r\n0\r\n\r\n");
    }});
    Client client(server.endpoint());
    std::string all;
    const auto answer = client.send(get("/"), [&](std::string_view bytes) -> Result<void> {
        all += bytes;
        seen += static_cast<int>(bytes.size());
        return {};
    });
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ("abcdefg", all);
    EXPECT_EQ("", answer->body);
}

TEST(Client, a_sink_can_end_the_call) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write(ok_hello);
    }});
    Client client(server.endpoint());
    const auto answer = client.send(get("/"), [](std::string_view) -> Result<void> { return invalid("enough"); });
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ("enough", answer.error().message);
}

TEST(Client, reads_a_body_without_length_until_the_connection_ends) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write("HTTP/1.1 200 OK\r\n\r\nall of it");
    }});
    Client client(server.endpoint());
    const auto answer = client.send(get("/"));
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ("all of it", answer->body);
}

TEST(Client, sends_files_and_sources) {
    std::string from_file, from_source;
    ScriptedServer server({[&](Peer& peer) {
        from_file = peer.read_until("56");
        peer.write(ok_hello);
        from_source = peer.read_until("0\r\n\r\n");
        peer.write(ok_hello);
    }});
    char pattern[] = "/tmp/gyre-http-test-XXXXXX";
    const Fd file(::mkstemp(pattern));
    ::unlink(pattern);
    ASSERT_EQ(10, ::write(file.get(), "0123456789", 10));
    Client client(server.endpoint());
    ASSERT_TRUE(
        client.send({.method = "PUT", .target = "/f", .file = file.get(), .file_offset = 2, .file_length = 5}).ok());
    std::vector<std::string> pieces{"", "world", "hello "};
    std::string current;
    const auto next = [&]() -> Result<std::string_view> {
        current = pieces.back();
        pieces.pop_back();
        return std::string_view(current);
    };
    ASSERT_TRUE(client.send({.method = "PUT", .target = "/s", .source = next}).ok());
    EXPECT_THAT(from_file, testing::EndsWith("Content-Length: 5\r\n\r\n23456"));
    EXPECT_THAT(from_source, testing::EndsWith("6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"));
}

TEST(Client, hears_an_answer_that_comes_before_the_body_was_taken) {
    ::signal(SIGPIPE, SIG_IGN);
    ScriptedServer server({[](Peer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.write("HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nlate");
                           },
                           [](Peer& peer) {
                               peer.read_until("\r\n\r\n");
                               peer.write(ok_hello);
                           }});
    Client client(server.endpoint());
    const auto answer = client.send({.method = "PUT", .target = "/", .text = std::string(8 << 20, 'x')});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(409, answer->status);
    EXPECT_EQ("late", answer->body);
    EXPECT_TRUE(client.send(get("/")).ok());
}

TEST(Client, hands_the_connection_over_with_the_bytes_that_came_early) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly");
        peer.write(" and late");
    }});
    Client client(server.endpoint());
    auto stream = client.hijack({.method = "POST", .target = "/attach"});
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    EXPECT_EQ(101, stream->head.status);
    std::string all = stream->early;
    char piece[64];
    pollfd waiting{stream->connection.get(), POLLIN, 0};
    while (::poll(&waiting, 1, 5000) == 1) {
        const auto got = ::recv(stream->connection.get(), piece, sizeof piece, 0);
        if (got <= 0) break;
        all.append(piece, static_cast<std::size_t>(got));
    }
    EXPECT_EQ("early and late", all);
}

TEST(Client, a_hijack_that_is_refused_is_an_ordinary_answer) {
    ScriptedServer server({[](Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
    }});
    Client client(server.endpoint());
    auto stream = client.hijack({.method = "POST", .target = "/attach"});
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    EXPECT_EQ(404, stream->head.status);
    EXPECT_EQ("none", stream->head.body);
    EXPECT_FALSE(stream->connection);
}

TEST(Client, bounds_what_a_hostile_server_sends) {
    struct Case {
        std::string answer;
        std::string expected;
    };
    const std::vector<Case> cases{
        {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'h') + "\r\n\r\n", "headers are too large"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'b'), "larger than 1000 bytes"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort", "closed before the whole answer"},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", "not HTTP"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not HTTP"},
    };
    for (const auto& [text, expected] : cases) {
        ScriptedServer server({[&](Peer& peer) {
            peer.read_until("\r\n\r\n");
            peer.write(text);
        }});
        Client client(server.endpoint(), {.body_limit = 1000});
        const auto answer = client.send(get("/"));
        ASSERT_FALSE(answer.ok()) << expected;
        EXPECT_THAT(answer.error().message, HasSubstr(expected));
    }
}

TEST(Client, refuses_to_smuggle_headers) {
    Client client(Endpoint{.unix_path = "/nowhere", .host = {}, .port = {}});
    EXPECT_EQ(Fault::invalid, client.send({.headers = {{"A", "b\r\nC: d"}}}).error().fault);
    EXPECT_EQ(Fault::invalid, client.send(get("/a b")).error().fault);
    EXPECT_EQ(Fault::invalid, client.send(get("/a\r\n")).error().fault);
}

TEST(Client, gives_up_on_silence_and_when_canceled) {
    std::atomic<bool> done = false;
    const auto silent = [&](Peer& peer) {
        peer.read_until("\r\n\r\n");
        while (!done) std::this_thread::yield();
    };
    ScriptedServer server({silent, silent});
    Client impatient(server.endpoint(), {.patience = std::chrono::milliseconds(1)});
    EXPECT_THAT(impatient.send(get("/")).error().message, HasSubstr("timed out"));
    int ends[2];
    ASSERT_EQ(0, ::pipe(ends));
    const Fd reading(ends[0]);
    const Fd writing(ends[1]);
    ASSERT_EQ(1, ::write(writing.get(), "x", 1));
    Client canceled(server.endpoint(), {.cancel = reading.get()});
    EXPECT_FALSE(canceled.send(get("/")).ok());
    done = true;
}

}  // namespace
}  // namespace gyre::http

#include "httpd/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/random.h"
#include "httpd/raw_client.h"

namespace gyre::httpd {
namespace {

// A server on a unix socket with routes that show what handlers can do.
class ServerTest : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        add_routes();
    }
    void TearDown() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }

    void start(ServerLimits limits = {}) {
        server_ = std::make_unique<Server>(limits);
        const auto listening = server_->listen_unix(socket_, router_);
        ASSERT_TRUE(listening) << listening.error().message;
        server_->start();
    }

    RawAnswer get(const std::string& target) { return RawClient(socket_).request("GET", target); }

    void add_routes() {
        const auto echo = [](Request& request) {
            return text_answer(request.method + " " + request.param("name") + " " + request.body);
        };
        router_.add({.method = "GET", .pattern = "/hello/:name", .handler = echo});
        router_.add({.method = "POST", .pattern = "/hello/:name", .handler = echo, .body_limit = 1000});
        router_.add({.method = "POST", .pattern = "/slow/:name", .handler = echo, .runs_on = RunsOn::worker});
        router_.add({.method = "GET", .pattern = "/bug", .handler = [](Request&) -> Response {
                         throw std::runtime_error("oops");
                     }});
        router_.add({.method = "GET", .pattern = "/many/:n", .stream = [](Exchange& e) { return write_many(e); }});
        router_.add({.method = "GET", .pattern = "/short", .stream = [](Exchange& e) { return promise_too_much(e); }});
        router_.add({.method = "GET", .pattern = "/silent", .stream = [](Exchange& e) { return say_nothing(e); }});
        router_.add({.method = "PUT",
                     .pattern = "/count",
                     .stream = [](Exchange& e) { return count_body(e); },
                     .body_limit = std::size_t{64} << 20});
        router_.add({.method = "GET", .pattern = "/wait", .stream = [this](Exchange& e) { return wait_once(e); }});
        router_.add({.method = "GET", .pattern = "/closed", .handler = echo, .gatekeeper = [](Request&) {
                         return std::optional(message_answer(401, "no"));
                     }});
    }

    static Task<void> write_many(Exchange& exchange) {
        auto beginning = exchange.begin(Response{.status = 200});
        co_await beginning;
        const int count = std::stoi(exchange.request().param("n"));
        for (int i = 0; i < count; ++i) {
            auto writing = exchange.write(std::to_string(i) + "\n");
            if (!co_await writing) break;
        }
    }
    static Task<void> promise_too_much(Exchange& exchange) {
        auto beginning = exchange.begin(Response{.headers = {{"content-length", "10"}}});
        co_await beginning;
        auto writing = exchange.write("12345");
        co_await writing;
    }
    static Task<void> say_nothing(Exchange&) { co_return; }
    static Task<void> count_body(Exchange& exchange) {
        std::size_t total = 0;
        while (true) {
            auto reading = exchange.read(100'000);
            auto piece = co_await reading;
            if (!piece) {
                auto answering = exchange.answer(error_answer(piece.error()));
                co_await answering;
                co_return;
            }
            if (piece->empty()) break;
            auto adding = on_worker(exchange, [&] { return total + piece->size(); });
            total = co_await adding;
        }
        auto answering = exchange.answer(text_answer(std::to_string(total)));
        co_await answering;
    }
    Task<void> wait_once(Exchange& exchange) {
        waker_.set_value(exchange.waker());
        auto waiting = exchange.wait(Duration{8000});
        const Woken woken = co_await waiting;
        ++waits_;
        woken_.set_value(woken);
        auto answering = exchange.answer(text_answer(woken == Woken::signal ? "signal" : "other"));
        co_await answering;
    }

    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gyre-http-" + random_token(4));
    std::string socket_ = folder_ / "server.sock";
    Router router_;
    std::unique_ptr<Server> server_;
    std::promise<std::function<void()>> waker_;
    std::promise<Woken> woken_;
    std::atomic<int> waits_ = 0;
};

TEST_F(ServerTest, answers_and_keeps_the_connection) {
    start();
    RawClient client(socket_);
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.request("GET", "/hello/you");
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "GET you ");
        EXPECT_TRUE(answer.headers.contains("date"));
        EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    }
    EXPECT_EQ(client.request("POST", "/hello/you", "body").body, "POST you body");
    EXPECT_EQ(client.request("POST", "/slow/you", "body").body, "POST you body");
    const auto head = client.request("HEAD", "/hello/you");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("content-length"), "9");
}

TEST_F(ServerTest, answers_pipelined_requests_in_order) {
    start();
    RawClient client(socket_);
    client.send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.receive().body, "GET a ");
    EXPECT_EQ(client.receive().body, "GET b ");
}

TEST_F(ServerTest, closes_when_asked) {
    start();
    RawClient client(socket_);
    const auto answer = client.request("GET", "/hello/you", {}, "Connection: close\r\n");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, speaks_http_1_0) {
    start();
    RawClient client(socket_);
    client.send("GET /many/3 HTTP/1.0\r\n\r\n");
    const auto answer = client.receive();
    EXPECT_EQ(answer.body, "0\n1\n2\n");
    EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
}

TEST_F(ServerTest, errors_have_a_status_and_a_message) {
    start();
    EXPECT_EQ(get("/nowhere").status, 404);
    EXPECT_EQ(get("/nowhere").body, R"({"message":"Not found."})");
    const auto wrong = RawClient(socket_).request("DELETE", "/hello/you");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers.at("allow"), "GET, POST");
    EXPECT_EQ(get("/bug").status, 500);
    EXPECT_EQ(get("/bug").body, R"({"message":"Internal server error."})");
    EXPECT_EQ(get("/silent").status, 500);
    EXPECT_EQ(get("/closed").status, 401);
}

TEST_F(ServerTest, streams_answers) {
    start();
    RawClient client(socket_);
    const auto answer = client.request("GET", "/many/1000");
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body.size(), 10 * 2 + 90 * 3 + 900 * 4);
    EXPECT_EQ(client.request("HEAD", "/many/1000").body, "");
    EXPECT_EQ(client.request("GET", "/hello/again").status, 200);
}

TEST_F(ServerTest, shows_that_an_answer_is_incomplete) {
    start();
    EXPECT_FALSE(get("/short").whole);
}

TEST_F(ServerTest, streams_bodies) {
    start();
    RawClient client(socket_);
    EXPECT_EQ(client.request("PUT", "/count", std::string(5'000'000, 'x')).body, "5000000");
    client.send("PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; ++i) client.send("5;ext=1\r\nhello\r\n");
    client.send("0\r\n\r\n");
    EXPECT_EQ(client.receive().body, "50");
}

TEST_F(ServerTest, invites_the_body_of_a_client_that_asks_first) {
    start();
    RawClient client(socket_);
    client.send("POST /hello/you HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.receive_head().status, 100);
    client.send("body");
    EXPECT_EQ(client.receive().body, "POST you body");
}

TEST_F(ServerTest, refuses_a_body_before_it_is_sent) {
    start();
    RawClient client(socket_);
    client.send("POST /hello/you HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n");
    EXPECT_EQ(client.receive_head().status, 413);
    EXPECT_EQ(RawClient(socket_).request("POST", "/hello/you", std::string(300'000, 'x')).status, 413);
    RawClient late(socket_);
    late.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    EXPECT_EQ(late.receive().status, 413);
}

TEST_F(ServerTest, wakes_a_waiting_handler_from_another_thread) {
    start();
    RawClient client(socket_);
    client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    auto wake = waker_.get_future().get();
    wake();
    wake();
    EXPECT_EQ(client.receive().body, "signal");
    EXPECT_EQ(client.request("GET", "/hello/you").status, 200);
    wake();  // too late: harmless, though the connection lives on
    EXPECT_EQ(client.request("GET", "/hello/you").status, 200);
    EXPECT_EQ(waits_, 1);
}

TEST_F(ServerTest, tells_a_waiting_handler_that_nobody_listens) {
    start();
    {
        RawClient client(socket_);
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        waker_.get_future().wait();
    }
    EXPECT_EQ(woken_.get_future().get(), Woken::gone);
}

TEST_F(ServerTest, stops_gracefully) {
    start();
    RawClient idle(socket_);
    EXPECT_EQ(idle.request("GET", "/hello/you").status, 200);
    RawClient waiting(socket_);
    waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    waker_.get_future().wait();
    server_->stop(Duration{5000});
    EXPECT_EQ(waiting.receive().body, "other");
    EXPECT_EQ(woken_.get_future().get(), Woken::stopping);
    EXPECT_TRUE(idle.ended());
    EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(ServerTest, ends_what_does_not_end_by_itself) {
    start();
    RawClient stuck(socket_);
    EXPECT_EQ(stuck.request("GET", "/hello/you").status, 200);
    stuck.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
    server_->stop(Duration{20});
    EXPECT_EQ(stuck.receive().status, 0);
}

TEST_F(ServerTest, keeps_its_socket_to_its_owner) {
    start();
    struct stat info {};
    ASSERT_EQ(::stat(socket_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(ServerTest, replaces_a_dead_socket_but_no_living_one) {
    start();
    Server second;
    EXPECT_EQ(second.listen_unix(socket_, router_).error().fault, Fault::conflict);
    EXPECT_FALSE(second.listen_unix(std::string(200, 'x'), router_));
    std::filesystem::remove(socket_);
    EXPECT_TRUE(second.listen_unix(socket_, router_));
}

TEST_F(ServerTest, listens_on_tcp_too) {
    start();
    Server other;
    const auto port = other.listen_tcp("127.0.0.1", 0, router_);
    ASSERT_TRUE(port);
    EXPECT_GT(*port, 0);
    EXPECT_FALSE(other.listen_tcp("127.0.0.1", *port, router_));
    EXPECT_FALSE(other.listen_tcp("nowhere", 0, router_));
    other.start();
}

TEST_F(ServerTest, turns_surplus_connections_away) {
    start({.connections = 2});
    RawClient first(socket_);
    RawClient second(socket_);
    EXPECT_EQ(first.request("GET", "/hello/a").status, 200);
    EXPECT_EQ(second.request("GET", "/hello/b").status, 200);
    RawClient third(socket_);
    EXPECT_EQ(third.receive().status, 503);
}

TEST_F(ServerTest, keeps_places_and_workers_of_one_listener_from_the_others) {
    Server server({.connections = 2, .worker_threads = 1});
    const std::string other = folder_ / "other.sock";
    std::promise<void> let_go;
    const std::shared_future<void> gate = let_go.get_future().share();
    std::promise<void> held;
    Router slow;
    slow.add({.method = "GET",
              .pattern = "/hold",
              .handler =
                  [&](Request&) {
                      held.set_value();
                      gate.wait();
                      return text_answer("late");
                  },
              .runs_on = RunsOn::worker});
    ASSERT_TRUE(server.listen_unix(other, slow));
    ASSERT_TRUE(server.listen_unix(socket_, router_));
    server.start();
    RawClient holder(other);
    RawClient idle(other);
    holder.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    held.get_future().wait();
    EXPECT_EQ(RawClient(other).receive().status, 503);
    EXPECT_EQ(server.room().error().message, "all 2 connections of the unix socket are taken");
    EXPECT_EQ(RawClient(socket_).request("POST", "/slow/me", "hi").body, "POST me hi");
    let_go.set_value();
    EXPECT_EQ(holder.receive().body, "late");
}

TEST_F(ServerTest, calls_that_hang_outside_hold_up_neither_workers_nor_other_lanes) {
    std::promise<void> let_go;
    const std::shared_future<void> gate = let_go.get_future().share();
    std::promise<void> hangs;
    router_.add({.method = "POST",
                 .pattern = "/ask/:name",
                 .handler =
                     [&](Request& request) {
                         if (request.param("name") == "hung") {
                             hangs.set_value();
                             gate.wait();
                         }
                         return text_answer(request.param("name"));
                     },
                 .runs_on = RunsOn::outside,
                 .lane = [](const Request& request) { return request.param("name"); }});
    start({.worker_threads = 1, .outside = {.threads = 2, .calls_of_lane = 1}});
    RawClient hung(socket_);
    hung.send("POST /ask/hung HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    hangs.get_future().wait();
    const auto refused = RawClient(socket_).request("POST", "/ask/hung");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "10");
    EXPECT_EQ(RawClient(socket_).request("POST", "/slow/me", "hi").body, "POST me hi");
    EXPECT_EQ(RawClient(socket_).request("POST", "/ask/quick").body, "quick");
    let_go.set_value();
    EXPECT_EQ(hung.receive().body, "hung");
}

// How many sockets of this process a child would inherit. Only looked at from outside: others close theirs meanwhile.
int inherited_sockets() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (!std::filesystem::read_symlink(entry, gone).string().starts_with("socket:")) continue;
        std::ifstream info("/proc/self/fdinfo/" + entry.path().filename().string());
        unsigned flags = O_CLOEXEC;
        for (std::string word; info >> word;) {
            if (word == "flags:") info >> std::oct >> flags;
        }
        count += (flags & O_CLOEXEC) == 0;
    }
    return count;
}

TEST_F(ServerTest, leaves_no_socket_to_children) {
    const int before = inherited_sockets();
    start();
    Server tcp;
    ASSERT_TRUE(tcp.listen_tcp("127.0.0.1", 0, router_));
    RawClient client(socket_);
    EXPECT_EQ(client.request("GET", "/hello/you").status, 200);
    EXPECT_EQ(inherited_sockets(), before);
    const Fd inherited(::socket(AF_UNIX, SOCK_STREAM, 0));
    EXPECT_EQ(inherited_sockets(), before + 1) << "so they are counted";
}

TEST_F(ServerTest, serves_many_clients_at_once) {
    start();
    std::vector<std::thread> threads;
    threads.reserve(8);
    std::atomic<int> good = 0;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            RawClient client(socket_);
            for (int i = 0; i < 200; ++i) {
                const bool slow = i % 5 == 0;
                const auto answer = client.request("POST", slow ? "/slow/you" : "/hello/you", "x");
                if (answer.status == 200) ++good;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 8 * 200);
}

struct Hostile {
    std::string name;
    std::string bytes;
    int status;  // 0: closed without an answer
};

TEST_F(ServerTest, survives_hostile_requests) {
    start({.header_time = Duration{300}, .idle_time = Duration{300}, .transfer_time = Duration{300}});
    const std::string host = "Host: x\r\n";
    const std::vector<Hostile> table{
        {"not HTTP", "hello\r\n\r\n", 400},
        {"TLS hello", "\x16\x03\x01\x02\x01\x01", 400},
        {"NUL in the request line", std::string("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 28), 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        {"HTTP/2", "GET / HTTP/2.0\r\n" + host + "\r\n", 400},
        {"absolute form", "GET http://x/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"climbing", "GET /a/..%2f..%2fetc HTTP/1.1\r\n" + host + "\r\n", 400},
        {"bad percent", "GET /%zz HTTP/1.1\r\n" + host + "\r\n", 400},
        {"encoded NUL", "GET /hello/%00 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"long target", "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 431},
        {"long header", "GET / HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
        {"header without colon", "GET / HTTP/1.1\r\n" + host + "nonsense\r\n\r\n", 400},
        {"space before colon", "GET / HTTP/1.1\r\n" + host + "X : y\r\n\r\n", 400},
        {"two lengths", "POST /hello/a HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"length and chunks",
         "POST /hello/a HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"negative length", "POST /hello/a HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
        {"too much", "POST /hello/a HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
         413},
        {"too much in chunks",
         "POST /hello/a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
             "\r\n0\r\n\r\n",
         413},
        {"bad chunk size",
         "POST /hello/a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n", 400},
        {"huge chunk size",
         "POST /hello/a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n", 400},
        {"chunk without end",
         "POST /hello/a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", 400},
        {"never ending header", "GET / HTTP/1.1\r\n" + host + "X: y", 0},
        {"never sent body", "POST /hello/a HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\n12345", 0},
        {"silence", "", 0},
    };
    for (const auto& attack : table) {
        RawClient client(socket_);
        client.send(attack.bytes);
        EXPECT_EQ(client.receive().status, attack.status) << attack.name;
        EXPECT_TRUE(client.ended()) << attack.name;
    }
    EXPECT_EQ(get("/hello/you").status, 200);
}

}  // namespace
}  // namespace gyre::httpd

#include "support/fake_engine.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/fd.h"

namespace gyre::test {
namespace {

struct FakeContainer {
    std::string id;
    json::value body;
    bool running = false;
    int exit_code = 0;

    std::string label(const char* name) const {
        const auto* labels = body.as_object().if_contains("Labels");
        const auto* found = labels ? labels->as_object().if_contains(name) : nullptr;
        return found ? std::string(found->as_string()) : std::string();
    }
};

std::string make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gyre-fake-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory can be made");
    return pattern;
}

Fd listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 16) != 0) {
        throw std::runtime_error("the fake engine cannot listen at " + path);
    }
    return listener;
}

std::string part_of(const std::string& target, std::size_t index) {
    std::string path = target.substr(0, target.find('?'));
    std::size_t at = 0;
    for (std::size_t i = 0; i <= index && at != std::string::npos; ++i) at = path.find('/', at + (i > 0 ? 1 : 0));
    if (at == std::string::npos) return {};
    return path.substr(at + 1, path.find('/', at + 1) - at - 1);
}

std::size_t length_in(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    std::size_t length = 0;
    if (at != std::string::npos) std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
    return length;
}

}  // namespace

json::value Seen::document() const {
    json::error_code failed;
    auto parsed = json::parse(body, failed);
    return failed ? json::value(nullptr) : parsed;
}

Answer answer(int status, std::string_view body) {
    return {"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            std::string(body)};
}
Answer never() { return {.hang = true}; }
Answer raw(std::string bytes) { return {.bytes = std::move(bytes), .closes = true}; }
Answer closing(Answer from, std::size_t bytes) { return raw(from.bytes.substr(0, bytes)); }

struct FakeEngine::State {
    std::string kind;
    std::string directory = make_directory();
    std::string socket = directory + "/engine.sock";
    Fd listener = listen_at(socket);
    mutable std::mutex mutex;
    std::vector<Seen> seen;
    std::vector<std::pair<std::string, std::function<Answer(const Seen&)>>> rules;
    std::function<void(const json::value&)> started;
    std::vector<FakeContainer> containers;
    int next_id = 1;
    std::atomic<bool> stopping = false;
    std::list<std::pair<Fd, std::thread>> connections;
    std::thread acceptor;

    FakeContainer* find(const std::string& id) {
        const auto found =
            std::find_if(containers.begin(), containers.end(), [&](const FakeContainer& one) { return one.id == id; });
        return found == containers.end() ? nullptr : &*found;
    }

    Answer respond(const Seen& request) {
        std::unique_lock lock(mutex);
        seen.push_back(request);
        const std::string said = request.said();
        for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
            if (!said.starts_with(rule->first)) continue;
            const auto chosen = rule->second;
            lock.unlock();
            return chosen(request);
        }
        if (said == "GET /_ping") return ping();
        if (said == "GET /version") {
            return answer(200, R"({"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"})");
        }
        if (said == "GET /info") {
            return answer(200, R"({"NCPU":2,"MemoryLimit":true,"CpuCfsQuota":true,"PidsLimit":true})");
        }
        if (said.starts_with("GET /images/")) {
            return answer(200, R"({"Id":"sha256:1234","RepoDigests":[],"Config":{"User":"","Labels":null}})");
        }
        if (said == "GET /containers/json") return list(request);
        if (said == "POST /containers/create") return create(request);
        return on_container(request, lock);
    }

    Answer ping() const {
        const std::string extra = kind == "podman" ? "Libpod-Api-Version: 4.3.1\r\n" : "";
        return {"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n" + extra + "Content-Length: 2\r\n\r\nOK"};
    }

    Answer list(const Seen& request) const {
        json::array found;
        for (const auto& one : containers) {
            // `=` and what follows arrive percent-encoded.
            const auto wanted = request.target.find("gyre.box%3D");
            if (wanted != std::string::npos &&
                request.target.find("%3D" + one.label("gyre.box") + "%22") == std::string::npos)
                continue;
            found.push_back(json::object{{"Id", one.id}, {"Labels", one.body.at("Labels")}});
        }
        return answer(200, json::serialize(found));
    }

    Answer create(const Seen& request) {
        FakeContainer made{"c" + std::to_string(next_id++), request.document()};
        containers.push_back(made);
        return answer(201, R"({"Id":")" + made.id + R"(","Warnings":[]})");
    }

    Answer on_container(const Seen& request, std::unique_lock<std::mutex>& lock) {
        const std::string id = part_of(request.target, 1);
        const std::string verb = part_of(request.target, 2);
        if (request.target.starts_with("/exec/")) return answer(200, "");
        FakeContainer* found = find(id);
        if (found == nullptr) return answer(404, R"({"message":"No such container: )" + id + R"("})");
        if (request.method == "DELETE") {
            std::erase_if(containers, [&](const FakeContainer& one) { return one.id == id; });
            return answer(204, "");
        }
        if (verb == "json") {
            return answer(200, json::serialize(json::object{{"State", json::object{{"Running", found->running},
                                                                                   {"ExitCode", found->exit_code}}}}));
        }
        if (verb == "exec") return answer(201, R"({"Id":"e1"})");
        if (verb == "logs") return answer(200, std::string("\x01\0\0\0\0\0\0\x0b", 8) + "last words\n");
        if (verb != "start") return answer(404, R"({"message":"page not found"})");
        found->running = true;
        const auto body = found->body;
        const auto call = started;
        lock.unlock();
        if (call) call(body);
        return answer(204, "");
    }

    void serve(int connection) {
        std::string bytes;
        while (!stopping) {
            auto end = bytes.find("\r\n\r\n");
            while (end == std::string::npos || bytes.size() < end + 4 + length_in(bytes.substr(0, end))) {
                char piece[65536];
                const auto got = ::read(connection, piece, sizeof piece);
                if (got <= 0) return;
                bytes.append(piece, static_cast<std::size_t>(got));
                end = bytes.find("\r\n\r\n");
            }
            Seen request;
            request.head = bytes.substr(0, end);
            const std::size_t length = length_in(request.head);
            request.body = bytes.substr(end + 4, length);
            bytes.erase(0, end + 4 + length);
            const auto space = request.head.find(' ');
            request.method = request.head.substr(0, space);
            request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
            if (request.target.starts_with("/v1.41/")) request.target.erase(0, 6);
            const Answer given = respond(request);
            for (std::size_t sent = 0; sent < given.bytes.size();) {
                const auto wrote =
                    ::send(connection, given.bytes.data() + sent, given.bytes.size() - sent, MSG_NOSIGNAL);
                if (wrote <= 0) return;
                sent += static_cast<std::size_t>(wrote);
            }
            if (given.closes) {
                ::shutdown(connection, SHUT_RDWR);
                return;
            }
            if (given.hang) {
                char ignored;
                (void)!::read(connection, &ignored, 1);
                return;
            }
        }
    }

    void accept_all() {
        while (!stopping) {
            Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!connection) return;
            const int number = connection.get();
            connections.emplace_back(std::move(connection), std::thread([this, number] { serve(number); }));
        }
    }
};

FakeEngine::FakeEngine(std::string_view kind) : state_(std::make_unique<State>()) {
    state_->kind = kind;
    state_->acceptor = std::thread([this] { state_->accept_all(); });
}

FakeEngine::~FakeEngine() {
    state_->stopping = true;
    ::shutdown(state_->listener.get(), SHUT_RDWR);
    state_->acceptor.join();
    for (auto& [connection, thread] : state_->connections) {
        ::shutdown(connection.get(), SHUT_RDWR);
        thread.join();
    }
    std::error_code ignored;
    std::filesystem::remove_all(state_->directory, ignored);
}

const std::string& FakeEngine::socket() const { return state_->socket; }

void FakeEngine::on(const std::string& call, std::function<Answer(const Seen&)> respond) {
    const std::lock_guard lock(state_->mutex);
    state_->rules.emplace_back(call, std::move(respond));
}

void FakeEngine::on(const std::string& call, Answer fixed) {
    on(call, [fixed = std::move(fixed)](const Seen&) { return fixed; });
}

void FakeEngine::on_start(std::function<void(const json::value& body)> started) {
    const std::lock_guard lock(state_->mutex);
    state_->started = std::move(started);
}

void FakeEngine::end_container(const std::string& role, int exit_code) {
    const std::lock_guard lock(state_->mutex);
    for (auto& one : state_->containers) {
        if (one.label("gyre.role") != role) continue;
        one.running = false;
        one.exit_code = exit_code;
    }
}

void FakeEngine::add_container(const std::string& box, const std::string& agent, const std::string& role) {
    const std::lock_guard lock(state_->mutex);
    const json::object labels{{"gyre.box", box}, {"gyre.agent", agent}, {"gyre.role", role}};
    state_->containers.push_back({"c" + std::to_string(state_->next_id++), json::object{{"Labels", labels}}, true, 0});
}

std::vector<Seen> FakeEngine::seen() const {
    const std::lock_guard lock(state_->mutex);
    return state_->seen;
}

std::vector<std::string> FakeEngine::calls() const {
    std::vector<std::string> calls;
    for (const auto& one : seen()) calls.push_back(one.said());
    return calls;
}

std::vector<Seen> FakeEngine::calls_of(const std::string& call) const {
    std::vector<Seen> found = seen();
    std::erase_if(found, [&](const Seen& one) { return !one.said().starts_with(call); });
    return found;
}

std::vector<std::string> FakeEngine::containers() const {
    const std::lock_guard lock(state_->mutex);
    std::vector<std::string> names;
    for (const auto& one : state_->containers) names.push_back(one.label("gyre.box") + " " + one.label("gyre.role"));
    return names;
}

}  // namespace gyre::test

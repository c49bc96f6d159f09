#include "agent/fake_gateway.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            plain += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            plain += text[at];
        }
    }
    return plain;
}

std::int64_t number(const std::map<std::string, std::string>& query, const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? -1 : std::stoll(found->second);
}

std::string length_text(const std::string& stored) {
    return to_json_text(wire::Length{static_cast<std::int64_t>(stored.size())});
}

}  // namespace

FakeGateway::FakeGateway() {
    char pattern[] = "/tmp/gyre-agent-test-XXXXXX";
    directory_ = ::mkdtemp(pattern);
    path_ = directory_ + "/gateway";
    come_back();
}

FakeGateway::~FakeGateway() {
    go_away();
    ::rmdir(directory_.c_str());
}

void FakeGateway::come_back() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    if (::listen(listener_.get(), 64) != 0) std::abort();
    away_ = false;
    acceptor_ = std::thread([this] { accept_all(); });
}

void FakeGateway::go_away() {
    if (away_.exchange(true)) return;
    ::unlink(path_.c_str());
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
    }
    for (auto& server : servers_) server.join();
    servers_.clear();
    listener_.reset();
}

void FakeGateway::let_in(std::optional<wire::SshAccess> access) {
    const std::lock_guard lock(mutex_);
    ssh_ = std::move(access);
}

bool FakeGateway::wait_until(const std::function<bool(const FakeGateway&)>& told) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return told(*this); });
}

void FakeGateway::accept_all() {
    while (true) {
        const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) return;
        {
            const std::lock_guard lock(mutex_);
            connections_.insert(connection);
        }
        servers_.emplace_back([this, connection] { serve(connection); });
    }
}

void FakeGateway::serve(int connection) {
    std::string buffer;
    while (!away_ && answer_one(connection, buffer)) {
    }
    const std::lock_guard lock(mutex_);
    connections_.erase(connection);
    ::close(connection);
}

std::optional<FakeGateway::Call> FakeGateway::read_call(int connection, std::string& buffer) {
    const auto more = [&] {
        std::vector<char> piece(256 << 10);
        const auto got = ::recv(connection, piece.data(), piece.size(), 0);
        if (got > 0) buffer.append(piece.data(), static_cast<std::size_t>(got));
        return got > 0;
    };
    while (buffer.find("\r\n\r\n") == std::string::npos) {
        if (!more()) return std::nullopt;
    }
    const auto end_of_head = buffer.find("\r\n\r\n");
    const std::string head = buffer.substr(0, end_of_head);
    const auto length_at = head.find("Content-Length: ");
    const std::size_t length = length_at == std::string::npos ? 0 : std::stoul(head.substr(length_at + 16));
    while (buffer.size() < end_of_head + 4 + length) {
        if (!more()) return std::nullopt;
    }
    Call call;
    call.method = head.substr(0, head.find(' '));
    const auto target_at = call.method.size() + 1;
    std::string target = head.substr(target_at, head.find(' ', target_at) - target_at);
    const auto question = target.find('?');
    std::string query = question == std::string::npos ? "" : target.substr(question + 1);
    target.resize(std::min(question, target.size()));
    constexpr std::string_view attempts = "/agent/v1/attempts/";
    call.what = target.starts_with(attempts) ? target.substr(target.find('/', attempts.size()) + 1) : target.substr(10);
    while (!query.empty()) {
        const std::string item = query.substr(0, query.find('&'));
        query.erase(0, item.size() + 1);
        const auto equals = item.find('=');
        call.query[item.substr(0, equals)] = decoded(item.substr(equals + 1));
        if (item.substr(0, equals) == "key") call.keys.push_back(decoded(item.substr(equals + 1)));
    }
    call.body = buffer.substr(end_of_head + 4, length);
    buffer.erase(0, end_of_head + 4 + length);
    return call;
}

bool FakeGateway::answer_one(int connection, std::string& buffer) {
    const auto call = read_call(connection, buffer);
    if (!call) return false;
    Answer answer;
    {
        const std::lock_guard lock(mutex_);
        ++calls;
        const Mishap what = mishap ? mishap(call->method, call->what) : Mishap::none;
        if (what == Mishap::hang_up) return false;
        if (what == Mishap::forget && call->what.starts_with("output/"))
            outputs[std::stoi(call->what.substr(7))].clear();
        answer = what == Mishap::busy ? Answer{503, R"({"message":"busy"})"} : act(*call);
        changed_.notify_all();
        if (what == Mishap::lose_answer) return false;
    }
    const bool is_head = call->method == "HEAD";
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                       " Whatever\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    if (!is_head && answer.status != 204) text += answer.body;
    std::string_view left = text;
    while (!left.empty()) {
        const auto sent = ::send(connection, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

FakeGateway::Answer FakeGateway::put(std::string& stored, const Call& call) {
    if (number(call.query, "offset") != static_cast<std::int64_t>(stored.size())) return {409, length_text(stored)};
    stored += call.body;
    return {};
}

FakeGateway::Answer FakeGateway::blob(const Call& call) {
    const std::string name = call.what.substr(6);
    if (call.method == "PUT") {
        if (blobs.contains(name)) return {};
        std::string& stored = partial_blobs[name];
        Answer answer = put(stored, call);
        if (static_cast<std::int64_t>(stored.size()) == number(call.query, "size")) {
            if (sha256_hex(stored) != name) return {400, R"({"message":"wrong bytes"})"};
            blobs[name] = stored;
            partial_blobs.erase(name);
        }
        return answer;
    }
    const auto found = blobs.find(name);
    if (found == blobs.end()) return {404, R"({"message":"no such blob"})"};
    return {200, found->second};
}

FakeGateway::Answer FakeGateway::cache(const Call& call) {
    if (call.method == "POST") {
        const auto entry = from_json_text<CacheEntry>(call.body);
        for (const auto& known : caches) {
            if (known.key == entry->key) return {200, to_json_text(wire::Stored{false})};
        }
        caches.push_back(*entry);
        return {200, to_json_text(wire::Stored{true})};
    }
    for (const auto& key : call.keys) {
        for (auto entry = caches.rbegin(); entry != caches.rend(); ++entry) {
            if (entry->key.starts_with(key)) return {200, to_json_text(*entry)};
        }
    }
    return {404, R"({"message":"no cache"})"};
}

FakeGateway::Answer FakeGateway::act(const Call& call) {
    if (call.what == "claim") return work ? Answer{200, to_json_text(*work)} : Answer{410, R"({"message":"go"})"};
    if (fenced_) return {409, R"({"message":"another attempt has the task"})"};
    if (call.what == "heartbeat") {
        ++heartbeats;
        return {200, to_json_text(wire::HeartbeatAnswer{stop_asked_, stop_asked_ ? "canceled by a test" : "", ssh_})};
    }
    if (call.what == "usage") {
        usages_so_far.push_back(call.body);
        if (!knows_usage) return {404, R"({"message":"no such path"})"};
        return {};
    }
    if (call.what == "ssh") {
        auto told = *from_json_text<wire::SshEvents>(call.body);
        for (auto& event : told.events) {  // known by their sequence
            const auto known = std::ranges::find(ssh_events, event.sequence, &wire::SshEvent::sequence);
            if (known == ssh_events.end()) ssh_events.push_back(std::move(event));
        }
        return {};
    }
    if (call.what == "steps") {
        const auto reports = from_json_text<wire::StepReports>(call.body, {.bytes = 16 << 20});
        if (!reports) return {400, R"({"message":"what steps?"})"};
        for (const auto& record : reports->steps) steps[record.index] = record;
        return {};
    }
    if (call.what.starts_with("output/")) return put(outputs[std::stoi(call.what.substr(7))], call);
    if (call.what.starts_with("blobs/")) return blob(call);
    if (call.what == "blobs") {
        auto names = *from_json_text<wire::BlobNames>(call.body);
        std::erase_if(names.names, [&](const auto& name) { return blobs.contains(name); });
        return {200, to_json_text(names)};
    }
    if (call.what == "cache") return cache(call);
    if (call.what == "workspace" && call.method == "GET") return {200, to_json_text(wire::Layers{layers, upstream})};
    if (call.what == "workspace") layers.push_back(*from_json_text<WorkspaceLayer>(call.body));
    if (call.what == "others") {
        if (others.empty()) return {404, R"({"message":"no such path"})"};
        const std::string answer = to_json_text(others.front());
        if (others.size() > 1) others.erase(others.begin());
        return {200, answer};
    }
    if (call.what == "artifacts") artifacts.push_back(*from_json_text<Artifact>(call.body));
    if (call.what == "tests" && call.method == "GET")
        return earlier ? Answer{200, to_json_text(*earlier)} : Answer{404, R"({"message":"what tests?"})"};
    if (call.what == "tests") {
        auto batch = *from_json_text<wire::TestBatch>(call.body, {.bytes = 16 << 20});
        tests[batch.batch] = std::move(batch);
    }
    if (call.what == "finish") {
        const auto finish = from_json_text<wire::Finish>(call.body, {.bytes = 8 << 20});
        for (const auto& record : finish->steps) steps[record.index] = record;
        outcome = finish->outcome;
        manifest = finish->manifest;
        usage = finish->usage;
    }
    return {};
}

}  // namespace gyre::agent

#pragma once

// A container engine that is none: it speaks the Docker Engine API on a unix socket, keeps containers as entries of a
// list, remembers what it was asked, and misbehaves on request. Thread-safe.

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gyre::test {

struct Seen {
    std::string method;
    std::string target;  // without /v1.41
    std::string head;    // all header lines, as they came
    std::string body;

    std::string said() const { return method + " " + target.substr(0, target.find('?')); }
    json::value document() const;  // the body; null when it is not JSON
};

struct Answer {
    std::string bytes;    // of the whole HTTP answer
    bool hang = false;    // say nothing more, but keep the connection open
    bool closes = false;  // end the connection after the bytes
};
Answer answer(int status, std::string_view body);
Answer never();                                  // no byte, ever
Answer raw(std::string bytes);                   // and the connection ends
Answer closing(Answer from, std::size_t bytes);  // only so many bytes of it, and the connection ends

class FakeEngine {
public:
    explicit FakeEngine(std::string_view kind = "docker");  // or "podman"
    ~FakeEngine();

    const std::string& socket() const;
    // What is answered to requests of which said() begins with `call`. The latest rule wins.
    void on(const std::string& call, std::function<Answer(const Seen&)> respond);
    void on(const std::string& call, Answer fixed);
    // Called when a container is started, with what it was created from.
    void on_start(std::function<void(const json::value& body)> started);
    void end_container(const std::string& role, int exit_code);
    // A container that was there before.
    void add_container(const std::string& box, const std::string& agent, const std::string& role);

    std::vector<Seen> seen() const;
    std::vector<std::string> calls() const;  // said() of each
    std::vector<Seen> calls_of(const std::string& call) const;
    std::vector<std::string> containers() const;  // "<box> <role>" of those not removed

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gyre::test

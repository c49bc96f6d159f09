#pragma once

// Calls from agents to servers, over a network that delays, loses, doubles and reorders messages, and that can be cut,
// each direction by itself.

#include <functional>
#include <memory>
#include <string>

#include "simulation/stage.h"

namespace gyre::simulation {

struct Call {
    std::string method;
    std::string target;
    std::string authorization;
    std::string body;
    bool local = false;  // through the unix socket of the machine
};

struct Answer {
    enum class Kind { answered, refused, lost };  // lost: silence until patience ends, or the connection broke
    Kind kind = Kind::lost;
    int status = 0;
    std::string body;

    bool is(int wanted) const { return kind == Kind::answered && status == wanted; }
    // Trying again may help.
    bool is_trouble() const { return kind != Kind::answered || status >= 500; }
};

using Reply = std::function<void(Answer)>;

// Whom calls reach. `reply` is called once, or never when the process ends before.
class Listener {
public:
    virtual ~Listener() = default;
    virtual bool listens() const = 0;
    virtual void receive(const Call& call, Reply reply) = 0;
};

// The way between the agents of one machine and its server.
class Link {
public:
    Link(Stage& stage, Listener& server) : stage_(stage), server_(server) {}

    // `hear` is called exactly once, at the latest when patience ends.
    void call(Call call, Duration patience, Reply hear);

    void cut(bool to_server, bool to_agent) {
        cut_to_server_ = to_server;
        cut_to_agent_ = to_agent;
    }
    bool is_whole() const { return !cut_to_server_ && !cut_to_agent_; }

private:
    struct Pending;
    struct Line;
    void carry(const std::shared_ptr<Pending>& pending);
    void carry_back(const std::shared_ptr<Pending>& pending, Answer answer);
    void lose(const std::shared_ptr<Pending>& pending);
    Duration way();

    Stage& stage_;
    Listener& server_;
    bool cut_to_server_ = false;
    bool cut_to_agent_ = false;
};

}  // namespace gyre::simulation

#include "simulation/network.h"

#include <utility>

namespace gyre::simulation {

struct Link::Pending {
    Call call;
    Reply hear;
    void end(Answer answer) {
        if (auto to = std::exchange(hear, nullptr)) to(std::move(answer));
    }
};

Duration Link::way() {
    if (stage_.weather.late > 0 && stage_.dice.permille(stage_.weather.late))
        return stage_.dice.span(Duration{50}, Duration{4'000});
    return stage_.dice.span(Duration{0}, Duration{3});
}

void Link::call(Call call, Duration patience, Reply hear) {
    auto pending = std::make_shared<Pending>(Pending{std::move(call), std::move(hear)});
    stage_.time.after(patience, [pending] { pending->end({}); });
    const bool twice = stage_.weather.doubled > 0 && stage_.dice.permille(stage_.weather.doubled);
    carry(pending);
    if (twice) carry(pending);
}

// Half of what is lost breaks the connection, which the agent sees; of the other half it hears nothing.
void Link::lose(const std::shared_ptr<Pending>& pending) {
    if (stage_.dice.percent(50)) stage_.time.after(way(), [pending] { pending->end({}); });
}

// The connection of a call, while the server has it: one that dies breaks it.
struct Link::Line {
    Line(Link& on, std::shared_ptr<Pending> of) : link(on), pending(std::move(of)) {}
    ~Line() {
        if (!answered && !link.stage_.over) link.carry_back(pending, {});
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    Link& link;
    std::shared_ptr<Pending> pending;
    bool answered = false;
};

void Link::carry(const std::shared_ptr<Pending>& pending) {
    if (cut_to_server_) return;
    if (stage_.weather.lost > 0 && stage_.dice.permille(stage_.weather.lost)) return lose(pending);
    stage_.time.after(way(), [this, pending] {
        if (cut_to_server_) return;
        if (!server_.listens()) return carry_back(pending, {.kind = Answer::Kind::refused});
        server_.receive(pending->call, [line = std::make_shared<Line>(*this, pending)](Answer answer) {
            line->answered = true;
            line->link.carry_back(line->pending, std::move(answer));
        });
    });
}

void Link::carry_back(const std::shared_ptr<Pending>& pending, Answer answer) {
    if (cut_to_agent_) return;
    if (stage_.weather.lost > 0 && stage_.dice.permille(stage_.weather.lost)) return lose(pending);
    stage_.time.after(way(), [this, pending, answer = std::move(answer)]() mutable {
        if (!cut_to_agent_) pending->end(std::move(answer));
    });
}

}  // namespace gyre::simulation

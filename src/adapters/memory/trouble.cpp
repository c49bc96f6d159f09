#include "adapters/memory/trouble.h"

#include <utility>

namespace gyre::memory {

void Trouble::on(std::string operation, int nth, Mishap mishap) {
    state_.lock()->plans.push_back({std::move(operation), nth, mishap});
}

void Trouble::always(std::string operation, Mishap mishap) {
    state_.lock()->plans.push_back({std::move(operation), 0, mishap});
}

void Trouble::calm() { state_.lock()->plans.clear(); }

void Trouble::before(std::function<void(std::string_view)> hook) { state_.lock()->hook = std::move(hook); }

void Trouble::choose(std::function<std::optional<Mishap>(std::string_view)> chooser) {
    state_.lock()->chooser = std::move(chooser);
}

int Trouble::calls(const std::string& operation) const {
    auto state = state_.lock();
    const auto found = state->calls.find(operation);
    return found == state->calls.end() ? 0 : found->second;
}

std::optional<Mishap> Trouble::enter(std::string_view operation) {
    std::optional<Mishap> struck;
    std::function<void(std::string_view)> hook;
    std::function<std::optional<Mishap>(std::string_view)> chooser;
    {
        auto state = state_.lock();
        hook = state->hook;
        chooser = state->chooser;
        ++state->calls[std::string(operation)];
        std::erase_if(state->plans, [&](Plan& plan) {
            if (plan.operation != operation && plan.operation != "*") return false;
            if (plan.left == 0) {
                struck = plan.mishap;
                return false;
            }
            if (--plan.left > 0) return false;
            struck = plan.mishap;
            return true;
        });
    }
    if (hook) hook(operation);
    if (chooser && !struck) struck = chooser(operation);
    return struck;
}

}  // namespace gyre::memory

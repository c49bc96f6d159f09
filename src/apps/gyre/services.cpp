#include "apps/gyre/services.h"

#include <algorithm>
#include <stdexcept>

#include "base/log.h"

namespace gyre::apps {
namespace {

bool has(const std::vector<Service>& services, const std::string& name) {
    return std::any_of(services.begin(), services.end(), [&](const Service& service) { return service.name == name; });
}

std::vector<Service> in_order(std::vector<Service> services) {
    std::vector<Service> ordered;
    while (!services.empty()) {
        const auto ready = std::find_if(services.begin(), services.end(), [&](const Service& service) {
            return std::all_of(service.depends_on.begin(), service.depends_on.end(),
                               [&](const auto& name) { return has(ordered, name); });
        });
        if (ready == services.end())
            throw std::logic_error("service " + services.front().name + " depends on what cannot be started");
        ordered.push_back(std::move(*ready));
        services.erase(ready);
    }
    return ordered;
}

}  // namespace

Services::Services(std::vector<Service> services) : ordered_(in_order(std::move(services))) {}

Services::~Services() { stop(); }

Result<void> Services::start() {
    for (const auto& service : ordered_) {
        const auto started = service.start();
        if (!started) {
            stop();
            return started.error().during("starting " + service.name);
        }
        ++started_;
        log::debug("services", "{} is up", service.name);
    }
    return {};
}

void Services::stop() {
    while (started_ > 0) {
        const auto last = --started_;  // it says so before it stops
        ordered_[last].stop();
    }
}

std::vector<Health> Services::health() const {
    std::vector<Health> all;
    const std::size_t up = started_;
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
        const auto seen = i < up ? ordered_[i].health() : unavailable("not up");
        all.push_back({ordered_[i].name, seen.ok(), seen ? *seen : seen.error().message});
    }
    return all;
}

}  // namespace gyre::apps

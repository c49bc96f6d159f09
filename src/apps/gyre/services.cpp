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
    while (started_ > 0) ordered_[--started_].stop();
}

std::vector<Health> Services::health() const {
    std::vector<Health> all;
    for (const auto& service : ordered_) {
        const auto healthy = service.health();
        all.push_back({service.name, healthy.ok(), healthy ? "" : healthy.error().message});
    }
    return all;
}

}  // namespace gyre::apps

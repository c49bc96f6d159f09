#include "apps/gyre/services.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/log.h"

namespace gyre::apps {
namespace {

constexpr std::array service_names{"database",  "fileserverd", "workflows-conductor", "output-processor", "frontend",
                                   "scheduler", "dispatcher",  "cron-service",        "contexts-service", "backup"};

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

std::string names_of(const std::vector<Service>& services) {
    std::string names;
    for (const auto& service : services) names += (names.empty() ? "" : ", ") + service.name;
    return names;
}

std::vector<std::string> words_of(const std::string& list) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        auto word = list.substr(begin, end - begin);
        std::erase(word, ' ');
        if (!word.empty()) words.push_back(std::move(word));
        begin = end + 1;
    }
    return words;
}

bool is_one(const std::vector<std::string>& wanted, const std::vector<std::string>& unwanted, const std::string& name) {
    return (wanted.empty() || std::ranges::count(wanted, name) > 0) && std::ranges::count(unwanted, name) == 0;
}

Result<void> check_names(const std::vector<Service>& all, const std::vector<std::string>& words) {
    for (const auto& word : words) {
        if (has(all, word)) continue;
        return invalid("there is no service '" + word.substr(0, 100) + "'; there are " + names_of(all));
    }
    return {};
}

}  // namespace

std::vector<Service> known_services(std::vector<Service> all) {
    for (const char* name : service_names) {
        if (!has(all, name)) throw std::logic_error(std::string("the service ") + name + " is named, and nobody is it");
    }
    if (all.size() != service_names.size()) throw std::logic_error("a service has no name: " + names_of(all));
    return all;
}

Result<void> check_service_names(const std::string& only, const std::string& except) {
    std::vector<Service> known;
    for (const char* name : service_names) known.push_back({.name = name});
    GYRE_TRY(check_names(known, words_of(only)));
    return check_names(known, words_of(except));
}

bool is_chosen(const std::string& name, const std::string& only, const std::string& except) {
    return is_one(words_of(only), words_of(except), name);
}

Result<std::vector<Service>> chosen_services(std::vector<Service> all, const std::string& only,
                                             const std::string& except) {
    const auto wanted = words_of(only);
    const auto unwanted = words_of(except);
    GYRE_TRY(check_names(all, wanted));
    GYRE_TRY(check_names(all, unwanted));
    std::vector<Service> chosen;
    for (const auto& service : all) {
        if (is_one(wanted, unwanted, service.name)) chosen.push_back(service);
    }
    if (chosen.empty()) return invalid("no service is left to run (settings only and except)");
    for (const auto& service : chosen) {
        for (const auto& needed : service.depends_on) {
            if (!has(chosen, needed))
                return invalid("the service " + service.name + " needs " + needed +
                               ": run both in this process, or neither (settings only and except)");
        }
    }
    return chosen;
}

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

std::string Services::names() const { return names_of(ordered_); }

std::vector<Health> Services::health() const {
    std::vector<Health> all;
    const std::size_t up = started_;
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
        const auto seen = i < up ? ordered_[i].health() : unavailable("not up");
        all.push_back({ordered_[i].name, seen.ok(), seen ? *seen : seen.error().message, ordered_[i].needed});
    }
    return all;
}

}  // namespace gyre::apps

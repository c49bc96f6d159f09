#pragma once

// The named parts of the server, all with the same life. They are started in the order of their dependencies and
// stopped in the opposite order; what fails to start stops what was started before it.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre::apps {

struct Service {
    std::string name;                     // as services.md names it; shown in health answers
    std::vector<std::string> depends_on;  // names
    std::function<Result<void>()> start;
    std::function<void()> stop;
    // Looks and answers in a few words what it saw. Quick; called from any thread once started.
    std::function<Result<std::string>()> health;
    bool needed = true;  // false: what is wrong with it keeps nobody from being served
};

struct Health {
    std::string name;
    bool healthy = false;
    std::string message;  // what was seen, or what is wrong
    bool needed = true;
};

// Of these, the ones that this process shall run: `only` and `except` are lists of names with commas between them; both
// empty: all. `invalid` when a name is unknown, or what runs needs one that does not.
Result<std::vector<Service>> chosen_services(std::vector<Service> all, const std::string& only,
                                             const std::string& except);

// For a server's own list, which must be of just those that check_service_names() knows. Else std::logic_error.
std::vector<Service> known_services(std::vector<Service> all);

// Whether the names in these lists are of services, before any of them is made. `invalid` otherwise.
Result<void> check_service_names(const std::string& only, const std::string& except);

// Whether `only` and `except` leave the service of this name to run.
bool is_chosen(const std::string& name, const std::string& only, const std::string& except);

class Services {
public:
    // A name that is missing or part of a cycle is a bug: std::logic_error.
    explicit Services(std::vector<Service> services);
    ~Services();

    Result<void> start();
    void stop();                         // idempotent
    std::vector<Health> health() const;  // also while starting and stopping: what is not up says so
    std::string names() const;           // in the order of their starts, with commas between them

private:
    std::vector<Service> ordered_;
    std::atomic<std::size_t> started_ = 0;
};

}  // namespace gyre::apps

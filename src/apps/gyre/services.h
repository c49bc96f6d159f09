#pragma once

// The named parts of the server, all with the same life. They are started in the order of their dependencies and
// stopped in the opposite order; what fails to start stops what was started before it.

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
    std::function<Result<void>()> health;  // quick; called from any thread once started
};

struct Health {
    std::string name;
    bool healthy = false;
    std::string message;  // what is wrong
};

class Services {
public:
    // A name that is missing or part of a cycle is a bug: std::logic_error.
    explicit Services(std::vector<Service> services);
    ~Services();

    Result<void> start();
    void stop();  // idempotent
    std::vector<Health> health() const;

private:
    std::vector<Service> ordered_;
    std::size_t started_ = 0;
};

}  // namespace gyre::apps

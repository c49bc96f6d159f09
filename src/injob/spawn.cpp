#include "injob/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/argv.h"

namespace gyre::injob {
namespace {

constexpr const char* usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool contains_directory(std::string_view path, std::string_view wanted) {
    return (":" + std::string(path) + ":").find(":" + std::string(wanted) + ":") != std::string::npos;
}

bool is_file(const std::string& path) {
    struct stat facts {};
    return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

// Owners of the two C structures.
struct Actions {
    posix_spawn_file_actions_t value{};
    Actions() { posix_spawn_file_actions_init(&value); }
    ~Actions() { posix_spawn_file_actions_destroy(&value); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
};
struct Attributes {
    posix_spawnattr_t value{};
    Attributes() { posix_spawnattr_init(&value); }
    ~Attributes() { posix_spawnattr_destroy(&value); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
};

}  // namespace

Variables own_environment() {
    Variables all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

Variables environment_for(const wire::SpawnRequest& request, const Variables& own, const std::string& tools) {
    Variables all = request.extend ? own : Variables{};
    for (const auto& variable : request.environment) all[variable.name] = variable.value;
    std::string& path = all["PATH"];
    if (path.empty()) path = usual_path;
    if (!contains_directory(path, tools)) path.insert(0, tools + ":");
    return all;
}

Result<std::string> find_executable(const std::string& name, std::string_view path, const std::string& directory) {
    if (name.empty()) return invalid("there is no command to run");
    if (name.find('/') != std::string::npos) {
        const std::string whole = name.starts_with('/') ? name : directory + "/" + name;
        if (access(whole.c_str(), X_OK) == 0 && is_file(whole)) return whole;
        return not_found(name + ": " +
                         (access(whole.c_str(), F_OK) == 0 ? "not an executable file" : "no such file or directory"));
    }
    bool seen = false;
    std::size_t at = 0;
    while (at <= path.size()) {
        const auto end = std::min(path.find(':', at), path.size());
        std::string whole(path.substr(at, end - at));
        if (!whole.starts_with('/')) whole.insert(0, directory + "/");
        whole.append("/").append(name);
        at = end + 1;
        if (!is_file(whole)) continue;
        if (access(whole.c_str(), X_OK) == 0) return whole;
        seen = true;
    }
    return not_found(name + (seen ? ": permission denied" : ": no such file or directory"));
}

Result<pid_t> launch(const Launch& what) {
    std::vector<std::string> arguments = what.argv;
    std::vector<std::string> variables;
    variables.reserve(what.environment.size());
    for (const auto& [name, value] : what.environment) variables.emplace_back(name).append("=").append(value);

    Actions actions;
    for (int number = 0; number < 3; ++number)
        posix_spawn_file_actions_adddup2(&actions.value, what.standard[number], number);
    posix_spawn_file_actions_addfchdir_np(&actions.value, what.directory);

    Attributes attributes;
    sigset_t none;
    sigset_t ignored;  // by the supervisor; the rest is at its default in it
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes.value, &none);
    posix_spawnattr_setsigdefault(&attributes.value, &ignored);
    posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    pid_t pid = 0;
    const int failed = posix_spawn(&pid, what.executable.c_str(), &actions.value, &attributes.value,
                                   argv_of(arguments).data(), argv_of(variables).data());
    if (failed == EAGAIN)
        return unavailable(what.executable + ": no more processes may be started here (the job's limit is reached)");
    if (failed == E2BIG)
        return too_large(what.executable + ": arguments and environment are too large for this system");
    if (failed != 0) return unavailable(what.executable + ": " + std::strerror(failed));
    return pid;
}

}  // namespace gyre::injob

#include "agent/executors/docker_control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/executors/sandbox_seccomp.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr mode_t for_everyone_to_run = 0755;
constexpr mode_t for_everyone_to_connect = 0666;  // the container's user may be any

std::string socket_name() { return fs::path(wire::control_socket).filename(); }

Result<void> place_program(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    fs::create_hard_link(from, to, failed);
    if (failed) fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
    if (failed) return unavailable("placing " + from.string() + " in " + to.string() + ": " + failed.message());
    return {};
}

Result<void> place_programs(const fs::path& directory, const std::string& injob_path) {
    struct stat seen {};
    if (::stat(injob_path.c_str(), &seen) != 0) return errno_error("reading " + injob_path);
    const fs::path program = directory / "gyre-injob";
    std::error_code failed;
    // A link has the mode of the original: one that is not for everyone to run is of no use to the job's user.
    if ((seen.st_mode & for_everyone_to_run) == for_everyone_to_run) {
        GYRE_TRY(place_program(injob_path, program));
    } else {
        fs::copy_file(injob_path, program, failed);
        if (failed) return unavailable("copying " + injob_path + ": " + failed.message());
        if (::chmod(program.c_str(), for_everyone_to_run) != 0) return errno_error("opening " + program.string());
    }
    for (const char* name : {"circleci", "circleci-agent"}) GYRE_TRY(place_program(program, directory / name));
    return {};
}

// For the supervisor, which refuses itself what the sandbox is refused: engines let different things through.
Result<void> place_filter(const fs::path& directory) {
    const fs::path place = directory / fs::path(wire::system_call_filter).filename();
    GYRE_TRY_ASSIGN(const Fd filter, compile_seccomp_filter());
    const Fd file(::open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file) return errno_error("making " + place.string());
    struct stat facts {};
    if (::fstat(filter.get(), &facts) != 0) return errno_error("reading the filter of system calls");
    off_t done = 0;
    while (done < facts.st_size) {
        const auto sent = ::sendfile(file.get(), filter.get(), &done, static_cast<std::size_t>(facts.st_size - done));
        if (sent <= 0) return errno_error("writing " + place.string());
    }
    if (::fchmod(file.get(), 0644) != 0) return errno_error("opening " + place.string() + " to the job");
    return {};
}

// The directory's path may be longer than a socket's name may be; a descriptor of it is not.
Result<Fd> listen_in(const fs::path& directory) {
    const Fd held(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!held) return errno_error("opening " + directory.string());
    const std::string name = "/proc/self/fd/" + std::to_string(held.get()) + "/" + socket_name();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    Fd listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener) return errno_error("making a socket");
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return errno_error("binding " + (directory / socket_name()).string());
    }
    if (::chmod((directory / socket_name()).c_str(), for_everyone_to_connect) != 0) {
        return errno_error("opening the socket in " + directory.string() + " to the job");
    }
    if (::listen(listener.get(), 1) != 0) return errno_error("listening in " + directory.string());
    return listener;
}

}  // namespace

Result<ControlDirectory> ControlDirectory::make(const std::string& parent, const std::string& injob_path) {
    const fs::path path = fs::path(parent) / "run";
    if (::mkdir(path.c_str(), for_everyone_to_run) != 0 || ::chmod(path.c_str(), for_everyone_to_run) != 0) {
        return errno_error("making " + path.string());
    }
    GYRE_TRY(place_programs(path, injob_path));
    GYRE_TRY(place_filter(path));
    GYRE_TRY_ASSIGN(Fd listener, listen_in(path));
    return ControlDirectory(fs::absolute(path).string(), std::move(listener));
}

Result<std::optional<Fd>> ControlDirectory::accept(std::chrono::milliseconds patience, int cancel) {
    std::array<pollfd, 2> waiting{{{listener_.get(), POLLIN, 0}, {cancel, POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(patience.count()));
    if (ready < 0 && errno != EINTR) return errno_error("waiting for the supervisor");
    if (ready > 0 && waiting[1].revents != 0) return unavailable("stopped while the job's place was made");
    if (ready <= 0) return std::optional<Fd>();
    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return errno_error("accepting the supervisor");
    listener_.reset();
    ::unlink((std::filesystem::path(path_) / socket_name()).c_str());
    return std::optional(std::move(connection));
}

}  // namespace gyre::agent

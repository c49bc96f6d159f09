#include "support/s3_gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "base/fd.h"
#include "support/eventually.h"

namespace gyre::test {
namespace {

const std::string program = GYRE_S3_GATEWAY;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

// That nobody listens on now.
int free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
        throw std::runtime_error("there is no free port");
    return ntohs(address.sin_port);
}

bool answers(int port) {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

std::string S3Gateway::needs() {
    if (::access(program.c_str(), X_OK) == 0) return "";
    return "needs VersityGW: install Go and run tools/s3_gateway.sh";
}

S3Gateway::S3Gateway() {
    std::filesystem::create_directories(folder_.path() / "files" / bucket());
    std::filesystem::create_directories(folder_.path() / "facts");
    for (int tries = 0; tries < 5; ++tries) {  // somebody else may take the port first
        port_ = free_port();
        if (try_start()) return;
    }
    throw std::runtime_error("VersityGW does not start: " + program_->output());
}

bool S3Gateway::try_start() {
    const std::string home = folder_.path().string();
    program_ = std::make_unique<Program>(
        ShortRun{.argv = {program, "--port", "127.0.0.1:" + std::to_string(port_), "--region", region(), "--keep-alive",
                          "posix", "--sidecar", home + "/facts", home + "/files"},
                 .home = home,
                 .directory = home,
                 .environment = {"ROOT_ACCESS_KEY_ID=" + access(), "ROOT_SECRET_ACCESS_KEY=" + secret()}},
        home + "/log");
    eventually("VersityGW listens, or ends", [&] { return program_->ended() || answers(port_); });
    return !program_->ended();
}

void S3Gateway::kill() {
    program_->signal(SIGKILL);
    program_->wait();
}

void S3Gateway::start_again() {
    if (!try_start()) throw std::runtime_error("VersityGW does not start again: " + program_->output());
}

}  // namespace gyre::test

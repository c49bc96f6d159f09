#include "agent/ssh/door.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;

constexpr int step_of_the_door = 1;  // its index: between the box (0) and the config's first step (101)
constexpr milliseconds look_again = 200ms;
constexpr milliseconds before_the_limit = 2s;  // of the job, so that waiting for guests is no timeout

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string span_text(milliseconds span) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
    if (seconds % 3600 == 0 && seconds > 0) return fmt::format("{} h", seconds / 3600);
    if (seconds % 60 == 0 && seconds > 0) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} s", seconds);
}

bool has_guests(const std::optional<wire::SshAccess>& access) { return access && !access->guests.empty(); }

}  // namespace

std::string ssh_invitation(const wire::SshAccess& access, const std::string& host, int port,
                           const std::string& fingerprint) {
    std::string text = fmt::format(
        "You can now SSH into this job if your key is one of those below:\n\n    $ ssh -p {} {}\n\n"
        "The host's key is ED25519 {}\n",
        port, host, fingerprint);
    for (const auto& guest : access.guests) {
        text += guest.keys.empty()
                    ? fmt::format("{} has no key here yet: 'gyre key add ~/.ssh/id_ed25519.pub' lets it in at once\n",
                                  guest.login)
                    : fmt::format("{} may come in with {} {}\n", guest.login, guest.keys.size(),
                                  guest.keys.size() == 1 ? "key" : "keys");
    }
    if (access.keep_always || access.keep_on_failure) {
        text += fmt::format("When its steps have {}, the job's place is kept until nobody was in it for {}, at most {}",
                            access.keep_always ? "ended" : "failed", span_text(milliseconds(access.idle_ms)),
                            span_text(milliseconds(access.most_ms)));
    } else {
        text += "The job's place goes with its last step";
    }
    return text;
}

SshDoor::SshDoor(StepLog& log, BackgroundOutputs& background, JobControl& control, GatewayClient gateway,
                 std::string host_key)
    : log_(log),
      background_(background),
      control_(control),
      events_(std::move(gateway)),
      host_key_(std::move(host_key)) {}

SshDoor::~SshDoor() { close(); }

void SshDoor::hear(std::optional<wire::SshAccess> access) {
    {
        const std::lock_guard lock(mutex_);
        access_ = std::move(access);
        news_ = true;
    }
    changed_.notify_all();
}

void SshDoor::let_into(WayIn way) {
    const std::lock_guard lock(mutex_);
    way_ = std::move(way);
    news_ = true;
    thread_ = std::thread([this] { run(); });
}

void SshDoor::steps_have(Environment environment) {
    if (way_) way_->environment.become(std::move(environment));
}

void SshDoor::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return closing_ || news_; });
        if (closing_) return;
        news_ = false;
        const auto access = access_.value_or(wire::SshAccess{});
        lock.unlock();
        apply(access);
        lock.lock();
    }
}

void SshDoor::apply(const wire::SshAccess& access) {
    if (!tried_ && !access.guests.empty()) open(access);
    if (server_) server_->let_in(access.guests);
}

void SshDoor::open(const wire::SshAccess& access) {
    tried_ = true;
    const auto tell = [this](wire::SshEventKind kind) {
        return [this, kind](const Login& login) {
            events_.add({.kind = kind, .fingerprint = login.fingerprint, .login = login.login, .from = login.from});
        };
    };
    auto server = SshServer::open(
        {.address = access.bind, .first_port = access.first_port, .last_port = access.last_port, .host_key = host_key_},
        *way_, {.came = tell(wire::SshEventKind::login), .left = tell(wire::SshEventKind::logout)});
    {
        const std::lock_guard lock(mutex_);
        refused_ = !server;
        if (server) server_ = std::move(*server);
        if (server_) server_->let_in(access.guests);
    }
    announce(access, server ? "" : server.error().message);
}

// A job whose door does not open goes on as well.
void SshDoor::announce(const wire::SshAccess& access, const std::string& trouble) {
    const std::string host = access.host.empty() ? host_name() : access.host;
    StepEnd end;
    if (!trouble.empty()) end = StepEnd::failed(trouble);
    auto step = log_.begin({.index = step_of_the_door, .name = "Enable SSH", .type = "infrastructure"});
    if (step) {
        step->output->say(trouble.empty() ? ssh_invitation(access, host, server_->port(), server_->fingerprint())
                                          : "SSH into this job is not possible: " + trouble);
        log_.end(std::move(*step), end, background_);
    }
    if (!trouble.empty()) return events_.add({.kind = wire::SshEventKind::failed, .reason = trouble});
    events_.add({.kind = wire::SshEventKind::opened,
                 .host = host,
                 .port = server_->port(),
                 .fingerprint = server_->fingerprint()});
}

SshServer::Presence SshDoor::presence() {
    const std::lock_guard lock(mutex_);
    return server_ ? server_->presence() : SshServer::Presence{};
}

wire::SshAccess SshDoor::access() {
    const std::lock_guard lock(mutex_);
    return access_.value_or(wire::SshAccess{});
}

bool SshDoor::is_wanted(bool failed) {
    if (presence().inside > 0) return true;
    const std::lock_guard lock(mutex_);
    // The thread may be opening it just now.
    return !refused_ && has_guests(access_) && (access_->keep_always || (access_->keep_on_failure && failed));
}

void SshDoor::wait(bool failed, int step_index) {
    const auto since = std::chrono::steady_clock::now();
    auto step = log_.begin({.index = step_index, .name = "Wait for SSH sessions", .type = "infrastructure"});
    if (!step) return;
    const auto access_now = access();
    step->output->say(
        fmt::format("The steps of the job have {}. Its place is kept until nobody was in it for {}, at most {}.\n"
                    "Cancel the job to end it now.",
                    failed ? "failed" : "ended", span_text(milliseconds(access_now.idle_ms)),
                    span_text(milliseconds(access_now.most_ms))));
    std::string over;
    while ((over = why_over(failed, since)).empty()) (void)sleep_unless(control_.stop_event(), look_again);
    step->output->say(over);
    StepEnd end;
    if (control_.is_stopping()) end.status = StepStatus::canceled;
    log_.end(std::move(*step), end, background_);
}

// Empty while the box is to be kept.
std::string SshDoor::why_over(bool failed, Instant since) {
    const auto now = std::chrono::steady_clock::now();
    const auto who = presence();
    const auto rules = access();
    if (control_.is_stopping()) return "The job stops: " + control_.why();
    if (way_->supervisor->is_gone()) return "The job's place is gone";
    if (!is_wanted(failed)) return "Nobody is in it, and nobody asked to have it kept";
    if (now - since >= milliseconds(rules.most_ms))
        return fmt::format("The longest time of {} is over", span_text(milliseconds(rules.most_ms)));
    if (control_.time_left() <= before_the_limit) return "The time limit of the job is reached";
    if (who.inside > 0) return {};
    const auto empty = std::max(since, who.empty.value_or(since));
    if (now - empty < milliseconds(rules.idle_ms)) return {};
    return fmt::format("Nobody was in it for {}", span_text(milliseconds(rules.idle_ms)));
}

void SshDoor::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    std::unique_ptr<SshServer> server;
    {
        const std::lock_guard lock(mutex_);
        server = std::move(server_);
    }
}

void SshDoor::drain() { events_.drain(); }

}  // namespace gyre::agent

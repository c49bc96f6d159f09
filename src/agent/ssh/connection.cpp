#include "agent/ssh/connection.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <vector>

#include "agent/ssh/host_key.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_channels = 10;
constexpr int most_keys_shown = 20;  // an ssh-agent offers all it has
constexpr auto longest_wait = 60s;

struct Event {
    ssh_event event = ssh_event_new();
    ~Event() { ssh_event_free(event); }
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
};

std::string base64_of(ssh_key key) {
    char* text = nullptr;
    if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) return {};
    std::string result = text;
    ssh_string_free_char(text);
    return result;
}

}  // namespace

SshConnection::SshConnection(OwnedSshSession session, std::string from, const World& world)
    : session_(std::move(session)),
      world_(world),
      login_{.login = {}, .fingerprint = {}, .from = std::move(from)},
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

SshConnection::~SshConnection() {
    end();
    thread_.join();
}

void SshConnection::end() {
    ending_ = true;
    look_again();
}

void SshConnection::look_again() { ::eventfd_write(wake_.get(), 1); }

void SshConnection::run() {
    converse();
    channels_.clear();
    ssh_disconnect(session_.get());
    session_.reset();
    if (inside_) world_.left(login_);
    inside_ = false;
    over_ = true;
}

void SshConnection::converse() {
    const Event event;
    set_callbacks();
    ssh_set_auth_methods(session_.get(), SSH_AUTH_METHOD_PUBLICKEY);
    ssh_set_blocking(session_.get(), 0);
    if (ssh_handle_key_exchange(session_.get()) == SSH_ERROR) return;
    if (ssh_event_add_session(event.event, session_.get()) != SSH_OK) return;
    while (goes_on()) {
        wait();
        if (ssh_event_dopoll(event.event, 0) == SSH_ERROR) break;
        // Channels may be added while these are pumped.
        for (auto& channel : channels_) channel.pump();
        channels_.remove_if([](const SshChannel& channel) { return channel.is_over(); });
    }
    channels_.clear();
    ssh_event_dopoll(event.event, 0);  // their last words
    ssh_event_remove_session(event.event, session_.get());
}

bool SshConnection::goes_on() const {
    if (ending_ || ssh_is_connected(session_.get()) == 0) return false;
    if ((ssh_get_status(session_.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) return false;
    if (keys_shown_ > most_keys_shown) return false;
    if (inside_) return world_.guests.login_of(key_).has_value();
    return std::chrono::steady_clock::now() - since_ < world_.login_patience;
}

void SshConnection::wait() {
    const auto now = std::chrono::steady_clock::now();
    Instant until = inside_ ? now + longest_wait : since_ + world_.login_patience;
    const bool sending = (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0;
    std::vector<pollfd> waits{{wake_.get(), POLLIN, 0},
                              {ssh_get_fd(session_.get()), static_cast<short>(POLLIN | (sending ? POLLOUT : 0)), 0}};
    for (auto& channel : channels_) channel.add_waits(waits, until);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    ::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
}

void SshConnection::set_callbacks() {
    callbacks_.userdata = this;
    callbacks_.auth_pubkey_function = [](ssh_session, const char*, ssh_key key, char state, void* self) {
        return of(self).look_at_key(key, state);
    };
    callbacks_.channel_open_request_session_function = [](ssh_session, void* self) { return of(self).open_channel(); };
    ssh_callbacks_init(&callbacks_);
    ssh_set_server_callbacks(session_.get(), &callbacks_);
}

// The user's name does not matter: who somebody is, the key says. It is asked for twice, before and with a signature.
int SshConnection::look_at_key(ssh_key key, char state) {
    const std::string shown = base64_of(key);
    const auto login = world_.guests.login_of(shown);
    ++keys_shown_;
    if (inside_ || !login) return SSH_AUTH_DENIED;
    if (state == SSH_PUBLICKEY_STATE_NONE) return SSH_AUTH_SUCCESS;
    if (state != SSH_PUBLICKEY_STATE_VALID) return SSH_AUTH_DENIED;
    key_ = shown;
    login_.login = *login;
    login_.fingerprint = fingerprint_of(key);
    inside_ = true;
    keys_shown_ = 0;
    world_.came(login_);
    return SSH_AUTH_SUCCESS;
}

ssh_channel SshConnection::open_channel() {
    if (!inside_ || channels_.size() >= most_channels) return nullptr;
    const ssh_channel opened = channels_.emplace_back(session_.get(), world_.way).handle();
    if (opened == nullptr) channels_.pop_back();
    return opened;
}

}  // namespace gyre::agent

#include "agent/ssh/channel.h"

#include <libssh/server.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t piece = 32 << 10;
constexpr std::size_t longest_value = 1000;
constexpr std::size_t most_variables = 50;
constexpr std::size_t most_signals = 16;
constexpr int most_rounds = 32;        // between looks at the other channels
constexpr int most_waiting = 4 << 20;  // bytes that a guest sent beyond what we let it
constexpr auto last_words = 1s;        // for what is in pipes that others hold open
constexpr auto last_patience = 30s;    // with a guest that does not read

constexpr std::array<std::pair<std::string_view, int>, 9> signals{{{"HUP", SIGHUP},
                                                                   {"INT", SIGINT},
                                                                   {"QUIT", SIGQUIT},
                                                                   {"KILL", SIGKILL},
                                                                   {"USR1", SIGUSR1},
                                                                   {"USR2", SIGUSR2},
                                                                   {"PIPE", SIGPIPE},
                                                                   {"ALRM", SIGALRM},
                                                                   {"TERM", SIGTERM}}};

bool is_taken(std::string_view name) {
    const auto is_plain = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
    return name == "LANG" || name == "LANGUAGE" || name == "COLORTERM" ||
           (name.starts_with("LC_") && std::ranges::all_of(name, is_plain));
}

bool is_word(std::string_view text) {
    const auto is_plain = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    return text.size() <= 100 && std::ranges::all_of(text, is_plain);
}

}  // namespace

SshChannel::SshChannel(ssh_session session, const WayIn& way)
    : session_(session), way_(way), channel_(ssh_channel_new(session)) {
    if (channel_ != nullptr) set_callbacks();
}

SshChannel::~SshChannel() { close(); }

void SshChannel::set_callbacks() {
    callbacks_.userdata = this;
    callbacks_.channel_close_function = [](ssh_session, ssh_channel, void* self) { of(self).left_ = true; };
    callbacks_.channel_pty_request_function = [](ssh_session, ssh_channel, const char* kind, int columns, int rows, int,
                                                 int,
                                                 void* self) { return of(self).wish_terminal(kind, columns, rows); };
    callbacks_.channel_pty_window_change_function = [](ssh_session, ssh_channel, int columns, int rows, int, int,
                                                       void* self) {
        of(self).new_size_ = {columns, rows};
        return 0;
    };
    callbacks_.channel_env_request_function = [](ssh_session, ssh_channel, const char* name, const char* value,
                                                 void* self) { return of(self).wish_variable(name, value); };
    callbacks_.channel_shell_request_function = [](ssh_session, ssh_channel, void* self) {
        return of(self).ask({}, false);
    };
    callbacks_.channel_exec_request_function = [](ssh_session, ssh_channel, const char* command, void* self) {
        return of(self).ask(command, false);
    };
    callbacks_.channel_subsystem_request_function = [](ssh_session, ssh_channel, const char* name, void* self) {
        return std::string_view(name) == "sftp" ? of(self).ask({}, true) : 1;
    };
    callbacks_.channel_signal_function = [](ssh_session, ssh_channel, const char* name, void* self) {
        const auto found =
            std::ranges::find(signals, std::string_view(name), [](const auto& one) { return one.first; });
        auto& waiting = of(self).signals_;
        if (found != signals.end() && waiting.size() < most_signals) waiting.push_back(found->second);
    };
    ssh_callbacks_init(&callbacks_);
    ssh_set_channel_callbacks(channel_, &callbacks_);
}

int SshChannel::wish_terminal(const char* kind, int columns, int rows) {
    if (asked_ || wish_.terminal) return 1;
    wish_.terminal = TerminalWish{.kind = is_word(kind) ? kind : "xterm", .columns = columns, .rows = rows};
    return 0;
}

int SshChannel::wish_variable(const char* name, const char* value) {
    const std::string text = value;
    if (asked_ || !is_taken(name) || text.size() > longest_value || wish_.environment.size() >= most_variables)
        return 1;
    wish_.environment.push_back({name, text});
    return 0;
}

int SshChannel::ask(std::string command, bool files) {
    if (asked_) return 1;
    asked_ = true;
    wish_.command = std::move(command);
    wish_.files = files;
    if (files) wish_.terminal.reset();
    return 0;
}

void SshChannel::pump() {
    if (over_) return;
    if (left_ || ssh_channel_poll(channel_, 0) > most_waiting) return close();
    if (!asked_) return;
    if (!process_ && !end_) start();
    if (over_) return;
    for (const int number : signals_) process_->signal(number);
    signals_.clear();
    if (new_size_) process_->resize(new_size_->first, new_size_->second);
    new_size_.reset();
    take_input();
    look_for_end();
    give(output_, process_->output(), false);
    give(errors_, process_->errors(), true);
    say_end();
}

void SshChannel::start() {
    auto started = GuestProcess::start(way_, wish_);
    if (!started) return finish("this job takes no commands any more: " + started.error().message, 255);
    process_.emplace(std::move(*started));
    errors_.ended = process_->errors() < 0;
}

// --- from the guest to the process ---

void SshChannel::take_input() {
    for (int round = 0; round < most_rounds; ++round) {
        if (!input_.empty() && !write_input()) return;
        std::array<char, piece> bytes;  // NOLINT: written by the read
        const int got = ssh_channel_read_nonblocking(channel_, bytes.data(), bytes.size(), 0);
        if (got <= 0) break;
        if (process_->input() >= 0) input_.assign(bytes.data(), static_cast<std::size_t>(got));
    }
    if (input_.empty() && ssh_channel_is_eof(channel_) != 0 && !wish_.terminal) process_->close_input();
}

// Whether all of it is on its way.
bool SshChannel::write_input() {
    while (!input_.empty()) {
        const auto wrote = ::write(process_->input(), input_.data(), input_.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN) return false;
        if (wrote < 0) {
            process_->close_input();
            input_.clear();
            return true;
        }
        input_.erase(0, static_cast<std::size_t>(wrote));
    }
    return true;
}

// --- from the process to the guest ---

// Not more than one piece is ever on its way beyond what the network takes.
bool SshChannel::may_give() const {
    return ssh_channel_window_size(channel_) > 0 && (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) == 0;
}

void SshChannel::give(Stream& stream, int from, bool errors) {
    for (int round = 0; round < most_rounds && !left_ && may_give(); ++round) {
        if (stream.bytes.empty() && !fill(stream, from, errors)) return;
        const auto size = static_cast<std::uint32_t>(stream.bytes.size());
        const int wrote = errors ? ssh_channel_write_stderr(channel_, stream.bytes.data(), size)
                                 : ssh_channel_write(channel_, stream.bytes.data(), size);
        if (wrote < 0) left_ = true;
        if (wrote <= 0) return;
        stream.bytes.erase(0, static_cast<std::size_t>(wrote));
    }
}

bool SshChannel::fill(Stream& stream, int from, bool errors) {
    if (stream.ended || from < 0) return false;
    stream.bytes.resize(piece);
    ssize_t got = 0;
    do got = ::read(from, stream.bytes.data(), stream.bytes.size());
    while (got < 0 && errno == EINTR);
    const bool nothing_yet = got < 0 && errno == EAGAIN;
    stream.bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (got > 0) return true;
    if (nothing_yet) return false;
    stream.ended = true;  // a terminal says EIO when nobody holds its other end
    if (errors) {
        process_->close_errors();
    } else {
        process_->close_output();
    }
    return false;
}

// --- the end ---

void SshChannel::look_for_end() {
    if (end_) return;
    end_ = process_->end();
    if (end_) ended_at_ = std::chrono::steady_clock::now();
}

void SshChannel::say_end() {
    if (left_) return close();
    if (!end_) return;
    const bool all_given = output_.bytes.empty() && errors_.bytes.empty();
    const auto waited = std::chrono::steady_clock::now() - ended_at_;
    const bool all_said = output_.ended && errors_.ended;
    if (!(all_given && (all_said || waited >= last_words)) && waited < last_patience) return;
    if (const auto* exited = std::get_if<ExitedWith>(&*end_)) return finish("", exited->code);
    if (const auto* never = std::get_if<NeverStarted>(&*end_)) return finish(never->reason, 127);
    if (const auto* gone = std::get_if<BoxGone>(&*end_)) return finish(gone->reason, 255);
    const int number = std::get<KilledBy>(*end_).signal;
    const char* name = ::sigabbrev_np(number);
    ssh_channel_request_send_exit_signal(channel_, name != nullptr ? name : "KILL", 0, "", "");
    close();
}

void SshChannel::finish(const std::string& sentence, int code) {
    if (!sentence.empty()) {
        const std::string line = "gyre: " + sentence + (wish_.terminal ? "\r\n" : "\n");
        ssh_channel_write_stderr(channel_, line.data(), static_cast<std::uint32_t>(line.size()));
    }
    ssh_channel_request_send_exit_status(channel_, code);
    close();
}

// What is on its way still goes out: the connection lives until the guest ends it.
void SshChannel::close() {
    over_ = true;
    process_.reset();
    if (channel_ == nullptr) return;
    ssh_remove_channel_callbacks(channel_, &callbacks_);
    if (!left_) {
        ssh_channel_send_eof(channel_);
        ssh_channel_close(channel_);
    }
    ssh_channel_free(channel_);
    channel_ = nullptr;
}

void SshChannel::add_waits(std::vector<pollfd>& waits, Instant& until) {
    if (over_ || !process_) return;
    if (!end_) waits.push_back({process_->end_event(), POLLIN, 0});
    if (!input_.empty()) waits.push_back({process_->input(), POLLOUT, 0});
    const auto listen = [&](const Stream& stream, int from) {
        if (!stream.ended && stream.bytes.empty() && from >= 0 && may_give()) waits.push_back({from, POLLIN, 0});
    };
    listen(output_, process_->output());
    listen(errors_, process_->errors());
    if (!end_) return;
    const bool all_given = output_.bytes.empty() && errors_.bytes.empty();
    until = std::min(until, ended_at_ + (all_given ? std::chrono::steady_clock::duration(last_words) : last_patience));
}

}  // namespace gyre::agent

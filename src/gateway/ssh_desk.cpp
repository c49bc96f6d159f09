#include "gateway/ssh_desk.h"

#include <algorithm>
#include <string_view>

#include "base/log.h"
#include "base/utf8.h"

namespace gyre::gateway {
namespace {

constexpr Duration moment = std::chrono::seconds{2};
constexpr std::size_t most_events = 100;
constexpr std::size_t longest_text = 300;
constexpr std::int64_t longest_age = std::int64_t{30} * 24 * 3600 * 1000;

std::string bounded(const std::string& text) { return valid_utf8(cut_utf8(text, longest_text)); }

std::string action_of(wire::SshEventKind kind) {
    switch (kind) {
        case wire::SshEventKind::opened:
        case wire::SshEventKind::failed:
            return "workflow.job.ssh.open";
        case wire::SshEventKind::login:
            return "workflow.job.ssh.login";
        case wire::SshEventKind::logout:
            return "workflow.job.ssh.logout";
    }
    return {};
}

// People's programs are given these.
bool is_plain(const std::string& text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("0123456789.:-_+/=").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= longest_text && text.front() != '-' && std::ranges::all_of(text, allowed);
}

Result<void> check(const wire::SshEvent& event) {
    if (event.sequence < 0) return invalid("an event's sequence is below zero");
    if (event.kind == wire::SshEventKind::opened && (event.port < 1 || event.port > 65'535))
        return invalid("there is no port " + std::to_string(event.port));
    if (event.kind == wire::SshEventKind::opened && (!is_plain(event.host) || !is_plain(event.fingerprint)))
        return invalid("that is no host, or no fingerprint");
    return {};
}

}  // namespace

void SshDesk::start() {
    if (!settings_.enabled) return;
    read_again();
    thread_.start(moment, [this] {
        if (is_wanted_.exchange(false)) read_again();
    });
}

void SshDesk::read_again() {
    auto read = ports_.ssh.guests();
    if (!read) return log::warn("ssh", "who may come into jobs cannot be read: {}", read.error().message);
    *guests_.lock() = std::make_shared<const Guests>(std::move(*read));
}

std::optional<wire::SshAccess> SshDesk::access_now(const JobId& job) {
    if (settings_.enabled) read_again();
    return access_of(job);
}

std::optional<wire::SshAccess> SshDesk::access_of(const JobId& job) const {
    if (!settings_.enabled) return std::nullopt;
    is_wanted_ = true;
    const std::shared_ptr<const Guests> guests = *guests_.lock();
    if (!guests) return std::nullopt;
    const auto found = guests->find(job);
    if (found == guests->end()) return std::nullopt;
    wire::SshAccess access{.guests = {},
                           .bind = settings_.bind,
                           .host = settings_.host,
                           .first_port = settings_.first_port,
                           .last_port = settings_.last_port,
                           .idle_ms = settings_.idle.count(),
                           .most_ms = settings_.most.count()};
    for (const auto& guest : found->second) {
        access.guests.push_back({guest.login, guest.keys});
        access.keep_always = access.keep_always || guest.keep == SshKeep::always;
        access.keep_on_failure = access.keep_on_failure || guest.keep == SshKeep::on_failure;
    }
    return access;
}

Result<void> SshDesk::note(const AttemptRef& attempt, const std::vector<wire::SshEvent>& events) {
    if (events.size() > most_events) return too_large("more than 100 events at once");
    std::vector<AuditEvent> records;
    for (const auto& event : events) {
        GYRE_TRY(check(event));
        GYRE_TRY_ASSIGN(auto record, record_of(attempt, event));
        if (event.kind == wire::SshEventKind::opened) {
            GYRE_TRY(ports_.ssh.set_place(
                {attempt, bounded(event.host), event.port, bounded(event.fingerprint), record.occurred_at}));
        }
        records.push_back(std::move(record));
    }
    return ports_.audit.add(records);
}

Result<AuditEvent> SshDesk::record_of(const AttemptRef& attempt, const wire::SshEvent& event) {
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load_job(attempt.job));
    GYRE_TRY_ASSIGN(const auto project, ports_.projects.by_id(workflow.project));
    const WorkflowJob& job = workflow.jobs.front();
    json::object payload{{"job_id", attempt.job.text}, {"task", attempt.task}, {"attempt", attempt.attempt}};
    const auto add = [&](const char* name, const std::string& text) {
        if (!text.empty()) payload[name] = bounded(text);
    };
    add("host", event.host);
    if (event.port > 0) payload["port"] = event.port;
    add("fingerprint", event.fingerprint);
    add("from", event.from);
    add("reason", event.reason);
    return AuditEvent{
        .id = attempt.id().text + "-ssh-" + std::to_string(event.sequence),
        .action = action_of(event.kind),
        .success = event.kind != wire::SshEventKind::failed,
        .actor = bounded(event.login),
        .target = project.slug + "/" + std::to_string(job.number),
        .scope = project.slug,
        .payload = std::move(payload),
        .occurred_at = ports_.clock.now() - Duration{std::clamp<std::int64_t>(event.age_ms, 0, longest_age)}};
}

}  // namespace gyre::gateway

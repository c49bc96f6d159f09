#include "apps/gyre/neighbours.h"

#include "adapters/postgres/target.h"
#include "base/digest.h"
#include "base/log.h"

namespace gyre::apps {
namespace {

constexpr std::string_view work_word = "work";
constexpr std::string_view stops_word = "stops";
constexpr std::string_view news_word = "news ";
constexpr JsonLimits news_limits{.bytes = 8'000, .depth = 4};

// By which it is known, and not guessed.
std::string name_of_key(const std::string& key) { return sha256_hex("gyre: signing key\n" + key).substr(0, 16); }

std::string with_another_key(const std::vector<sql::KnownServer>& servers, const std::string& key) {
    std::string names;
    for (const auto& server : servers) {
        if (!server.signing_key.empty() && server.signing_key != key)
            names += (names.empty() ? "" : ", ") + server.name;
    }
    return names;
}

}  // namespace

Neighbours::Neighbours(NeighbourPorts ports, NeighbourSettings settings)
    : ports_(std::move(ports)), settings_(std::move(settings)) {}

Neighbours::~Neighbours() { stop(); }

Result<void> Neighbours::start() {
    if (settings_.database.empty()) return {};
    GYRE_TRY_ASSIGN(const auto target, postgres::read_target(settings_.database));
    GYRE_TRY_ASSIGN(bell_, postgres::Bell::open(target, {.server = settings_.server,
                                                         .hear = [this](std::string_view word) { hear(word); }}));
    GYRE_TRY(ports_.servers.arrive(settings_.server, name_of_key(settings_.signing_key)));
    if (const auto seen = look(); seen && seen->find("signing.key") != std::string::npos)
        log::warn("neighbours", "the database {}", *seen);
    thread_ = std::thread([this] { run(); });
    return {};
}

void Neighbours::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    bell_.reset();
}

Result<std::string> Neighbours::look() const {
    if (settings_.database.empty()) return std::string("reads");
    GYRE_TRY_ASSIGN(const auto servers, ports_.servers.all());
    const auto others = with_another_key(servers, name_of_key(settings_.signing_key));
    return "reads, for " + std::to_string(servers.size()) + (servers.size() == 1 ? " server" : " servers") +
           (others.empty() ? "" : "; with another signing.key than this one: " + others + " (docs/admin/id-tokens.md)");
}

void Neighbours::tell_of_work() {
    if (bell_) bell_->tell(std::string(work_word), std::string(work_word));
}

void Neighbours::tell_of_stops() {
    if (bell_) bell_->tell(std::string(stops_word), std::string(stops_word));
}

void Neighbours::tell_news(const News& news) {
    if (!bell_) return;
    const std::string about = std::to_string(static_cast<int>(news.kind)) + "/" + news.pipeline + "/" + news.workflow +
                              "/" + news.job + "/" + news.attempt + "/" + std::to_string(news.step);
    bell_->tell(about, std::string(news_word) + to_json_text(news));
}

void Neighbours::hear(std::string_view word) {
    if (word.starts_with(news_word)) {
        const auto news = from_json_text<News>(word.substr(news_word.size()), news_limits);
        if (news) ports_.news.publish(*news);
        return;
    }
    if (word != stops_word) {
        ports_.dispatch.ring();
        ports_.look_at_outbox();
    }
    if (word == work_word) return;
    const std::lock_guard lock(mutex_);
    stops_ = true;
    changed_.notify_one();
}

void Neighbours::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait_for(lock, settings_.say_every, [this] { return stops_ || stopping_; });
        if (stopping_) return;
        stops_ = false;
        lock.unlock();
        turn();
        lock.lock();
    }
}

void Neighbours::turn() {
    const auto said = ports_.servers.say_alive(settings_.server, name_of_key(settings_.signing_key));
    if (!said) {
        signs_ = {};  // others could not say it either
        return log::warn("neighbours", "{}", said.error().message);
    }
    carry_out_stops();
    take_over();
    // In case a word got lost.
    ports_.dispatch.ring();
    ports_.look_at_outbox();
}

void Neighbours::carry_out_stops() {
    const auto live = ports_.queue.live();
    if (!live) return;
    ports_.gateway.fence_what_others_ended(*live);
    for (const auto& attempt : *live) {
        if (attempt.client == settings_.server && attempt.stop_asked) ports_.gateway.stop(attempt.attempt, "canceled");
    }
}

// What runs is read first: a server that comes back just then has nothing among it yet.
void Neighbours::take_over() {
    const auto live = ports_.queue.live();
    if (!live) return;
    const auto servers = ports_.servers.all();
    if (!servers) return;
    signs_.see(*servers, std::chrono::steady_clock::now(), settings_.say_every * 3);
    for (const auto& server : signs_.silent_for(settings_.gone_after)) {
        if (server != settings_.server) lose_attempts_of(server, *live);
    }
}

// Several may do so at once: an attempt is lost once, and the first who is done forgets the server. What the database
// did not take is tried again at the next turn, if the server is still gone; so is what takes long: a server that does
// not say that it lives meanwhile is gone for the others.
void Neighbours::lose_attempts_of(const std::string& server, const std::vector<LiveAttempt>& live) {
    const std::string reason = "the server " + server + " is gone";
    log::warn("neighbours", "{}: nothing was heard of it for {} s; its jobs are tried again", reason,
              std::chrono::floor<std::chrono::seconds>(settings_.gone_after).count());
    const auto enough = std::chrono::steady_clock::now() + settings_.say_every;
    for (const auto& attempt : live) {
        if (attempt.client != server) continue;
        if (std::chrono::steady_clock::now() > enough) return;
        const auto lost = ports_.gateway.lose_of_another(attempt, reason);
        if (!lost) return log::warn("neighbours", "attempt {}: {}", attempt.attempt.id().text, lost.error().message);
    }
    if (const auto forgotten = ports_.servers.forget(server); !forgotten)
        log::warn("neighbours", "{}", forgotten.error().message);
}

}  // namespace gyre::apps

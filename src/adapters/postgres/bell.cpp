#include "adapters/postgres/bell.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "base/log.h"

namespace gyre::postgres {
namespace {

constexpr std::size_t most_untold = 1'000;
constexpr std::size_t longest_word = 7'900;  // PostgreSQL takes less than 8000 bytes
constexpr std::chrono::milliseconds pause_after_loss{200};
constexpr std::chrono::milliseconds longest_sleep{10'000};

// Names of advisory locks: two numbers, or the number of all who are there.
constexpr const char* all_who_listen = "8251910455402";

}  // namespace

Bell::Bell(Target target, BellSettings settings)
    : target_(std::move(target)), settings_(std::move(settings)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Result<std::unique_ptr<Bell>> Bell::open(const Target& target, BellSettings settings) {
    std::unique_ptr<Bell> bell(new Bell(target, std::move(settings)));
    GYRE_TRY(bell->connect());
    bell->thread_ = std::thread([raw = bell.get()] { raw->run(); });
    return bell;
}

Bell::~Bell() {
    *stopping_.lock() = true;
    ::eventfd_write(wake_.get(), 1);
    if (thread_.joinable()) thread_.join();
}

Result<bool> Bell::nobody_listens(Database& database) {
    GYRE_TRY_ASSIGN(const auto got,
                    database.value<bool>("SELECT pg_try_advisory_xact_lock(" + std::string(all_who_listen) + ")"));
    return got.value_or(false);
}

Result<void> Bell::take_name(Database& database) {
    const auto until = std::chrono::steady_clock::now() + settings_.patience_for_the_name;
    for (;;) {
        GYRE_TRY_ASSIGN(const auto got,
                        database.value<bool>("SELECT pg_try_advisory_lock(825191, hashtext(?))", settings_.server));
        if (got.value_or(false)) return {};
        if (std::chrono::steady_clock::now() >= until) {
            return conflict("another server on " + target_.name + " calls itself " + settings_.server +
                            ": give each server a setting client of its own");
        }
        std::this_thread::sleep_for(pause_after_loss);
    }
}

Result<void> Bell::connect() {
    GYRE_TRY_ASSIGN(auto database, Database::open(target_));
    GYRE_TRY(database->script("SELECT pg_advisory_lock_shared(" + std::string(all_who_listen) + ")"));
    GYRE_TRY(take_name(*database));
    GYRE_TRY(database->script("LISTEN gyre"));
    database_ = std::move(database);
    return {};
}

void Bell::tell(const std::string& about, const std::string& word) {
    if (word.empty() || word.size() > longest_word) return;
    {
        auto untold = untold_.lock();
        if (untold->size() >= most_untold && !untold->contains(about)) return;
        untold->insert_or_assign(about, word);
    }
    ::eventfd_write(wake_.get(), 1);
}

void Bell::run() {
    while (!*stopping_.lock()) {
        if (database_ && turn()) continue;
        database_.reset();
        if (*stopping_.lock()) return;
        const auto connected = connect();
        if (connected) {
            settings_.hear("");
        } else {
            log::warn("bell", "{}; trying again", connected.error().message);
            rest(pause_after_loss * 5);
        }
    }
}

// Sleeps until there is something to hear or to tell.
bool Bell::turn() {
    if (!tell_all()) return false;
    pollfd wanted[2] = {{.fd = PQsocket(database_->handle()), .events = POLLIN, .revents = 0},
                        {.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    ::poll(wanted, 2, static_cast<int>(longest_sleep.count()));
    eventfd_t count = 0;
    if (wanted[1].revents != 0) ::eventfd_read(wake_.get(), &count);
    if (PQconsumeInput(database_->handle()) == 0 || !database_->connected()) return false;
    hear_all();
    return true;
}

bool Bell::tell_all() {
    std::map<std::string, std::string> words;
    std::swap(words, *untold_.lock());
    if (words.empty()) return true;
    for (const auto& [about, word] : words) {
        const auto told = database_->each(
            "SELECT pg_notify('gyre', ?)", [](const sql::Row&) { return Result<void>(); }, word);
        if (!told && !database_->connected()) return false;
    }
    hear_all();  // what came with the answers
    rest(settings_.pace);
    return true;
}

void Bell::hear_all() {
    while (auto* heard = PQnotifies(database_->handle())) {
        const bool own = heard->be_pid == PQbackendPID(database_->handle());
        const std::string word = heard->extra;
        PQfreemem(heard);
        if (!own) settings_.hear(word);
    }
}

void Bell::rest(std::chrono::milliseconds time) {
    if (*stopping_.lock()) return;
    std::this_thread::sleep_for(time);
}

}  // namespace gyre::postgres

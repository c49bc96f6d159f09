#include "adapters/postgres/database.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <variant>

#include "adapters/postgres/placeholders.h"
#include "adapters/postgres/text.h"

namespace gyre::postgres {
namespace {

using Clock = std::chrono::steady_clock;

// Parameters as libpq takes them: texts as bytes with a length, numbers as words.
class Bound {
public:
    explicit Bound(std::span<const sql::Param> params) {
        values_.reserve(params.size());
        for (const auto& param : params) std::visit([this](const auto& value) { add(value); }, param);
    }
    int count() const { return static_cast<int>(values_.size()); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    void add(std::monostate) { put(nullptr, 0, 0); }
    void add(std::int64_t number) { add_word(std::to_string(number)); }
    void add(double number) {
        std::array<char, 32> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
        add_word(std::string(text.data(), end));
    }
    void add(std::string_view text) {
        if (is_plain(text)) return put(text.data() ? text.data() : "", text.size(), 1);
        const auto& kept = kept_.emplace_back(stored_form(text));
        put(kept.data(), kept.size(), 1);
    }
    void add(const sql::StoredView& stored) { put(stored.text.data(), stored.text.size(), 1); }
    void add_word(std::string word) { put(kept_.emplace_back(std::move(word)).c_str(), 0, 0); }
    void put(const char* value, std::size_t length, int format) {
        values_.push_back(value);
        lengths_.push_back(static_cast<int>(length));
        formats_.push_back(format);
    }

    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::deque<std::string> kept_;
};

class AnswerColumns final : public sql::Columns {
public:
    explicit AnswerColumns(const PGresult* answer) : answer_(answer) {}
    void go_to(int row) { row_ = row; }

    bool null(int at) const override { return PQgetisnull(answer_, row_, at) == 1; }
    std::optional<std::int64_t> integer(int at) const override {
        const auto word = raw(at);
        if (word.empty()) return 0;
        if (word == "t" || word == "f") return word == "t" ? 1 : 0;
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (failed != std::errc{} || end != word.data() + word.size()) return std::nullopt;
        return number;
    }
    double real(int at) const override {
        const auto word = raw(at);
        double number = 0;
        std::from_chars(word.data(), word.data() + word.size(), number);
        return number;
    }
    std::string_view text(int at) const override {
        const auto stored = raw(at);
        // Only texts with such a character hold something that is not as it was: all start with this byte.
        if (stored.find('\xF4') == std::string_view::npos) return stored;
        original_ = original_form(stored);
        return original_;
    }
    std::string_view name(int at) const override { return PQfname(answer_, at); }

private:
    std::string_view raw(int at) const {
        return {PQgetvalue(answer_, row_, at), static_cast<std::size_t>(PQgetlength(answer_, row_, at))};
    }

    const PGresult* answer_;
    int row_ = 0;
    mutable std::string original_;
};

constexpr std::size_t most_unread = 500;

std::string milliseconds(std::chrono::milliseconds time) { return std::to_string(time.count()); }

bool succeeded(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

std::int64_t changed_by(PGresult* answer) {
    const std::string_view changed = PQcmdTuples(answer);
    std::int64_t count = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), count);
    return count;
}

void ignore_notice(void*, const PGresult*) {}

// The first line of what libpq says of a connection. It names host and user, never the password.
std::string trouble_of(PGconn* handle) {
    std::string text = PQerrorMessage(handle);
    text = text.substr(0, text.find('\n'));
    return text.empty() ? "the connection is lost" : text;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Target& target, const Patience& patience) {
    const std::string wait = std::to_string(patience.connect.count());
    // What the target says of itself comes last, and counts.
    constexpr std::array<const char*, 9> keywords{"connect_timeout",
                                                  "application_name",
                                                  "keepalives_idle",
                                                  "keepalives_interval",
                                                  "keepalives_count",
                                                  "tcp_user_timeout",
                                                  "dbname",
                                                  "client_encoding",
                                                  nullptr};
    const std::array<const char*, 9> values{wait.c_str(), "gyre", "10", "5", "3", "15000", target.connection.c_str(),
                                            "UTF8",       nullptr};
    PGconn* handle = PQconnectdbParams(keywords.data(), values.data(), 1);
    std::unique_ptr<Database> database(new Database(handle, target.name, patience));
    if (!database->connected()) return unavailable(target.name + ": " + trouble_of(handle));
    PQsetNoticeReceiver(handle, ignore_notice, nullptr);
    GYRE_TRY(database->begin_session());
    return database;
}

Result<void> Database::begin_session() {
    if (PQsetnonblocking(handle_.get(), 1) != 0) return hung_up();
    const std::string encoding = PQparameterStatus(handle_.get(), "server_encoding");
    if (encoding != "UTF8" && encoding != "SQL_ASCII") {
        return invalid(name_ + " keeps its texts as " + encoding +
                       ": create one with ENCODING 'UTF8' (see docs/admin/postgresql.md)");
    }
    return script("SET client_min_messages = warning; SET statement_timeout = " + milliseconds(patience_.statement) +
                  "; SET lock_timeout = " + milliseconds(patience_.lock) +
                  "; SET idle_in_transaction_session_timeout = " + milliseconds(patience_.statement * 2) +
                  "; SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
                  " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)");
}

Error Database::failed(Failure failure) {
    remedy_ = connected() ? failure.remedy : Remedy::reconnect;
    return std::move(failure.error);
}

Error Database::hung_up() { return failed({unavailable(name_ + ": " + trouble_of(handle_.get())), Remedy::reconnect}); }

// Until there is something to read, or all is written.
bool Database::wait(Clock::time_point until) {
    const int unsent = PQflush(handle_.get());
    if (unsent < 0) return false;
    pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    if (unsent > 0) socket.events |= POLLOUT;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    const int ready = ::poll(&socket, 1, static_cast<int>(left.count()));
    return ready > 0 || (ready < 0 && errno == EINTR);
}

Error Database::give_up() {
    // The rest of an answer could come when the next one is waited for.
    handle_.reset();
    remedy_ = Remedy::reconnect;
    return unavailable(name_ + " does not answer");
}

Result<Database::Answer> Database::next_answer(Clock::time_point until) {
    while (PQisBusy(handle_.get()) == 1) {
        if (!wait(until)) return give_up();
        if (PQconsumeInput(handle_.get()) == 0) return hung_up();
    }
    return Answer(PQgetResult(handle_.get()));
}

// Several statements at once, which the pipeline does not take.
Result<void> Database::script(const std::string& sql) {
    GYRE_TRY(settle());
    if (PQsendQuery(handle_.get(), sql.c_str()) != 1) return hung_up();
    const auto until = Clock::now() + patience_.answer;
    Answer last;
    for (;;) {
        GYRE_TRY_ASSIGN(Answer next, next_answer(until));
        if (!next) break;
        if (!last || succeeded(last.get())) last = std::move(next);
    }
    if (!last) return hung_up();
    if (!succeeded(last.get())) return failed(failure_of(name_, last.get()));
    return {};
}

Result<void> Database::send(std::string_view sql, std::span<const sql::Param> params) {
    if (unread_.size() > most_unread) GYRE_TRY(settle());
    if (PQpipelineStatus(handle_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(handle_.get()) != 1) return hung_up();
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        const std::string name = "s" + std::to_string(++names_);
        const std::string numbered = with_numbered_parameters(sql);
        if (PQsendPrepare(handle_.get(), name.c_str(), numbered.c_str(), 0, nullptr) != 1) return hung_up();
        found = statements_.emplace(sql, name).first;
        unread_.push_back({.prepared = std::string(sql)});
    }
    const Bound bound(params);
    if (PQsendQueryPrepared(handle_.get(), found->second.c_str(), bound.count(), bound.values(), bound.lengths(),
                            bound.formats(), 0) != 1)
        return hung_up();
    unread_.emplace_back();
    return {};
}

// After an error the server passes over what follows: what was to be prepared then is not.
Result<Database::Answer> Database::settle() {
    if (unread_.empty()) return Answer();
    const auto sent = std::exchange(unread_, {});
    if (PQpipelineSync(handle_.get()) != 1) return hung_up();
    const auto until = Clock::now() + patience_.answer;
    Answer last;
    std::optional<Error> first_error;
    for (const auto& [prepared, unless_one] : sent) {
        GYRE_TRY_ASSIGN(last, next_answer(until));
        if (!last) return hung_up();
        if (succeeded(last.get())) {
            if (unless_one && !first_error && changed_by(last.get()) != 1) first_error = *unless_one;
            GYRE_TRY_ASSIGN(const Answer end, next_answer(until));
            continue;
        }
        if (!prepared.empty()) statements_.erase(prepared);
        if (!first_error) first_error = failed(failure_of(name_, last.get()));
        if (!connected()) return *first_error;
        GYRE_TRY_ASSIGN(const Answer end, next_answer(until));
    }
    GYRE_TRY_ASSIGN(const Answer synced, next_answer(until));
    if (!synced || PQexitPipelineMode(handle_.get()) != 1) return first_error ? *first_error : hung_up();
    if (first_error) return *first_error;
    return last;
}

Result<std::int64_t> Database::execute(std::string_view sql, std::span<const sql::Param> params, const Act& act) {
    GYRE_TRY(send(sql, params));
    GYRE_TRY_ASSIGN(const Answer rows, settle());
    AnswerColumns columns(rows.get());
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
        columns.go_to(row);
        if (auto acted = act(sql::Row(columns)); !acted) return acted.error().during(name_);
    }
    return changed_by(rows.get());
}

Result<void> Database::execute_later(std::string_view sql, std::span<const sql::Param> params,
                                     const Error* unless_one) {
    GYRE_TRY(send(sql, params));
    if (unless_one) unread_.back().unless_one = *unless_one;
    return {};
}

bool Database::expects_something() const {
    return std::ranges::any_of(unread_, [](const Unread& one) { return one.unless_one.has_value(); });
}

Result<void> Database::begin(std::span<const std::string_view> statements) {
    for (const auto& statement : statements) GYRE_TRY(send(statement, {}));
    return {};
}

// A transaction in which a statement failed ends with a rollback, and PostgreSQL calls that a success.
Result<void> Database::commit() {
    if (expects_something()) GYRE_TRY(settle());
    GYRE_TRY(send("COMMIT", {}));
    GYRE_TRY_ASSIGN(const Answer ended, settle());
    if (std::string_view(PQcmdStatus(ended.get())) == "COMMIT") return {};
    return unavailable(name_ + ": a statement failed, and nothing was stored");
}

std::optional<sql::Stored> Database::after_prefix(std::string_view prefix) const {
    auto after = postgres::after_prefix(stored_form(prefix));
    if (!after) return std::nullopt;
    return sql::Stored{std::move(*after)};
}

}  // namespace gyre::postgres

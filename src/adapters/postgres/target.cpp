#include "adapters/postgres/target.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "base/private_file.h"

namespace gyre::postgres {
namespace {

constexpr std::size_t longest_text = 8'000;

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

bool is_url(std::string_view text) { return text.starts_with("postgres://") || text.starts_with("postgresql://"); }

// What libpq says about a text that it cannot read repeats parts of it, which may be parts of a password.
Result<Options> parse(const std::string& text) {
    char* problem = nullptr;
    Options options(PQconninfoParse(text.c_str(), &problem));
    PQfreemem(problem);
    if (options) return options;
    return invalid(
        "is no connection string of PostgreSQL; wanted is postgres://user@host:port/database, with special characters "
        "as %XX");
}

std::string value(const Options& options, std::string_view keyword) {
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (keyword == option->keyword && option->val != nullptr) return option->val;
    }
    return "";
}

std::string name_of(const Options& options) {
    std::string host = value(options, "host");
    if (host.empty()) host = value(options, "hostaddr");
    const std::string database = value(options, "dbname");
    return "the database " + (database.empty() ? "" : database + " ") + "of PostgreSQL" +
           (host.empty() ? "" : " at " + host);
}

}  // namespace

Result<void> check_form(const std::string& given) {
    if (given.size() <= longest_text && given.find('\0') == std::string::npos) {
        if (given.starts_with('/')) return {};
        if (is_url(given)) {
            GYRE_TRY_ASSIGN(const auto options, parse(given));
            if (value(options, "password").empty()) return {};
            return invalid(
                "must not hold a password, which others could see: put the whole URL into a file of mode 0600 and name "
                "the file here, or use PGPASSFILE");
        }
    }
    return invalid("must be a URL postgres://user@host:port/database, or the absolute path of a file that holds one");
}

Result<Target> read_target(const std::string& given) {
    GYRE_TRY(check_form(given));
    std::string connection = given;
    if (given.starts_with('/')) {
        GYRE_TRY_ASSIGN(connection, read_private_file(given, longest_text));
        connection.resize(connection.find_last_not_of("\n\r ") + 1);
    }
    const auto options = parse(connection);
    if (!options) return given.starts_with('/') ? options.error().during(given) : options.error();
    return Target{.connection = connection, .name = name_of(*options)};
}

}  // namespace gyre::postgres

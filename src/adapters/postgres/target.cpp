#include "adapters/postgres/target.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/stat.h>

#include <memory>
#include <string_view>

#include "base/fd.h"

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

Result<std::string> read_private(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) return errno_error("opening " + path);
    if (!S_ISREG(status.st_mode)) return invalid(path + " is no file");
    if ((status.st_mode & 077) != 0)
        return invalid(path + " can be read by others than its owner: it may hold a password; chmod 600 it");
    std::string text(longest_text + 1, '\0');
    const auto length = ::read(file.get(), text.data(), text.size());
    if (length < 0) return errno_error("reading " + path);
    text.resize(static_cast<std::size_t>(length));
    if (text.size() > longest_text) return too_large(path + " has more than 8000 bytes");
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
    return text;
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
        GYRE_TRY_ASSIGN(connection, read_private(given));
    }
    const auto options = parse(connection);
    if (!options) return given.starts_with('/') ? options.error().during(given) : options.error();
    return Target{.connection = connection, .name = name_of(*options)};
}

}  // namespace gyre::postgres

#include "support/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include "ports/contract/postgres_server.h"
#include "support/program.h"

namespace gyre::test {
namespace {

bool on_postgres() {
    const char* kind = std::getenv("GYRE_TEST_DATABASE");
    return kind != nullptr && std::string(kind) == "postgres";
}

// Skips all tests of the program.
class NeedsDatabase final : public testing::Environment {
    void SetUp() override {
        if (on_postgres() && !contract::PostgresServer::present())
            GTEST_SKIP() << "needs initdb: install the package postgresql";
    }
};
[[maybe_unused]] const auto* const environment = testing::AddGlobalTestEnvironment(new NeedsDatabase);

struct Databases {
    std::mutex mutex;
    std::map<std::string, std::string> urls;  // by data directory
};
Databases& databases() {
    static Databases all;
    return all;
}

}  // namespace

std::string database_of(const std::string& data_directory) {
    if (!on_postgres()) return "";
    auto& all = databases();
    const std::lock_guard lock(all.mutex);
    static contract::PostgresServer postgres;
    auto& url = all.urls[data_directory];
    if (url.empty()) url = postgres.new_database();
    return url;
}

std::vector<std::string> database_environment(const std::string& data_directory) {
    const std::string url = database_of(data_directory);
    if (url.empty()) return {};
    return {"GYRE_DATABASE=" + url};
}

void forget_database(const std::string& data_directory) {
    auto& all = databases();
    const std::lock_guard lock(all.mutex);
    all.urls.erase(data_directory);
}

std::string in_database(const std::string& data_directory, const std::string& statement) {
    const std::string url = database_of(data_directory);
    std::vector<std::string> argv{"sqlite3", data_directory + "/gyre.db", statement};
    if (!url.empty()) argv = {"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement};
    return output_of({.argv = std::move(argv), .home = data_directory, .directory = data_directory});
}

std::string in_database_needs() {
    const std::string program = on_postgres() ? "psql" : "sqlite3";
    return ::access(("/usr/bin/" + program).c_str(), X_OK) == 0 ? "" : "needs " + program;
}

}  // namespace gyre::test

#pragma once

// For the tests here: one server of PostgreSQL for the whole program, and an empty database for each world.

#include <gtest/gtest.h>

#include <memory>

#include "adapters/postgres/stores.h"
#include "ports/contract/postgres_server.h"

#define GYRE_NEEDS_POSTGRES() \
    if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql"

namespace gyre::postgres {

inline contract::PostgresServer& test_server() {
    static contract::PostgresServer server;
    return server;
}

// A database with our schema, copied from one that is migrated once.
inline std::string migrated_database() {
    static const bool made = [] {
        test_server().run("CREATE DATABASE migrated");
        return Connections::migrate({test_server().url("migrated"), "the template"}, std::nullopt).ok();
    }();
    static int databases = 0;
    const std::string name = "world" + std::to_string(++databases);
    if (made) test_server().run("CREATE DATABASE " + name + " TEMPLATE migrated");
    return test_server().url(name);
}

// Skips its test where PostgreSQL is not installed.
struct PostgresWorld {
    Target target{migrated_database(), "the test's database"};
    std::unique_ptr<sql::Stores> owned = open_postgres(target).value();
    sql::Stores& stores = *owned;
};

}  // namespace gyre::postgres

#include <gtest/gtest.h>

#include "adapters/sql/queries.h"
#include "adapters/sqlite/connections.h"
#include "ports/contract/temp_folder.h"

namespace gyre::sqlite {
namespace {

// "SEARCH tasks USING INDEX ...; SCAN x; ..."
std::string plan_of(sql::Database& database, std::string_view sql) {
    std::string plan;
    int parameters = 0;
    for (const char c : sql) parameters += c == '?' ? 1 : 0;
    const auto add = [&](const sql::Row& row) -> Result<void> {
        int ignored = 0;
        std::string detail;
        GYRE_TRY(row.into(ignored, ignored, ignored, detail));
        plan += detail + "; ";
        return {};
    };
    const auto explained = database.each("EXPLAIN QUERY PLAN " + std::string(sql), add);
    EXPECT_TRUE(explained.ok()) << explained.error().message;
    return plan;
}

TEST(QueryPlan, EveryHotQueryWalksItsIndex) {
    struct Case {
        std::string sql;
        std::string index;
        bool sorts;
    };
    const std::vector<Case> cases = {
        {std::string(sql::queries::queued_tasks) + std::string(sql::queries::oldest_queued_first), "queue_oldest",
         false},
        {std::string(sql::queries::queued_tasks) + std::string(sql::queries::queued_behind) +
             std::string(sql::queries::oldest_queued_first),
         "queue_oldest", false},
        {std::string(sql::queries::live_attempts), "attempts_live", true},  // they are few
        {std::string(sql::queries::unfinished_workflows), "workflows_unfinished", false},
        {std::string(sql::queries::unfinished_on_branch), "workflows_unfinished_of_project", false},
        {std::string(sql::queries::number_before), "jobs_newest_of_branch", false},
        {std::string(sql::queries::secrets_of_owner), "sqlite_autoindex_secrets_1", false},
        {std::string(sql::queries::find_cache), "caches_by_key", true},  // the matches of one prefix
        {std::string(sql::queries::job_by_number), "jobs_by_number", false},
        {sql::queries::pipelines(true, false), "pipelines_newest_of_project", false},
        {sql::queries::pipelines(true, true), "pipelines_newest_of_branch", false},
        {std::string(sql::queries::greatest_recent_number), "pipelines_newest_of_branch", false},
        {sql::queries::recent_jobs(false, false), "jobs_newest", false},
        {sql::queries::recent_jobs(true, false), "jobs_by_number", false},
        {sql::queries::recent_jobs(true, true), "jobs_newest_of_branch", false},
        {std::string(sql::queries::timings_sources), "jobs_of_name", true},       // of the newest builds of a name
        {std::string(sql::queries::listed_orbs), "orb_releases_by_place", true},  // a page of them
        {std::string(sql::queries::newest_push), "sqlite_autoindex_pushes_1", false},
        {std::string(sql::queries::recent_pushes), "pushes_counted", false},
        {std::string(sql::queries::uncounted_pushes), "pushes_uncounted", false},
        {std::string(sql::queries::delivered_push), "pushes_delivered", false},
        {std::string(sql::queries::open_pushes), "pushes_open", false},
    };
    const contract::TempFolder folder;
    const auto connections = Connections::open(folder.path() / "gyre.db").value();
    for (const auto& [sql, index, sorts] : cases) {
        const auto plan =
            *connections->read([&](sql::Database& database) -> Result<std::string> { return plan_of(database, sql); });
        EXPECT_NE(plan.find("INDEX " + index + (plan.find(index + " ") == std::string::npos ? ";" : " ")),
                  std::string::npos)
            << sql << "\n-> " << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE") != std::string::npos, sorts) << sql << "\n-> " << plan;
    }
}

}  // namespace
}  // namespace gyre::sqlite

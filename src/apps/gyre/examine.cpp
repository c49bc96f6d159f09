#include "apps/gyre/examine.h"

#include <algorithm>

#include "adapters/sql/dump.h"
#include "adapters/sql/workflow_rows.h"
#include "workflow/check.h"

namespace gyre::apps {
namespace {

constexpr int page = 500;

class Found {
public:
    explicit Found(std::size_t most) : most_(most) {}
    bool full() const { return findings_.size() >= most_; }
    void add(std::string rule, std::string sentence) {
        if (!full()) findings_.push_back({std::move(rule), std::move(sentence)});
    }
    std::vector<Finding> take() { return std::move(findings_); }

private:
    std::size_t most_;
    std::vector<Finding> findings_;
};

Result<void> examine_file(sql::Database& database, Found& found) {
    if (database.dialect() != sql::Dialect::sqlite) return {};
    const auto damage = [&](const sql::Row& row) -> Result<void> {
        std::string text;
        GYRE_TRY(row.into(text));
        if (text != "ok") found.add("database-damaged", database.name() + ": " + text);
        return {};
    };
    GYRE_TRY(database.each("SELECT integrity_check FROM pragma_integrity_check(100)", damage));
    const auto broken = [&](const sql::Row& row) -> Result<void> {
        std::string table;
        std::string parent;
        std::int64_t count = 0;
        GYRE_TRY(row.into(table, parent, count));
        found.add("reference-broken",
                  std::to_string(count) + " rows of " + table + " refer to rows of " + parent + " that are not there");
        return {};
    };
    return database.each("SELECT \"table\", parent, COUNT(*) FROM pragma_foreign_key_check GROUP BY \"table\", parent",
                         broken);
}

Result<void> examine_workflows(sql::Database& database, Found& found) {
    std::int64_t behind = 0;
    for (;;) {
        std::vector<WorkflowId> ids;
        GYRE_TRY(database.each(
            "SELECT position, id FROM workflows WHERE position > ? ORDER BY position LIMIT ?",
            [&](const sql::Row& row) { return row.into(behind, ids.emplace_back()); }, behind, page));
        for (const auto& id : ids) {
            if (found.full()) return {};
            const auto workflow = sql::read_workflow(database, id);
            if (!workflow && workflow.error().fault == Fault::unavailable) return workflow.error();
            if (!workflow) {
                found.add("workflow-unreadable",
                          "workflow " + id.text + " cannot be read: " + workflow.error().message);
                continue;
            }
            for (auto& finding : workflow::check(*workflow))
                found.add(std::move(finding.rule), std::move(finding.sentence));
        }
        if (ids.size() < page) return {};
    }
}

struct Law {
    const char* rule;
    const char* broken;  // selects names of what breaks it
    const char* sentence;
};
constexpr Law laws[] = {
    {"attempt-of-ended-task",
     "SELECT a.job_id || ', task ' || a.task_index || ', attempt ' || a.number FROM attempts a JOIN tasks t"
     " ON t.job_id = a.job_id AND t.task_index = a.task_index"
     " WHERE a.state <> 'finished' AND t.status IN ('finished', 'queued', 'waiting')",
     "is still held by an agent, but its task is not: job "},
    {"step-of-ended-attempt",
     "SELECT s.job_id || ', task ' || s.task_index || ', attempt ' || s.attempt || ', step ' || s.step_index"
     " FROM steps s JOIN attempts a ON a.job_id = s.job_id AND a.task_index = s.task_index AND a.number = s.attempt"
     " WHERE s.status = 'running' AND a.state = 'finished'",
     "still runs, but its attempt has ended: job "},
    {"job-of-ended-workflow",
     "SELECT j.id || ' (' || j.name || ')' FROM jobs j JOIN workflows w ON w.id = j.workflow_id"
     " WHERE j.stopped_at IS NULL AND w.stopped_at IS NOT NULL",
     "has not ended, but its workflow has: job "},
};

Result<void> examine_laws(sql::Database& database, Found& found) {
    for (const auto& law : laws) {
        const auto add = [&](const sql::Row& row) -> Result<void> {
            std::string name;
            GYRE_TRY(row.into(name));
            found.add(law.rule, law.sentence + name);
            return {};
        };
        GYRE_TRY(database.each(law.broken, add));
    }
    return {};
}

}  // namespace

Result<std::vector<Finding>> examine_records(sql::Database& database, std::size_t most) {
    Found found(most);
    GYRE_TRY(examine_file(database, found));
    if (found.full()) return found.take();
    GYRE_TRY(examine_laws(database, found));
    GYRE_TRY(examine_workflows(database, found));
    return found.take();
}

Result<void> each_named_blob(sql::Database& database, const std::function<Result<void>(const NamedBlob&)>& act) {
    GYRE_TRY_ASSIGN(const auto tables, sql::tables_of(database));
    const auto place_of = [](const sql::Table& table, std::string_view name) {
        const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const sql::Column& column) { return column.name == name; });
        return found - table.columns.begin();
    };
    for (const auto& table : tables) {
        const auto blob = static_cast<std::size_t>(place_of(table, "blob"));
        const auto size = static_cast<std::size_t>(place_of(table, "size"));
        if (blob == table.columns.size()) continue;
        GYRE_TRY(sql::read_rows(database, table, [&](const json::array& row) -> Result<void> {
            NamedBlob named{.table = table.name, .name = {}, .bytes = -1};
            if (row[blob].is_string()) named.name = std::string(row[blob].get_string());
            if (size < row.size() && row[size].is_int64()) named.bytes = row[size].get_int64();
            return act(named);
        }));
    }
    return {};
}

Result<std::vector<Finding>> examine_outputs(sql::Database& database, OutputStore& raw, std::size_t most) {
    Found found(most);
    OutputName name;
    std::int64_t bytes = 0;
    std::int64_t sealed = 0;
    std::int64_t rows = 0;
    const auto look = [&](const sql::Row& row) -> Result<void> {
        GYRE_TRY(row.into(name.attempt.job, name.attempt.task, name.attempt.attempt, name.step, bytes, sealed));
        ++rows;
        if (found.full()) return {};
        GYRE_TRY_ASSIGN(const auto there, raw.length(name));
        const auto length = std::max(there, sealed);
        if (length < bytes) {
            found.add("output-short", "the output of step " + std::to_string(name.step) + " of attempt " +
                                          name.attempt.id().text + " has " + std::to_string(length) + " of " +
                                          std::to_string(bytes) + " bytes");
        }
        return {};
    };
    do {
        rows = 0;
        const OutputName behind = name;  // the first time before all names
        GYRE_TRY(database.each(
            "SELECT s.job_id, s.task_index, s.attempt, s.step_index, s.output_bytes,"
            " COALESCE(o.output_bytes, 0) FROM steps s LEFT JOIN sealed_outputs o"
            " ON o.job_id = s.job_id AND o.task_index = s.task_index AND o.attempt = s.attempt"
            " AND o.step_index = s.step_index JOIN attempts a ON a.job_id = s.job_id AND a.task_index = s.task_index"
            " AND a.number = s.attempt WHERE a.state = 'finished' AND s.truncated = 0"
            " AND s.output_bytes > 0"
            " AND (s.job_id, s.task_index, s.attempt, s.step_index) > (?, ?, ?, ?)"
            " ORDER BY s.job_id, s.task_index, s.attempt, s.step_index LIMIT ?",
            look, behind.attempt.job, behind.attempt.task, behind.attempt.attempt, behind.step, page));
    } while (rows == page && !found.full());
    return found.take();
}

}  // namespace gyre::apps

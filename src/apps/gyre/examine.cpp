#include "apps/gyre/examine.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "adapters/sql/dump.h"
#include "adapters/sql/sealed_outputs.h"
#include "adapters/sql/workflow_rows.h"
#include "workflow/check.h"
#include "workflow/serial.h"

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
    std::string_view rule;
    std::string_view names;   // selects those
    std::string_view broken;  // of what breaks it
    std::string_view sentence;
};
constexpr Law laws[] = {
    {"attempt-of-ended-task",
     "SELECT a.job_id || ', task ' || a.task_index || ', attempt ' || a.number FROM attempts a JOIN tasks t"
     " ON t.job_id = a.job_id AND t.task_index = a.task_index JOIN jobs j ON j.id = a.job_id WHERE ",
     // Of a stopped job the agent is still to tell that it stopped.
     "a.state <> 'finished' AND t.status IN ('finished', 'queued', 'waiting') AND j.canceled_by = ''"
     " AND j.status <> 'unauthorized'",
     "is still held by an agent, but its task is not: job "},
    {"step-of-ended-attempt",
     "SELECT s.job_id || ', task ' || s.task_index || ', attempt ' || s.attempt || ', step ' || s.step_index"
     " FROM steps s JOIN attempts a ON a.job_id = s.job_id AND a.task_index = s.task_index AND a.number = s.attempt"
     " WHERE ",
     "s.status = 'running' AND a.state = 'finished'", "still runs, but its attempt has ended: job "},
    {"job-of-ended-workflow",
     "SELECT j.id || ' (' || j.name || ')' FROM jobs j JOIN workflows w ON w.id = j.workflow_id WHERE ",
     "j.stopped_at IS NULL AND w.stopped_at IS NOT NULL", "has not ended, but its workflow has: job "},
    {"queued-for-nothing", "SELECT job_id || ', task ' || task_index FROM queue WHERE ", queued_for_nothing,
     "is in the queue, but no task waits: job "},
    {"waits-unqueued", "SELECT job_id || ', task ' || task_index FROM tasks WHERE ", waits_unqueued,
     "waits, but is not in the queue: job "},
};

Result<void> examine_laws(sql::Database& database, Found& found) {
    for (const auto& law : laws) {
        const auto add = [&](const sql::Row& row) -> Result<void> {
            std::string name;
            GYRE_TRY(row.into(name));
            found.add(std::string(law.rule), std::string(law.sentence) + name);
            return {};
        };
        GYRE_TRY(database.each(std::string(law.names).append(law.broken), add));
    }
    GYRE_TRY_ASSIGN(const auto holds, holds_of_nobody(database));
    for (const auto& hold : holds)
        found.add("held-by-nobody", "the serial group '" + std::string(serial_group_name(hold.group)) +
                                        "' is held by job " + hold.job.text + ", which holds it no more");
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

Result<std::vector<SerialHold>> holds_of_nobody(sql::Database& database) {
    std::vector<SerialHold> holds;
    GYRE_TRY(database.each("SELECT serial_group, holder, workflow_id, job_id FROM serial_holds", [&](const auto& row) {
        auto& hold = holds.emplace_back();
        return row.into(hold.group, hold.holder, hold.workflow, hold.job);
    }));
    std::vector<SerialHold> idle;
    for (auto& hold : holds) {
        const auto workflow = sql::read_workflow(database, hold.workflow);
        if (!workflow && workflow.error().fault == Fault::unavailable) return workflow.error();
        if (!workflow) continue;  // told elsewhere
        const auto held = workflow::holds_of(*workflow);
        const bool runs = std::ranges::any_of(
            held, [&](const SerialHold& one) { return one.group == hold.group && one.holder == hold.holder; });
        if (!runs) idle.push_back(std::move(hold));
    }
    return idle;
}

namespace {

struct Kept {
    OutputName name;
    std::int64_t recorded = 0;
};

constexpr std::string_view outputs_behind =
    "SELECT s.job_id, s.task_index, s.attempt, s.step_index, s.output_bytes, COALESCE(o.output_bytes, 0) FROM steps s"
    " LEFT JOIN sealed_outputs o ON o.job_id = s.job_id AND o.task_index = s.task_index AND o.attempt = s.attempt"
    " AND o.step_index = s.step_index JOIN attempts a ON a.job_id = s.job_id AND a.task_index = s.task_index"
    " AND a.number = s.attempt WHERE a.state = 'finished' AND s.truncated = 0 AND s.output_bytes > 0"
    " AND (s.job_id, s.task_index, s.attempt, s.step_index) > (?, ?, ?, ?)"
    " ORDER BY s.job_id, s.task_index, s.attempt, s.step_index LIMIT ?";

// Those that look short at a first look, at most `most`.
Result<std::vector<Kept>> short_outputs(sql::Database& database, OutputStore& raw, std::size_t most) {
    std::vector<Kept> found;
    OutputName name;
    std::int64_t bytes = 0;
    std::int64_t sealed = 0;
    std::int64_t rows = 0;
    const auto look = [&](const sql::Row& row) -> Result<void> {
        GYRE_TRY(row.into(name.attempt.job, name.attempt.task, name.attempt.attempt, name.step, bytes, sealed));
        ++rows;
        if (found.size() >= most || sealed >= bytes) return {};
        GYRE_TRY_ASSIGN(const auto there, raw.length(name));
        if (there < bytes) found.push_back({name, bytes});
        return {};
    };
    do {
        rows = 0;
        const OutputName behind = name;  // the first time before all names
        GYRE_TRY(database.each(outputs_behind, look, behind.attempt.job, behind.attempt.task, behind.attempt.attempt,
                               behind.step, page));
    } while (rows == page && found.size() < most);
    return found;
}

}  // namespace

Result<std::vector<Finding>> examine_outputs(sql::Database& database, OutputStore& raw, std::size_t most) {
    GYRE_TRY_ASSIGN(const auto looks_short, short_outputs(database, raw, most));
    std::vector<Finding> findings;
    for (const auto& [name, recorded] : looks_short) {
        // In this order: raw bytes go when the record of what is sealed is there.
        GYRE_TRY_ASSIGN(auto length, raw.length(name));
        GYRE_TRY_ASSIGN(const auto sealed, sql::find_sealed(database, name));
        if (sealed) length = std::max(length, sealed->bytes);
        if (length >= recorded) continue;
        findings.push_back({"output-short", "the output of step " + std::to_string(name.step) + " of attempt " +
                                                name.attempt.id().text + " has " + std::to_string(length) + " of " +
                                                std::to_string(recorded) + " bytes"});
    }
    return findings;
}

}  // namespace gyre::apps

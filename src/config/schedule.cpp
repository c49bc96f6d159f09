#include "config/cron.h"
#include "config/fields.h"
#include "config/filters.h"
#include "config/workflow.h"

namespace gyre::config {
namespace {

Schedule read_schedule(Context& context, const Fields& trigger) {
    Schedule read;
    const Fields schedule(context, trigger.get("schedule"), keys::schedule, trigger.key("schedule"));
    const Value cron = schedule.get("cron");
    const std::string line = schedule.text("cron");
    if (!line.empty()) {
        if (const auto checked = check_cron(line); !checked) {
            context.report(
                {.code = Code::bad_schedule,
                 .at = cron,
                 .message = "not a cron line: " + checked.error().message,
                 .expected = "minute, hour, day of the month, month, day of the week, such as \"0 3 * * 1\""});
        }
    }
    read.cron = line;
    if (!schedule.has("filters")) return read;
    const Fields filters(context, schedule.get("filters"), keys::schedule_filters, schedule.key("filters"));
    if (filters.has("branches")) read.branches = read_ref_filter(context, filters.get("branches"));
    return read;
}

}  // namespace

std::vector<Schedule> read_triggers(Context& context, Value triggers) {
    std::vector<Schedule> schedules;
    for (const Value item : context.items(triggers)) {
        const Fields trigger(context, item, keys::trigger);
        if (trigger.has("schedule")) schedules.push_back(read_schedule(context, trigger));
    }
    return schedules;
}

}  // namespace gyre::config

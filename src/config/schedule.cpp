#include "config/cron.h"
#include "config/fields.h"
#include "config/filters.h"
#include "config/workflow.h"

namespace gyre::config {
namespace {

void check_schedule(Context& context, const Fields& trigger) {
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
    if (!schedule.has("filters")) return;
    const Fields filters(context, schedule.get("filters"), keys::schedule_filters, schedule.key("filters"));
    if (filters.has("branches")) read_ref_filter(context, filters.get("branches"));
}

}  // namespace

void check_triggers(Context& context, Value triggers) {
    for (const Value item : context.items(triggers)) {
        const Fields trigger(context, item, keys::trigger);
        if (trigger.has("schedule")) check_schedule(context, trigger);
    }
}

}  // namespace gyre::config

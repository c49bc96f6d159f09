#include <algorithm>

#include "config/fields.h"
#include "config/filters.h"
#include "config/workflow.h"
#include "model/cron.h"

namespace gyre::config {
namespace {

// Where in the config the wrong part of the line stands; the whole scalar where it is not written out like that.
Value place_of(Context& context, Value scalar, std::string_view line, std::string_view part) {
    const Span span = scalar->span;
    const std::string_view written = scalar->source->text().substr(span.begin, span.end - span.begin);
    const auto found = written.find(line);
    if (part.empty() || found == std::string_view::npos) return scalar;
    const auto begin =
        span.begin + static_cast<std::uint32_t>(found + static_cast<std::size_t>(part.data() - line.data()));
    return context.part_of(scalar, Span{begin, begin + static_cast<std::uint32_t>(part.size())});
}

void check_cron(Context& context, Value at, std::string_view line) {
    const auto parsed = parse_cron(line);
    if (const auto* problem = std::get_if<CronProblem>(&parsed)) {
        return context.report(
            {.code = Code::bad_schedule,
             .at = place_of(context, at, line, problem->part),
             .message = "not a cron line: " + problem->message,
             .expected = "minute, hour, day of the month, month, day of the week, such as \"0 3 * * 1\""});
    }
    if (!std::get<Cron>(parsed).can_fire())
        context.warn(
            {.code = Code::bad_schedule, .at = at, .message = "there is no such day: this schedule never fires"});
}

Schedule read_schedule(Context& context, const Fields& trigger) {
    Schedule read;
    const Fields schedule(context, trigger.get("schedule"), keys::schedule, trigger.key("schedule"));
    read.cron = schedule.text("cron");
    if (schedule.has("cron")) check_cron(context, schedule.get("cron"), read.cron);
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

std::vector<PlannedSchedule> plan_schedules(Context& context, const std::vector<WorkflowDraft>& workflows) {
    std::vector<PlannedSchedule> planned;
    for (const WorkflowDraft& workflow : workflows) {
        for (const Schedule& schedule : workflow.schedules) {
            if (!passes(context, Filters{.branches = schedule.branches, .tags = {}, .decided = {}})) continue;
            PlannedSchedule one{workflow.name, schedule.cron};
            if (std::find(planned.begin(), planned.end(), one) == planned.end()) planned.push_back(std::move(one));
        }
    }
    return planned;
}

}  // namespace gyre::config

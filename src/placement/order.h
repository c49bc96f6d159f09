#pragma once

// Who is next. The order among waiting tasks:
//
//   1. What somebody promoted; the earlier promotion first.
//   2. A task whose earlier attempt was lost to infrastructure: its users have waited already.
//   3. Ageing: a project that waits and got nothing for longer than Rules::starved_after; the hungriest first. One task
//      of it stills the hunger, so that neither priorities nor shares can keep anybody waiting for ever, and a long
//      queue gains no more than one task each time.
//   4. The higher priority of the project.
//   5. Fair share: the project with the fewest tasks on machines for its weight, those placed in this round included. A
//      project with a thousand tasks in the queue delays another project's single task by one task, not by a thousand.
//   6. The task that was queued earlier.
//   7. The lower position (build number), then job id: any order would do, but it must be the same each time. Of the
//      tasks of a job the first comes last: its `deploy` steps wait for the others, and so it does not hold what they
//      need.
//
// Rules 3 and 5 change while tasks are placed, so this is a queue that is asked again and again, and not a sort. It
// takes O(log tasks) a question and depends on the values only, not on the order in which they were given.

#include <compare>
#include <map>
#include <set>
#include <vector>

#include "placement/needs.h"
#include "placement/rules.h"

namespace gyre::placement {

class FairQueue {
public:
    // The tasks and the rules must outlive the queue.
    FairQueue(const std::vector<const WantedTask*>& wanted, const std::vector<RunningTask>& running, Timestamp now,
              const Rules& rules);
    FairQueue(const FairQueue&) = delete;
    FairQueue& operator=(const FairQueue&) = delete;

    // The next task; each comes once. Null when all have come.
    const WantedTask* next();
    // The task that next() gave last was placed: it counts for its project's share.
    void placed();

private:
    struct Line {                              // the waiting tasks of one project
        std::vector<const WantedTask*> tasks;  // by rules 1, 2, 6, 7
        std::size_t gone = 0;
        int running = 0;
        int weight = 1;
        int priority = 0;
        Timestamp served{};  // when it got a machine last; the epoch: nobody knows
    };
    struct Turn {  // what the rules compare; the first task of each line has one
        Timestamp promoted_at;
        bool first_attempt;
        Timestamp hungry_since;  // the end of time for those that are not starved
        int priority;
        std::int64_t running;
        std::int64_t weight;
        Timestamp queued_at;
        std::int64_t position;
        AttemptRef attempt;
        Line* line;
        std::strong_ordering operator<=>(const Turn& other) const;
    };

    void enter(Line& line);

    Timestamp now_;
    const Rules& rules_;
    std::map<ProjectId, Line> lines_;
    std::set<Turn> turns_;
    Line* current_ = nullptr;
};

}  // namespace gyre::placement

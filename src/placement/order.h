#pragma once

// Who is next. The order among waiting tasks:
//
//   1. A task whose earlier attempt was lost to infrastructure goes first: its users have waited already.
//   2. Fair share: the task of the project with the fewest tasks on machines, those placed in this round included. A
//      project with a thousand tasks in the queue delays another project's single task by one task, not by a thousand.
//   3. The task that was queued earlier.
//   4. The lower position (build number), then job id, task index: any order would do, but it must be the same each
//   time.
//
// Rule 2 changes while tasks are placed, so this is a queue that is asked again and again, and not a sort. It takes
// O(log tasks) a question and depends on the values only, not on the order in which they were given.

#include <compare>
#include <map>
#include <set>
#include <vector>

#include "placement/needs.h"

namespace gyre::placement {

class FairQueue {
public:
    // The tasks must outlive the queue.
    FairQueue(const std::vector<const WantedTask*>& wanted, const std::vector<RunningTask>& running);
    FairQueue(const FairQueue&) = delete;
    FairQueue& operator=(const FairQueue&) = delete;

    // The next task; each comes once. Null when all have come.
    const WantedTask* next();
    // The task that next() gave last was placed: it counts for its project's share.
    void placed() { ++current_->running; }

private:
    struct Line {                              // the waiting tasks of one project
        std::vector<const WantedTask*> tasks;  // by rules 1, 3, 4
        std::size_t gone = 0;
        int running = 0;
    };
    struct Turn {  // what the rules compare; the first task of each line has one
        bool first_attempt;
        int running;
        Timestamp queued_at;
        std::int64_t position;
        AttemptRef attempt;
        Line* line;
        std::strong_ordering operator<=>(const Turn& other) const;
    };

    void enter(Line& line);

    std::map<ProjectId, Line> lines_;
    std::set<Turn> turns_;
    Line* current_ = nullptr;
};

}  // namespace gyre::placement

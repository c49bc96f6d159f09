#pragma once

// Fires the schedules of workflows: sleeps until the next tick, or until somebody says that schedules have changed;
// then triggers each workflow whose time has come at the head of its branch, as the remote has it now. The trigger's id
// names project, branch, workflow and tick, so that a tick makes one pipeline with however many servers and restarts;
// intake/due.h says which ticks are too late. A branch that the remote does not have any more loses its schedules.
//
// A remote that does not answer is asked again, ever less often; what was due goes with its latest time.

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "intake/due.h"
#include "ports/front_door.h"
#include "ports/git_remote.h"
#include "ports/project_store.h"
#include "ports/schedule_store.h"

namespace gyre::intake {

struct SchedulePorts {
    ProjectStore& projects;
    ScheduleStore& schedules;
    FrontDoor& front_door;
    GitRemote& git;
    const Clock& clock;  // the machine's own for start(); any other for who calls round() himself
};

class ScheduleLoop {
public:
    // So many projects are dealt with at a time, each on a thread.
    explicit ScheduleLoop(SchedulePorts ports, std::size_t at_a_time = 4) : ports_(ports), at_a_time_(at_a_time) {}
    ~ScheduleLoop() { stop(); }
    ScheduleLoop(const ScheduleLoop&) = delete;
    ScheduleLoop& operator=(const ScheduleLoop&) = delete;

    void start();
    void wake();  // schedules have changed; never blocks
    void stop();  // after the ticks at hand

    // What the loop does each time it wakes: deals with all that is due. Answers when there will be something again, at
    // the latest. Public for those who drive it themselves.
    Timestamp round();

private:
    struct Item {
        StoredSchedule schedule;
        DueTicks due;
    };
    struct Failure {
        int times = 0;  // in a row
        Timestamp again{};
        std::string why;
    };
    using Key = std::tuple<ProjectId, std::string, std::string>;
    static Key key_of(const StoredSchedule& schedule) { return {schedule.project, schedule.branch, schedule.workflow}; }

    class Remote;

    void run();
    std::optional<Timestamp> postponed_until(const Item& item, Timestamp now);
    Timestamp deal_with_project(const std::vector<Item>& items, Timestamp now);
    Result<void> deal_with(const Item& item, Remote& remote, Timestamp now);
    Timestamp postpone(const Item& item, const std::string& name, const Error& error, Timestamp now);
    std::string why_missed(const StoredSchedule& schedule);
    bool is_stopping();

    SchedulePorts ports_;
    std::size_t at_a_time_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, Failure> failures_;
    bool changes_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gyre::intake

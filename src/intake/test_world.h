#pragma once

// For intake's tests: a project on a remote whose refs are set by hand, and a conductor that remembers its triggers.
// Knows no adapter.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "intake/push.h"

namespace gyre::intake {

inline const std::string a(40, 'a');
inline const std::string b(40, 'b');
inline const std::string c(40, 'c');
inline const std::string none(40, '0');

// Makes one pipeline a trigger id, as the conductor does.
class RecordingDoor final : public FrontDoor {
public:
    Result<PipelineId> trigger(const Trigger& trigger) override {
        const std::lock_guard lock(mutex_);
        if (broken) return unavailable("the remote is away");
        const bool again = std::ranges::find(triggers, trigger.id, &Trigger::id) != triggers.end();
        if (!again) triggers.push_back(trigger);
        return PipelineId{"of " + trigger.id.text};
    }
    Result<void> handle(const Event&) override { return {}; }
    Result<void> continue_pipeline(const HandedOver&) override { return {}; }
    Result<void> cancel_workflow(const WorkflowId&, const std::string&) override { return {}; }
    Result<WorkflowId> rerun(const WorkflowId&, const RerunWish&, const std::string&) override { return WorkflowId{}; }

    // "main@aaa": what was built, in order, by the first three digits.
    std::string built() const {
        std::string text;
        for (const auto& trigger : triggers)
            text += (text.empty() ? "" : " ") + trigger.branch + trigger.tag + "@" + trigger.revision.substr(0, 3);
        return text;
    }

    std::vector<Trigger> triggers;
    bool broken = false;

private:
    std::mutex mutex_;
};

class FakeRemote final : public GitRemote {
public:
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote& asked_for) override {
        const std::string& remote = asked_for.url;
        ++asked;
        if (refuses) return denied(refusal);
        if (visit) visit(remote);
        if (away || gone.contains(remote)) return unavailable("no route to host");
        auto answer = refs;
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        return answer;
    }
    Result<CommitFiles> read_config(const ProjectRemote&, const std::string&, const std::string&) override {
        return CommitFiles{};
    }

    std::map<std::string, std::string> refs{{"HEAD", "ref: refs/heads/main"}, {"refs/heads/main", a}};
    bool refuses = false;  // lets nobody in by ssh
    std::string refusal = "git@host: Permission denied (publickey).";
    std::function<void()> meanwhile;  // happens once, after the refs were read and before the answer is there
    std::function<void(const std::string&)> visit;  // happens whenever a remote is asked, on the asker's thread
    std::set<std::string> gone;                     // remotes that are away
    std::atomic<int> asked = 0;
    bool away = false;
};

class World {
protected:
    World(ProjectStore& projects, PushStore& pushes, ScheduleStore& schedules, const Clock& clock)
        : ports{projects, pushes, door, remote, clock, at_work, schedules} {
        EXPECT_TRUE(projects.add_with_refs(project, {{"refs/heads/main", a}}).ok());
    }

    // A hook's announcement; without an id of its own unless one is given.
    Result<Received> announce(const std::string& before, const std::string& after, const std::string& delivery = "",
                              const std::string& ref = "refs/heads/main") {
        return receive_push(ports, project, {ref, before, after, "ann", delivery});
    }
    void stands(const std::string& revision, const std::string& ref = "refs/heads/main") {
        if (revision == none) remote.refs.erase(ref);
        if (revision != none) remote.refs[ref] = revision;
    }
    // A push with its announcement.
    void push(const std::string& before, const std::string& after, const std::string& delivery) {
        stands(after);
        const auto received = announce(before, after, delivery);
        EXPECT_TRUE(received.ok()) << received.error().message;
    }
    Result<void> look() { return look_at(ports, project); }

    Project project{.id = {"p1"}, .slug = "git/app", .remote = "/srv/app.git", .default_branch = "main"};
    RecordingDoor door;
    FakeRemote remote;
    PushesAtWork at_work;
    PushPorts ports;
};

}  // namespace gyre::intake

#include "config/job_names.h"

#include <functional>
#include <map>
#include <set>

#include "base/ascii.h"
#include "config/spec_order.h"

namespace gyre::config {
namespace {

// Of jobs by their places: those that are made of one definition and in which nothing differs are one.
struct BySpec {
    Jobs& jobs;

    bool operator()(int a, int b) const {
        const MadeJob& one = jobs.at(a);
        const MadeJob& other = jobs.at(b);
        if (one.element != other.element) return std::less<>()(one.element, other.element);
        if (one.type != other.type) return one.type < other.type;
        return compare(one.spec, other.spec) < 0;
    }
};

class Settler {
public:
    Settler(std::vector<WorkflowDraft>& workflows, Jobs& jobs) : workflows_(workflows), jobs_(jobs) {}

    void run() {
        for (const WorkflowDraft& workflow : workflows_) {
            for (const GroupDraft& group : workflow.groups) taken_.insert(lowered(group.definition));
        }
        for (WorkflowDraft& workflow : workflows_) {
            if (!workflow.runs) continue;
            for (Draft& draft : workflow.jobs) {
                if (draft.made >= 0) unify(draft);
            }
        }
        std::set<int> named;
        for (const auto& [place, name] : used_) {
            if (alone(place) && taken_.insert(lowered(jobs_.at(place).spec.name)).second) named.insert(place);
        }
        for (const auto& [place, name] : used_) {
            if (!named.contains(place)) jobs_.at(place).spec.name = free_name(name);
        }
    }

private:
    void unify(Draft& draft) {
        const auto [known, fresh] = different_.insert(draft.made);
        draft.made = *known;
        if (!fresh) return;
        used_.emplace_back(draft.made, draft.name);
        ++made_of_[jobs_.at(draft.made).spec.name];
    }

    // Definitions of different places may have one name: "tools/test" of an orb, and of the config itself.
    bool alone(int place) { return made_of_[jobs_.at(place).spec.name] == 1; }

    std::string free_name(const std::string& wanted) {
        std::string name = wanted;
        int& last = last_number_.try_emplace(lowered(wanted), 1).first->second;
        while (!taken_.insert(lowered(name)).second) name = wanted + "-" + std::to_string(++last);
        return name;
    }

    std::vector<WorkflowDraft>& workflows_;
    Jobs& jobs_;
    std::set<int, BySpec> different_{BySpec{jobs_}};
    std::vector<std::pair<int, std::string>> used_;  // place among the jobs, name in the workflow; by first use
    std::map<std::string, int> made_of_;
    std::set<std::string> taken_;
    std::map<std::string, int> last_number_;
};

}  // namespace

void settle_jobs(std::vector<WorkflowDraft>& workflows, Jobs& jobs) { Settler(workflows, jobs).run(); }

}  // namespace gyre::config

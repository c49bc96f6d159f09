#include "config/job_names.h"

#include <boost/container_hash/hash.hpp>

#include <map>
#include <set>
#include <unordered_map>

#include "base/ascii.h"

namespace gyre::config {
namespace {

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
    bool same(int a, int b) {
        const MadeJob& one = jobs_.at(a);
        const MadeJob& other = jobs_.at(b);
        return one.element == other.element && one.type == other.type && one.spec == other.spec;
    }

    void unify(Draft& draft) {
        const std::size_t hash = boost::hash<JobSpec>()(jobs_.at(draft.made).spec);
        const auto [first, last] = by_hash_.equal_range(hash);
        for (auto known = first; known != last; ++known) {
            if (!same(known->second, draft.made)) continue;
            draft.made = known->second;
            return;
        }
        by_hash_.emplace(hash, draft.made);
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
    std::unordered_multimap<std::size_t, int> by_hash_;
    std::vector<std::pair<int, std::string>> used_;  // place among the jobs, name in the workflow; by first use
    std::map<std::string, int> made_of_;
    std::set<std::string> taken_;
    std::map<std::string, int> last_number_;
};

}  // namespace

void settle_jobs(std::vector<WorkflowDraft>& workflows, Jobs& jobs) { Settler(workflows, jobs).run(); }

}  // namespace gyre::config

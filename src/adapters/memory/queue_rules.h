#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/queue_rules.h"

namespace gyre::memory {

class MemoryQueueRules final : public QueueRuleStore {
public:
    MemoryQueueRules(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<QueueRules> rules() override;
    Result<void> set_project(const ProjectId& project, const QueueRule& rule) override;
    Result<void> set_organization(const std::string& organization, std::optional<int> most_tasks) override;
    Result<int> promote(const JobId& job, const std::string& by, Timestamp at) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory

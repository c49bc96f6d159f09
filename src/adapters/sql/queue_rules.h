#pragma once

#include "adapters/sql/connections.h"
#include "ports/queue_rules.h"

namespace gyre::sql {

class SqlQueueRules final : public QueueRuleStore {
public:
    explicit SqlQueueRules(Connections& connections) : connections_(connections) {}

    Result<QueueRules> rules() override;
    Result<void> set_project(const ProjectId& project, const QueueRule& rule) override;
    Result<void> set_organization(const std::string& organization, std::optional<int> most_tasks) override;
    Result<int> promote(const JobId& job, const std::string& by, Timestamp at) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql

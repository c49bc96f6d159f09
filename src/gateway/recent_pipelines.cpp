#include "gateway/recent_pipelines.h"

#include <algorithm>

namespace gyre::gateway {
namespace {

constexpr std::size_t most_remembered = 4;

}  // namespace

Result<std::shared_ptr<const Pipeline>> RecentPipelines::find(const PipelineId& id, std::size_t jobs) {
    const auto is_it = [&](const auto& pipeline) { return pipeline->id == id; };
    {
        const auto recent = recent_.lock();
        const auto found = std::ranges::find_if(*recent, is_it);
        if (found != recent->end() && (*found)->plan.jobs.size() >= jobs) return *found;
    }
    GYRE_TRY_ASSIGN(auto loaded, workflows_.load_pipeline(id));
    auto pipeline = std::make_shared<const Pipeline>(std::move(loaded));
    const auto recent = recent_.lock();
    std::erase_if(*recent, is_it);
    recent->push_front(pipeline);
    if (recent->size() > most_remembered) recent->pop_back();
    return pipeline;
}

}  // namespace gyre::gateway

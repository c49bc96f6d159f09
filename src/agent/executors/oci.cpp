#include "agent/executors/oci.h"

#include <utility>

#include "agent/executors/oci_box.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

class OciExecutor final : public Executor {
public:
    OciExecutor(Result<OciTools> tools, const ExecutorSettings& settings)
        : tools_(std::move(tools)),
          work_(settings.work_directory),
          images_(work_ + "/oci-images", tools_ ? *tools_ : OciTools{}),
          image_budget_(settings.image_budget) {}

    std::string_view name() const override { return "oci"; }

    Result<std::unique_ptr<Box>> prepare(const BoxRequest& wanted) override {
        if (!tools_) return tools_.error();
        BoxRequest request = wanted;
        if (!request.say) request.say = [](std::string_view) {};
        if (!request.left_behind) request.left_behind = [] {};
        request.say("No container engine: images are run by " + tools_->runtimes.front());
        auto box = OciBox::make(request, *tools_, images_, work_ + "/oci-boxes");
        if (box || box.error().fault == Fault::invalid) return box;
        return unavailable(box.error().message);
    }

    Result<void> sweep(const std::function<bool(std::string_view name)>& alive) override {
        auto swept = sweep_records(work_ + "/oci-boxes", alive, remove_oci_things);
        return swept ? swept : swept.error().during("sweeping old containers");
    }

    void tidy() override {
        for (const auto& digest : images_.keep_within(image_budget_))
            log::info("oci", "removed image {}, which no job used for the longest time", digest);
    }

private:
    Result<OciTools> tools_;
    std::string work_;
    OciImages images_;
    std::int64_t image_budget_;
};

}  // namespace

std::unique_ptr<Executor> make_oci(Result<OciTools> tools, const ExecutorSettings& settings) {
    return std::make_unique<OciExecutor>(std::move(tools), settings);
}

}  // namespace gyre::agent

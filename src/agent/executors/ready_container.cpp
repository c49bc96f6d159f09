#include "agent/executors/ready_container.h"

#include <sys/eventfd.h>

#include <utility>

#include "agent/executors/container_parts.h"
#include "agent/executors/docker_container.h"
#include "agent/executors/docker_sweep.h"
#include "base/log.h"
#include "base/random.h"

namespace gyre::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds supervisor_patience{10'000};
constexpr milliseconds taker_patience{5'000};  // longer than it takes to make another

void remove_standing(EngineClient& engine, StandingContainer& unwanted) {
    unwanted.connection.reset();
    const auto removed = remove_box(engine, unwanted.box);
    if (removed) return;
    unwanted.place.keep();
    log::warn("docker", "{}: {}; the next agent will sweep", unwanted.box, removed.error().message);
}

}  // namespace

ReadyContainer::ReadyContainer(ReadySettings settings)
    : settings_(std::move(settings)), unwanted_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), recent_(settings_.work) {
    if (recent_.has_any()) thread_ = std::thread([this] { run(); });
}

ReadyContainer::~ReadyContainer() {
    give_up();
    if (thread_.joinable()) thread_.join();
}

void ReadyContainer::give_up() {
    const std::lock_guard lock(mutex_);
    decided_ = true;
    ::eventfd_write(unwanted_.get(), 1);
    changed_.notify_all();
}

std::unique_ptr<StandingContainer> ReadyContainer::take(const json::object& likeness, bool again) {
    if (!again) recent_.note(likeness, SystemClock().now());
    std::unique_ptr<StandingContainer> taken;
    if (std::unique_lock lock(mutex_); likeness_ == likeness) {
        changed_.wait_for(lock, taker_patience, [&] { return made_; });
        if (standing_ && !has_ended(standing_->connection)) taken = std::move(standing_);
    }
    give_up();
    return taken;
}

void ReadyContainer::run() {
    if (expect_one()) have_it_until_decided();
}

bool ReadyContainer::expect_one() {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, settings_.pause, [&] { return decided_; })) return false;
    likeness_ = recent_.likely(SystemClock().now());
    return likeness_.has_value();
}

void ReadyContainer::have_it_until_decided() {
    auto made = make(*likeness_);
    if (!made) log::debug("docker", "no container is kept ready: {}", made.error().message);
    std::unique_lock lock(mutex_);
    if (made) standing_ = std::move(*made);
    made_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return decided_; });
    if (!standing_) return;
    auto engine = settings_.engine();
    if (engine) return remove_standing(*engine, *standing_);
    standing_->place.keep();
}

Result<std::unique_ptr<StandingContainer>> ReadyContainer::make(const json::object& likeness) {
    GYRE_TRY_ASSIGN(const EngineClient found, settings_.engine());
    EngineClient engine = found.another(unwanted_.get());
    const std::string box = "ready-" + random_token(16);
    GYRE_TRY_ASSIGN(AttemptDirectory place, AttemptDirectory::create(settings_.work, box));
    GYRE_TRY(place.note_executor(engine.facts().name));
    GYRE_TRY_ASSIGN(ControlDirectory control, ControlDirectory::make(place.box(), settings_.injob_path));
    auto made = std::make_unique<StandingContainer>(StandingContainer{std::move(place), box, {}, {}});
    const auto stands = [&]() -> Result<void> {
        ContainerSurroundings around;
        around.box = box;
        around.agent = this_agent();
        around.control_directory = control.path();
        GYRE_TRY_ASSIGN(made->id, engine.create("gyre-" + box, body_of(likeness, around)));
        GYRE_TRY(engine.start(made->id));
        GYRE_TRY_ASSIGN(auto connection, control.accept(supervisor_patience, unwanted_.get()));
        if (!connection) return unavailable("its supervisor does not call");
        made->connection = std::move(*connection);
        return {};
    }();
    if (stands) return made;
    EngineClient remover = found.another(-1);
    remove_standing(remover, *made);
    return stands.error();
}

}  // namespace gyre::agent

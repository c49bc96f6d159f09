#pragma once

// The part of the Docker Engine API that jobs need, as docker (20.10 and later) and podman's service (4.3 and later)
// really answer it. Blocking, one connection; not thread-safe. Every answer is bounded in size and silence.
//
// Errors: `unavailable` when the engine is down, silent or at fault; `invalid` for a refusal of what was asked (400);
// `not_found` (404); `conflict` (409, 304 excepted); `too_large` and `invalid` for answers that cannot be read. Podman
// says 500 where docker says 400, and reports a failed pull inside a 200 answer: callers look at the words, see
// docker_image.h.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_client.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

struct EngineSettings {
    std::string socket;  // path of the unix socket
    std::chrono::milliseconds connect_patience{2'000};
    std::chrono::milliseconds patience{120'000};  // the longest silence within one answer
    int cancel = -1;                              // a descriptor; readable: calls end with `unavailable`
};

// What the engine said about itself.
struct EngineFacts {
    std::string name;  // "docker" or "podman"
    std::string version;
    std::string api;  // "1.41", what we speak with it
    int cpus = 0;     // 0: unknown
    bool limits_memory = true;
    bool limits_cpus = true;
    bool limits_processes = true;
    bool knows_cdi = false;               // it can be asked for devices by their CDI names
    bool gives_gpus_by_variable = false;  // its runtime is NVIDIA's, where nothing else is asked for
};

struct ImageFacts {
    std::string id;
    std::string digest;  // of the repository it came from; may be empty
    std::string user;
    bool preserve_entrypoint = false;
    std::vector<std::string> names = {};  // with tags and with digests, as the engine writes them
};

struct ListedImage {
    std::string id;
    std::vector<std::string> names;  // as in ImageFacts
    std::int64_t bytes = 0;          // with layers that other images have as well
};

// Where an engine keeps images.
struct EngineStore {
    std::string id;         // empty: it has none that stays the same
    std::string directory;  // as the engine sees it; empty: it does not say
};

struct ContainerState {
    bool running = false;
    int exit_code = 0;
    bool out_of_memory = false;  // docker only, and only once the container has ended
};

struct WrittenFiles {
    std::optional<std::int64_t> bytes;  // nothing: the engine could not count, as with paths that are too long for it
    std::string directory;              // as the engine sees it; empty: it does not say
};

struct ListedContainer {
    std::string id;
    std::string box;    // label gyre.box
    std::string agent;  // label gyre.agent
    std::string role;   // label gyre.role
};

// One line of a pull's progress.
struct PullEvent {
    std::string_view status;
    std::string_view layer;  // empty when it is not about one
};

class EngineClient {
public:
    // Asks the engine who it is and settles on a version of the API.
    static Result<EngineClient> connect(const EngineSettings& settings);
    // Another connection to the same engine, without asking again; perhaps a less patient one.
    EngineClient another(int cancel, std::optional<std::chrono::milliseconds> patience = {}) const;

    const EngineFacts& facts() const { return facts_; }
    const std::string& socket() const { return settings_.socket; }

    Result<std::optional<ImageFacts>> image(const std::string& reference);  // nothing: it is not on this machine
    // `version` is a tag or a digest. An error inside the stream is `unavailable` with the engine's words.
    Result<void> pull(const std::string& name, const std::string& version, const std::string& registry_auth,
                      const std::function<void(const PullEvent&)>& progress);
    Result<std::vector<ListedImage>> images();
    // `conflict`: a container uses it, or it has names in several repositories.
    Result<void> remove_image(const std::string& id);
    Result<EngineStore> store();

    Result<std::string> create(const std::string& name, const json::object& body);  // the id
    Result<void> start(const std::string& id);
    Result<ContainerState> inspect(const std::string& id);
    // What it wrote over its image; the engine counts that now, which takes its time.
    Result<WrittenFiles> written(const std::string& id);
    Result<void> remove(const std::string& id);  // ends it, too; with its volumes; none of that id is a success
    Result<std::vector<ListedContainer>> list(const std::string& label);  // "name" or "name=value"; ended ones as well
    Result<void> exec_detached(const std::string& id, const std::vector<std::string>& argv);
    Result<std::string> last_lines(const std::string& id, int count);  // of its log, at most 64 kB

private:
    EngineClient(EngineSettings settings, EngineFacts facts);
    Result<http::Response> call(const std::string& method, const std::string& path, const json::value* body = nullptr);
    Result<json::value> ask(const std::string& method, const std::string& path, const json::value* body = nullptr);
    Result<void> meet();
    Result<void> meet_limits();

    EngineSettings settings_;
    EngineFacts facts_;
    http::Client http_;
};

}  // namespace gyre::agent

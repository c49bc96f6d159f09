#include "agent/executors/engine_client.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/executors/engine_answers.h"

namespace gyre::agent {
namespace {

constexpr std::size_t largest_answer = 8 << 20;
constexpr std::size_t largest_log = 64 << 10;
constexpr std::size_t longest_message = 2'000;
constexpr std::chrono::minutes longest_pull{60};

http::Client make_http(const EngineSettings& settings) {
    http::Settings bounds;
    bounds.connect_patience = settings.connect_patience;
    bounds.patience = settings.patience;
    bounds.body_limit = largest_answer;
    bounds.cancel = settings.cancel;
    return http::Client(http::Endpoint{settings.socket, {}, {}}, bounds);
}

// {"message": "..."} of docker; podman adds "cause", which "message" repeats.
Error refusal(const http::Response& response) {
    std::string message;
    if (auto parsed = parse_json(response.body, {largest_answer, 32})) message = text_at(*parsed, {"message"});
    if (message.empty()) message = "the engine answered with status " + std::to_string(response.status);
    if (message.size() > longest_message) message.resize(longest_message);
    while (!message.empty() && message.back() == '\n') message.pop_back();
    switch (response.status) {
        case 400:
            return invalid(message);
        case 404:
            return not_found(message);
        case 409:
            return conflict(message);
        default:
            return unavailable(message);
    }
}

}  // namespace

EngineClient::EngineClient(EngineSettings settings, EngineFacts facts)
    : settings_(std::move(settings)), facts_(std::move(facts)), http_(make_http(settings_)) {}

Result<EngineClient> EngineClient::connect(const EngineSettings& settings) {
    EngineClient client(settings, {});
    auto met = client.meet();
    if (!met) return unavailable(met.error().message);
    return client;
}

EngineClient EngineClient::another(int cancel, std::optional<std::chrono::milliseconds> patience) const {
    EngineSettings settings = settings_;
    settings.cancel = cancel;
    settings.patience = patience.value_or(settings.patience);
    return {std::move(settings), facts_};
}

Result<void> EngineClient::meet() {
    GYRE_TRY_ASSIGN(const http::Response ping, call("GET", "/_ping"));
    facts_.name = "podman";
    facts_.version = ping.header("Libpod-Api-Version");
    std::string api = settle_version("", ping.header("Api-Version"));
    if (facts_.version.empty()) {
        GYRE_TRY_ASSIGN(const json::value version, ask("GET", "/version"));
        facts_.name = "docker";
        facts_.version = text_at(version, {"Version"});
        api = settle_version(text_at(version, {"MinAPIVersion"}), text_at(version, {"ApiVersion"}));
    }
    if (api.empty()) return unavailable(settings_.socket + " speaks no Docker API of version 1.25 or later; update it");
    facts_.api = api;
    return meet_limits();
}

// Which limits this host's cgroups can hold: a rootless engine may hold fewer. Podman takes its time to answer (0.2 s),
// and as root there is nothing to ask.
Result<void> EngineClient::meet_limits() {
    facts_.cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    if (facts_.name == "podman" && ::geteuid() == 0) return {};
    GYRE_TRY_ASSIGN(const json::value info, ask("GET", "/info"));
    facts_.cpus = static_cast<int>(std::clamp<std::int64_t>(number_at(info, {"NCPU"}), 0, 1 << 16));
    facts_.limits_memory = flag_at(info, {"MemoryLimit"});
    facts_.limits_cpus = flag_at(info, {"CpuCfsQuota"});
    facts_.limits_processes = flag_at(info, {"PidsLimit"});
    facts_.knows_cdi = has_any_at(info, {"CDISpecDirs"});
    facts_.gives_gpus_by_variable = text_at(info, {"DefaultRuntime"}) == "nvidia";
    return {};
}

Result<http::Response> EngineClient::call(const std::string& method, const std::string& path, const json::value* body) {
    http::Request request;
    request.method = method;
    request.target = facts_.api.empty() ? path : "/v" + facts_.api + path;
    request.repeatable = method == "GET" || method == "DELETE";
    if (body != nullptr) {
        request.text = json::serialize(*body);
        request.headers.push_back({"Content-Type", "application/json"});
    }
    GYRE_TRY_ASSIGN(http::Response response, http_.send(request));
    if (!response.ok() && response.status != 304) return refusal(response);
    return response;
}

Result<json::value> EngineClient::ask(const std::string& method, const std::string& path, const json::value* body) {
    GYRE_TRY_ASSIGN(const http::Response response, call(method, path, body));
    auto parsed = parse_json(response.body, {largest_answer, 64});
    if (!parsed) return unavailable("the engine's answer to " + path + " cannot be read: " + parsed.error().message);
    return parsed;
}

Result<std::optional<ImageFacts>> EngineClient::image(const std::string& reference) {
    auto found = ask("GET", "/images/" + reference + "/json");
    if (!found && found.error().fault == Fault::not_found) return std::optional<ImageFacts>();
    if (!found) return found.error();
    ImageFacts facts = read_image(*found);
    if (facts.id.empty()) return unavailable("the engine described the image " + reference + " without its id");
    return std::optional(std::move(facts));
}

Result<void> EngineClient::pull(const std::string& name, const std::string& version, const std::string& registry_auth,
                                const std::function<void(const PullEvent&)>& progress) {
    http::Request request;
    request.method = "POST";
    request.target =
        "/v" + facts_.api + "/images/create?fromImage=" + http::url_encode(name) + "&tag=" + http::url_encode(version);
    if (!registry_auth.empty()) request.headers.push_back({"X-Registry-Auth", registry_auth});
    request.repeatable = false;
    PullStream stream(progress);
    const auto deadline = std::chrono::steady_clock::now() + longest_pull;
    GYRE_TRY_ASSIGN(const http::Response response, http_.send(request, [&](std::string_view bytes) -> Result<void> {
        if (std::chrono::steady_clock::now() > deadline) return unavailable("the pull took longer than an hour");
        return stream.take(bytes);
    }));
    if (!response.ok()) return refusal(response);
    return stream.finish();
}

Result<std::vector<ListedImage>> EngineClient::images() {
    GYRE_TRY_ASSIGN(const json::value found, ask("GET", "/images/json"));
    if (!found.is_array()) return unavailable("the engine's list of images is not a list");
    std::vector<ListedImage> images;
    for (const auto& one : found.get_array())
        images.push_back(
            {text_at(one, {"Id"}), names_of_image(one), std::max<std::int64_t>(number_at(one, {"Size"}), 0)});
    return images;
}

// Without what it was built from, which has no name.
Result<void> EngineClient::remove_image(const std::string& id) {
    GYRE_TRY(call("DELETE", "/images/" + id + "?noprune=true"));
    return {};
}

Result<EngineStore> EngineClient::store() {
    GYRE_TRY_ASSIGN(const json::value info, ask("GET", "/info"));
    // Podman makes a new one for each answer.
    return EngineStore{facts_.name == "docker" ? text_at(info, {"ID"}) : "", text_at(info, {"DockerRootDir"})};
}

Result<std::string> EngineClient::create(const std::string& name, const json::object& body) {
    const json::value document(body);
    GYRE_TRY_ASSIGN(const json::value created,
                    ask("POST", "/containers/create?name=" + http::url_encode(name), &document));
    std::string id = text_at(created, {"Id"});
    if (id.empty()) return unavailable("the engine made a container without an id");
    return id;
}

Result<void> EngineClient::start(const std::string& id) {
    GYRE_TRY(call("POST", "/containers/" + http::url_encode(id) + "/start"));
    return {};
}

Result<ContainerState> EngineClient::inspect(const std::string& id) {
    GYRE_TRY_ASSIGN(const json::value found, ask("GET", "/containers/" + http::url_encode(id) + "/json"));
    ContainerState state;
    state.running = flag_at(found, {"State", "Running"});
    state.exit_code = static_cast<int>(number_at(found, {"State", "ExitCode"}));
    state.out_of_memory = flag_at(found, {"State", "OOMKilled"});
    return state;
}

Result<WrittenFiles> EngineClient::written(const std::string& id) {
    GYRE_TRY_ASSIGN(const json::value found, ask("GET", "/containers/" + http::url_encode(id) + "/json?size=true"));
    WrittenFiles written{.bytes = {}, .directory = text_at(found, {"GraphDriver", "Data", "UpperDir"})};
    const auto* size = found.is_object() ? found.get_object().if_contains("SizeRw") : nullptr;
    if (size != nullptr && size->is_int64() && size->get_int64() >= 0) written.bytes = size->get_int64();
    return written;
}

Result<void> EngineClient::remove(const std::string& id) {
    auto removed = call("DELETE", "/containers/" + http::url_encode(id) + "?force=true&v=true");
    if (removed || removed.error().fault == Fault::not_found) return {};
    return removed.error();
}

Result<std::vector<ListedContainer>> EngineClient::list(const std::string& label) {
    const std::string filters = json::serialize(json::object{{"label", json::array{label}}});
    GYRE_TRY_ASSIGN(const json::value found,
                    ask("GET", "/containers/json?all=true&filters=" + http::url_encode(filters)));
    if (!found.is_array()) return unavailable("the engine's list of containers is not a list");
    std::vector<ListedContainer> containers;
    for (const auto& one : found.get_array()) {
        const auto label_of = [&](std::string_view name) { return text_at(one, {"Labels", name}); };
        containers.push_back(
            {text_at(one, {"Id"}), label_of("gyre.box"), label_of("gyre.agent"), label_of("gyre.role")});
    }
    return containers;
}

Result<void> EngineClient::exec_detached(const std::string& id, const std::vector<std::string>& argv) {
    json::array words;
    for (const auto& word : argv) words.push_back(json::string(word));
    const json::value wanted = json::object{{"Cmd", std::move(words)}, {"Tty", false}};
    GYRE_TRY_ASSIGN(const json::value made, ask("POST", "/containers/" + http::url_encode(id) + "/exec", &wanted));
    const json::value how = json::object{{"Detach", true}, {"Tty", false}};
    GYRE_TRY(call("POST", "/exec/" + http::url_encode(text_at(made, {"Id"})) + "/start", &how));
    return {};
}

Result<std::string> EngineClient::last_lines(const std::string& id, int count) {
    http::Request request;
    request.target = "/v" + facts_.api + "/containers/" + http::url_encode(id) +
                     "/logs?stdout=true&stderr=true&tail=" + std::to_string(count);
    std::string bytes;
    auto answered = http_.send(request, [&](std::string_view piece) -> Result<void> {
        bytes.append(piece.substr(0, largest_log - bytes.size()));
        return bytes.size() < largest_log ? Result<void>() : too_large("enough of the log");
    });
    if (!answered && bytes.size() < largest_log) return answered.error();
    if (answered && !answered->ok()) return refusal(*answered);
    return unframe_log(bytes);
}

}  // namespace gyre::agent

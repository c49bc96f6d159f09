#include "escape/executor.h"

#include <filesystem>

#include "support/oci_image.h"

namespace gyre::test {
namespace {

std::string bubblewrap_needs() {
    const Finished found = run_as({.argv = {"sh", "-c", "command -v bwrap"}, .home = "/", .directory = "/"});
    return found.exit_code == 0 ? "" : "needs bwrap: apt-get install bubblewrap";
}

}  // namespace

void UnderExecutor::SetUp() {
    const std::string name = GetParam();
    const bool in_sandbox = name.starts_with("sandbox");
    const bool of_a_user = name == "sandbox_of_a_user";
    std::string need = in_sandbox ? bubblewrap_needs() : name == "oci" ? oci_need() : engines_need();
    if (need.empty() && of_a_user) need = ordinary_user_needs();
    if (!need.empty()) GTEST_SKIP() << need;
    // No container for a next job: the host is to be as it was.
    ServerSettings settings{
        .user = of_a_user ? ordinary_user() : current_user(),
        .flags = {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "16000", "--ready-containers", "no"}};
    container_ = "{image: localhost/busybox:1}";
    if (name == "oci") {
        publish_busybox();
        settings.sandbox = "off";
        settings.docker_socket = "none";
    } else if (!in_sandbox) {
        auto engine = start_private_engine(name);
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto imported = import_busybox(*engine_->running, engine_->files.make("image"), "localhost/busybox", "1");
        ASSERT_TRUE(imported) << imported.error().message;
        settings.sandbox = "off";
        settings.docker_socket = engine_->running->socket();
    }
    start(std::move(settings));
    std::filesystem::copy_file(GYRE_ESCAPE, repository().copy() + "/escape");
}

// The server, its agents and this test stand in the registry's network from here on.
void UnderExecutor::publish_busybox() {
    files_ = std::make_unique<PrivateDirectory>();
    network_ = std::make_unique<PrivateNetwork>();
    const auto entered = enter_network(*network_);
    ASSERT_TRUE(entered) << entered.error().message;
    auto registry = start_registry(*network_, files_->make("registry"));
    ASSERT_TRUE(registry) << registry.error().message;
    registry_ = std::move(*registry);
    const auto root = busybox_root(files_->make("image"));
    ASSERT_TRUE(root) << root.error().message;
    const auto published = publish_oci(registry_, files_->make("publish"), {.name = "busybox", .root = *root});
    ASSERT_TRUE(published) << published.error().message;
    container_ = "{image: \"" + registry_.address + "/busybox:1\", auth: {username: " + registry_.username +
                 ", password: " + registry_.password + "}}";
}

std::string UnderExecutor::job(const std::string& name, const std::vector<std::string>& steps) {
    std::string text = "  " + name + ":\n    docker: [" + container_ +
                       "]\n    resource_class: small\n    shell: /bin/sh -e\n"
                       "    steps:\n      - checkout\n";
    for (const auto& step : steps) text += "      " + step + "\n";
    return text;
}

std::string UnderExecutor::workflow(const std::string& jobs) {
    std::string names;
    std::string text = "version: 2.1\njobs:\n" + jobs;
    for (std::size_t at = 0; at < jobs.size(); at = jobs.find('\n', at) + 1) {
        const auto colon = jobs.find(":\n", at);
        if (jobs.compare(at, 2, "  ") == 0 && jobs[at + 2] != ' ' && colon != std::string::npos)
            names += (names.empty() ? "" : ", ") + jobs.substr(at + 2, colon - at - 2);
    }
    return text + "workflows: {all: {jobs: [" + names + "]}}\n";
}

}  // namespace gyre::test

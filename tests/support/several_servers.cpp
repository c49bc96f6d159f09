#include "support/several_servers.h"

#include <filesystem>

namespace gyre::test {

SeveralServersStory::~SeveralServersStory() {
    others_.clear();
    if (HasFailure()) return;
    std::error_code failed;
    for (const auto& directory : directories_) std::filesystem::remove_all(directory, failed);
}

void SeveralServersStory::start_all(const std::vector<std::string>& flags) {
    if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
    postgres_ = std::make_unique<contract::PostgresServer>();
    database_ = postgres_->new_database();
    for (int number = 0; number < count; ++number) directories_.push_back(make_directory_for(current_user()));
    start(settings_of(0, flags));  // with the project and the hook
    for (int number = 1; number < count; ++number) {
        const auto& directory = directories_.at(static_cast<std::size_t>(number));
        // All have the keys of secrets that the first one made.
        std::filesystem::create_directories(directory + "/data");
        std::filesystem::copy_file(server().data() + "/secrets.key", directory + "/data/secrets.key");
        others_.push_back(std::make_unique<Server>(directory, settings_of(number, flags)));
        others_.back()->start();
        others_.back()->use_token(server().token());
    }
}

ServerSettings SeveralServersStory::settings_of(int number, const std::vector<std::string>& flags) {
    ServerSettings settings{.flags = {"--database", database_, "--objects-dir", objects(), "--client",
                                      "machine-" + std::to_string(number), "--cpus", "4", "--reserve-cpus", "0",
                                      "--memory-mb", "16384", "--warm-agents", "0"}};
    settings.flags.insert(settings.flags.end(), flags.begin(), flags.end());
    return settings;
}

void SeveralServersStory::commit_config(const std::string& command) {
    config(
        "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
        "      - run: |\n          " +
        command +
        "\n  test:\n    docker: [{image: debian:12}]\n    resource_class: small\n    parallelism: 2\n    steps:\n"
        "      - run: echo tested\nworkflows:\n  version: 2\n  all:\n    jobs:\n      - build\n"
        "      - test: {requires: [build]}\n");
    push("config").wait();
}

Pipeline SeveralServersStory::trigger(int at, const std::string& branch) {
    json::object body;
    if (!branch.empty()) body["branch"] = branch;
    return Pipeline(server(), text_at(at_work(at).post("/api/v2/project/git%2Fapp/pipeline", body), "id"));
}

void SeveralServersStory::expect_green_once(const Pipeline& pipeline, std::size_t most) {
    EXPECT_EQ(pipeline.status(), "success") << pipeline.id();
    for (const auto& [job, tasks] : std::vector<std::pair<std::string, int>>{{"build", 1}, {"test", 2}}) {
        for (int task = 0; task < tasks; ++task) {
            const auto attempts = pipeline.attempts(job, task);
            EXPECT_GE(attempts.size(), 1U) << job;
            EXPECT_LE(attempts.size(), most) << job << " of " << pipeline.id();
        }
    }
    JobExpectation(pipeline, "test").printed("tested");
}

}  // namespace gyre::test

// Backups of a server that is busy: taken at any moment, restored elsewhere, looked over, and started. GYRE_SNAPSHOTS
// and GYRE_SNAPSHOT_SEED choose how many are taken, and when.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "support/database.h"
#include "support/eventually.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

unsigned number_from_environment(const char* name, unsigned fallback) {
    const char* text = std::getenv(name);
    return text ? static_cast<unsigned>(std::atoi(text)) : fallback;
}

// Jobs that print, save, persist, keep artifacts and wait for one another, within a second or two.
constexpr const char* busy_config = R"(version: 2.1
jobs:
  talk:
    docker: [{image: debian:12}]
    resource_class: small
    parallelism: 2
    steps:
      - checkout
      - run: {name: Talk, command: "for line in $(seq 20); do echo \"$CIRCLE_NODE_INDEX line $line\"; sleep 0.02; done"}
      - run: {name: Fill, command: "echo $CIRCLE_WORKFLOW_ID > kept-$CIRCLE_NODE_INDEX.txt; head -c 100000 /dev/urandom > filling"}
      - save_cache: {key: "filling-{{ .BuildNum }}", paths: [filling]}
      - store_artifacts: {path: filling}
      - persist_to_workspace: {root: ., paths: ["kept-*.txt"]}
  hear:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - attach_workspace: {at: .}
      - run: {name: Hear, command: cat kept-0.txt kept-1.txt}
workflows:
  all:
    jobs: [talk, {hear: {requires: [talk]}}]
)";

class Backup : public Story {
protected:
    // A server without isolation, whose jobs are cheap; whatever the machine has.
    void begin(std::vector<std::string> flags = {}) {
        flags.insert(flags.end(), {"--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768"});
        flags.insert(flags.end(), {"--seal-every-seconds", "1"});
        start({.user = ordinary_user(), .flags = flags, .sandbox = "none"});
        config(busy_config);
        push("be busy").wait();
    }

    // Keeps three pipelines running as long as it lives.
    class Load {
    public:
        explicit Load(const Server& server) : server_(server) {
            for (int i = 0; i < 3; ++i) threads_.emplace_back([this] { run(); });
        }
        ~Load() {
            stopping_ = true;
            for (auto& thread : threads_) thread.join();
        }

    private:
        void run() {
            while (!stopping_) server_.gyre({"trigger", "git/app", "--branch", "main", "--wait"});
        }
        const Server& server_;
        std::atomic<bool> stopping_ = false;
        std::vector<std::thread> threads_;
    };

    // Where its user may run it.
    std::string program() const {
        const std::string copied = directory() + "/bin/gyre";
        return fs::exists(copied) ? copied : bin_directory() + "/gyre";
    }
    std::string backups() const { return directory() + "/backups"; }
    std::vector<std::string> create_words() {
        return {"backup", "create", backups(), "--data-dir", server().data(), "--json"};
    }
    static json::value parsed(const Finished& finished) {
        auto value = parse_json(finished.out, {.bytes = 16 << 20});
        if (!value) throw std::runtime_error(finished.out + finished.err);
        return *value;
    }
    std::string create() {
        const Finished made = server().gyre(create_words());
        EXPECT_EQ(made.exit_code, 0) << made.out << made.err;
        return text_at(parsed(made), "id");
    }
    // Of a data directory; the free space of the machine does not count.
    std::vector<std::string> findings(const std::string& data) {
        std::vector<std::string> found;
        const auto examined = parsed(server().gyre({"doctor", "--data-dir", data, "--json"}));
        const auto all = at(examined, "findings");
        for (const auto& one : all.as_array()) {
            if (text_at(one, "rule") != "disk-full") found.push_back(text_at(one, "sentence"));
        }
        return found;
    }
    Finished restore(const std::string& id, const std::string& data) {
        return server().gyre({"restore", backups(), "--snapshot", id, "--data-dir", data, "--json"});
    }
    void expect_restorable(const std::string& id, const std::string& data) {
        const Finished restored = restore(id, data);
        ASSERT_EQ(restored.exit_code, 0) << restored.out << restored.err;
        EXPECT_THAT(findings(data), testing::IsEmpty()) << id;
    }
    // Starts a server on what was restored, beside the first one: everything ends, and well.
    void expect_all_ends(const std::string& home) {
        Server other(home,
                     {.user = ordinary_user(),
                      .flags = {"--new-admin-token", "--cpus", "8", "--reserve-cpus", "0", "--memory-mb", "32768"},
                      .sandbox = "none"});
        other.start();
        const auto pipelines = at(other.get("/api/v2/project/git/app/pipeline"), "items");
        ASSERT_FALSE(pipelines.as_array().empty());
        for (const auto& one : pipelines.as_array()) {
            const Pipeline pipeline(other, text_at(one, "id"));
            pipeline.wait();
            EXPECT_EQ(pipeline.status(), "success") << text_at(one, "id") << " in " << home;
        }
        EXPECT_EQ(other.stop(), 0);
        EXPECT_THAT(findings(other.data()), testing::IsEmpty());
    }
    std::string new_home(const std::string& name) {
        const std::string home = directory() + "/" + name;
        fs::create_directories(home);
        EXPECT_EQ(::chown(home.c_str(), ordinary_user().uid, ordinary_user().gid), 0);
        return home;
    }
};

TEST_F(Backup, taken_at_any_moment_restores_to_a_server_where_everything_ends) {
    begin();
    const unsigned seed = number_from_environment("GYRE_SNAPSHOT_SEED", 1);
    const unsigned wanted = number_from_environment("GYRE_SNAPSHOTS", 4);
    std::mt19937 random(seed);
    std::vector<std::string> ids;
    {
        const Load load(server());
        while (ids.size() < wanted) {
            std::this_thread::sleep_for(std::chrono::milliseconds{random() % 700});
            ids.push_back(create());
        }
    }
    const std::size_t started = random() % ids.size();
    for (std::size_t i = 0; i < ids.size() && !HasFatalFailure(); ++i) {
        const std::string home = new_home("restored-" + std::to_string(i));
        expect_restorable(ids[i], home + "/data");
        if (i == started || i + 1 == ids.size()) expect_all_ends(home);
        if (!HasFailure()) fs::remove_all(home);
    }
    const Finished verified = server().gyre({"backup", "verify", backups(), "--json"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(Backup, killed_at_any_moment_is_no_backup_and_spoils_none) {
    begin();
    const std::string first = create();
    std::mt19937 random(number_from_environment("GYRE_SNAPSHOT_SEED", 1));
    for (unsigned round = 0; round < number_from_environment("GYRE_SNAPSHOTS", 6); ++round) {
        server().gyre({"trigger", "git/app", "--branch", "main"});
        std::vector<std::string> argv = create_words();
        argv.insert(argv.begin(), program());
        Program making({.argv = argv,
                        .user = ordinary_user(),
                        .home = directory(),
                        .directory = directory(),
                        .environment = database_environment(server().data())},
                       directory() + "/making.log");
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 120});
        making.signal(SIGKILL);
        making.wait();
        const auto listed = parsed(server().gyre({"backup", "list", backups(), "--json"}));
        EXPECT_TRUE(at(listed, "damaged").as_array().empty());
        const auto items = at(listed, "items");
        for (const auto& one : items.as_array()) {
            const Finished verified = server().gyre({"backup", "verify", backups(), "--snapshot", text_at(one, "id")});
            EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
        }
    }
    newest().wait();
    const std::string last = create();
    expect_restorable(first, directory() + "/first");
    expect_restorable(last, directory() + "/last");
}

TEST_F(Backup, whose_restore_is_killed_can_be_restored_again_and_no_server_starts_meanwhile) {
    begin();
    const std::string id = create();
    std::mt19937 random(number_from_environment("GYRE_SNAPSHOT_SEED", 1));
    const std::string home = new_home("restored");
    bool refused = false;
    for (unsigned round = 0; round < number_from_environment("GYRE_SNAPSHOTS", 6); ++round) {
        Program restoring({.argv = {program(), "restore", backups(), "--data-dir", home + "/data"},
                           .user = ordinary_user(),
                           .home = directory(),
                           .directory = directory(),
                           .environment = database_environment(home + "/data")},
                          directory() + "/restoring.log");
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 100});
        restoring.signal(SIGKILL);
        restoring.wait();
        if (fs::exists(home + "/data/restoring")) {
            const Finished started = server().gyre({"server", "--data-dir", home + "/data", "--listen", "127.0.0.1:0"});
            EXPECT_NE(started.exit_code, 0) << started.out;
            refused = refused || started.err.find("did not end") != std::string::npos;
        } else if (fs::exists(home + "/data")) {  // it was faster, or had not begun
            fs::remove_all(home + "/data");
            forget_database(home + "/data");
        }
    }
    RecordProperty("a_server_was_refused", refused ? "yes" : "no");
    expect_restorable(id, home + "/data");
    expect_all_ends(home);
}

TEST_F(Backup, that_is_not_good_or_not_complete_is_told_with_the_exit_code) {
    begin();
    const std::string id = create();
    std::error_code busy;  // where the server is just sealing something
    for (const auto& shelf : fs::directory_iterator(server().data() + "/objects")) fs::remove_all(shelf.path(), busy);
    const std::string to = directory() + "/incomplete";
    const Finished made = server().gyre({"backup", "create", to, "--data-dir", server().data()});
    EXPECT_EQ(made.exit_code, 1) << made.out << made.err;
    const Finished verified = server().gyre({"backup", "verify", to});
    EXPECT_EQ(verified.exit_code, 1) << verified.out << verified.err;
    EXPECT_NE(verified.err.find("is incomplete"), std::string::npos) << verified.out << verified.err;
    const Finished listed = server().gyre({"backup", "list", to});
    EXPECT_NE(listed.out.find(" objects"), std::string::npos) << listed.out;

    const std::string manifest = backups() + "/snapshots/" + id + ".json";
    fs::resize_file(manifest, fs::file_size(manifest) - 1);
    EXPECT_EQ(server().gyre({"backup", "verify", backups(), "--snapshot", id}).exit_code, 1);
    EXPECT_EQ(restore(id, directory() + "/never").exit_code, 1);
    EXPECT_FALSE(fs::exists(directory() + "/never/gyre.db"));
}

TEST_F(Backup, is_not_made_among_the_objects_of_the_server) {
    begin();
    const std::string to = server().data() + "/objects/bk";
    const Finished refused = server().gyre({"backup", "create", to, "--data-dir", server().data()});
    EXPECT_EQ(refused.exit_code, 2) << refused.out << refused.err;
    EXPECT_FALSE(fs::exists(to));
}

// Its sweep would remove what the new database does not name: all of it.
TEST_F(Backup, is_not_all_that_saves_objects_from_a_server_with_a_new_database) {
    begin();
    const std::string id = create();
    ASSERT_EQ(restore(id, directory() + "/here").exit_code, 0);
    for (const char* part : {"/gyre.db", "/gyre.db-wal", "/gyre.db-shm"}) fs::remove(directory() + "/here" + part);
    const Finished started = server().gyre({"server", "--data-dir", directory() + "/here", "--listen", "127.0.0.1:0"});
    EXPECT_NE(started.exit_code, 0) << started.out;
    EXPECT_NE(started.err.find("the database is new"), std::string::npos) << started.err;
    EXPECT_NE(started.err.find("gyre database adopt-objects"), std::string::npos) << started.err;
}

TEST_F(Backup, comes_before_a_migration_which_wants_a_database_and_no_server) {
    begin();
    const auto migrate = [&](const std::string& data, const std::string& to) {
        return server().gyre({"database", "migrate", "--data-dir", data, "--to", to});
    };
    EXPECT_EQ(migrate(server().data(), "7").exit_code, 1) << "a server runs";
    const Finished negative = migrate(server().data(), "-1");
    EXPECT_EQ(negative.exit_code, 2);
    EXPECT_LT(negative.err.size(), 300U) << negative.err;
    if (!database_of(server().data()).empty()) return;  // that is there
    const std::string typo = directory() + "/tpyo";
    EXPECT_EQ(migrate(typo, "7").exit_code, 3);
    EXPECT_FALSE(fs::exists(typo));
}

TEST_F(Backup, is_made_and_tried_by_the_server_itself) {
    const std::string to = "/tmp/gyre-backups-" + std::to_string(::getpid());
    begin({"--backup-to", to, "--backup-keep", "3"});
    eventually("the server has made a backup and found it good", [&] {
        const std::string health = server().call({.target = "/health-check"}).body;
        return health.find("restored for a test, and is good") != std::string::npos;
    });
    EXPECT_EQ(server().gyre({"backup", "verify", to}).exit_code, 0);
    EXPECT_EQ(server().gyre({"backup", "list", to}).exit_code, 0);
    fs::remove_all(to);
}

}  // namespace
}  // namespace gyre::test

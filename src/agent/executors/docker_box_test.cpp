// Boxes against an engine that is none: what is asked of it, and what becomes of its failures.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "agent/executors/docker.h"
#include "agent/executors/docker_container.h"
#include "agent/executors/engine_answers.h"
#include "agent/executors/ready_container.h"
#include "support/fake_engine.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

using namespace test;
namespace fs = std::filesystem;

class DockerBoxes : public testing::Test {
protected:
    DockerBoxes() {
        std::string pattern = (fs::temp_directory_path() / "gyre-box-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        std::ofstream(directory / "injob") << "program";
        fs::permissions(directory / "injob", fs::perms(0755));
        assignment.resources = {1000, 2048};
        containers({{.image = "cimg/go:1.21"}});
        engine.on_start([this](const json::value& body) {
            const auto* entrypoint = find(body, {"Entrypoint"});
            if (entrypoint && entrypoint->as_array()[0].as_string() == supervisor_command({}, {})[0])
                supervisor_calls(source_of(body));
        });
        engine.on("POST /exec/", [this](const Seen&) {
            supervisor_calls();
            return answer(200, "");
        });
    }
    ~DockerBoxes() override { fs::remove_all(directory); }

    static fs::path source_of(const json::value& body) {
        return find(body, {"HostConfig", "Mounts"})->as_array()[0].at("Source").as_string().c_str();
    }

    void containers(std::vector<ContainerSpec> wanted) {
        gyre::DockerExecutor executor;
        executor.containers = std::move(wanted);
        assignment.job.executor = std::move(executor);
    }

    // What the supervisor in the primary container would do.
    void supervisor_calls(const fs::path& place = {}) {
        const std::string path = ((place.empty() ? directory / "run" : place) / "ctl.sock").string();
        Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
        wire::Report hello;
        hello.hello = true;
        hello.home = "/root";
        const std::string text = to_json_text(hello);
        (void)::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
        const std::lock_guard lock(mutex);
        supervisor = hangs_up ? Fd() : std::move(socket);
        if (path.find("ready-") != std::string::npos) ++ready_calls;
        called.notify_all();
    }

    Result<std::unique_ptr<Box>> prepare(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        EngineSettings settings;
        settings.socket = engine.socket();
        settings.patience = patience;
        GYRE_TRY_ASSIGN(EngineClient found, EngineClient::connect(settings));
        auto executor = make_docker(std::move(found));
        BoxRequest request;
        request.assignment = &assignment;
        request.name = "a1";
        request.directory = directory;
        request.injob_path = directory / "injob";
        request.environment = {{"PASS", "s3cret"}};
        request.cancel = cancel;
        request.left_behind = [this] { ++left_behind; };
        request.ready = ready.get();
        request.say = [this](std::string_view line) { said += std::string(line) + "\n"; };
        return executor->prepare(request);
    }

    std::string error_of(const Result<std::unique_ptr<Box>>& box, Fault fault) {
        EXPECT_FALSE(box);
        if (box) return {};
        EXPECT_EQ(box.error().fault, fault) << box.error().message;
        return box.error().message;
    }
    void expect_nothing_left() { EXPECT_TRUE(engine.containers().empty()); }

    fs::path directory;
    wire::Assignment assignment;
    std::string said;
    int cancel = -1;
    int left_behind = 0;
    std::mutex mutex;
    std::condition_variable called;
    Fd supervisor;
    int ready_calls = 0;
    bool hangs_up = false;  // the next supervisor, at once
    FakeEngine engine;
    std::unique_ptr<ReadyContainer> ready;
};

TEST_F(DockerBoxes, start_the_primary_then_its_services_in_order) {
    containers({{.image = "cimg/go:1.21"}, {.image = "postgres:16", .name = "db"}, {.image = "redis:7"}});
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    EXPECT_EQ((*box)->supervisor().inside().home, "/root");
    const auto created = engine.calls_of("POST /containers/create");
    ASSERT_EQ(created.size(), 3u);
    EXPECT_EQ(created[0].target, "/containers/create?name=gyre-a1-primary");
    EXPECT_EQ(created[2].target, "/containers/create?name=gyre-a1-service-2");
    EXPECT_EQ(json::serialize(created[0].document().at("HostConfig").at("ExtraHosts")), R"(["db:127.0.0.1"])");
    EXPECT_EQ(created[1].document().at("HostConfig").at("NetworkMode"), "container:c1");
    EXPECT_EQ((*box)->trouble(), "");
    EXPECT_TRUE((*box)->destroy());
    EXPECT_TRUE((*box)->destroy());
    expect_nothing_left();
}

TEST_F(DockerBoxes, tell_the_engine_no_secrets) {
    containers({{.image = "cimg/go:1.21"}, {.image = "postgres:16", .name = "db"}});
    assignment.secrets = {{"PASS", "s3cret"}};
    ASSERT_TRUE(prepare());
    for (const auto& created : engine.calls_of("POST /containers/create"))
        EXPECT_EQ(json::serialize(created.document()).find("s3cret"), std::string::npos);
}

TEST_F(DockerBoxes, leave_an_images_entry_point_alone_and_enter_beside_it) {
    containers({{.image = "selenium:4", .command = {"serve"}}});
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    const auto entered = engine.calls_of("POST /containers/c1/exec");
    ASSERT_EQ(entered.size(), 1u);
    EXPECT_EQ(entered[0].document().at("Cmd").as_array()[1], "supervise");
}

TEST_F(DockerBoxes, tell_the_author_what_cannot_start_and_leave_nothing) {
    containers({{.image = "cimg/go:1.21"}, {.image = "postgres:16", .command = {"nope"}}});
    struct Case {
        int status;
        const char* message;
        Fault fault;
        const char* advice;
    };
    const std::vector<Case> cases{
        {400, "OCI runtime create failed: exec: \\\"nope\\\": executable file not found in $PATH", Fault::invalid,
         "command"},
        {500, "runc: exec: \\\"/nope\\\": stat /nope: no such file or directory", Fault::invalid, "command"},
        {500, "unable to find user x: no matching entries in passwd file", Fault::invalid, "user"},
        {500, "failed to set up networking: no space left on device", Fault::unavailable, "postgres:16"},
    };
    for (const auto& one : cases) {
        engine.on("POST /containers/c", [&](const Seen& request) {
            const bool is_service = engine.containers().size() == 2;
            if (!is_service && request.target.ends_with("/start")) supervisor_calls();
            return is_service ? answer(one.status, std::string(R"({"message":")") + one.message + "\"}")
                              : answer(204, "");
        });
        engine.on("POST /containers/create", [&, made = 0](const Seen&) mutable {
            engine.add_container("a1", "", made == 0 ? "primary" : "service");
            return answer(201, R"({"Id":"c)" + std::to_string(++made) + "\"}");
        });
        const auto message = error_of(prepare(), one.fault);
        EXPECT_NE(message.find(one.advice), std::string::npos) << message;
        expect_nothing_left();
        fs::remove_all(directory / "run");
    }
}

TEST_F(DockerBoxes, end_when_the_primary_ends_before_it_calls) {
    engine.on_start([this](const json::value&) { engine.end_container("primary", 127); });
    const auto message = error_of(prepare(), Fault::unavailable);
    EXPECT_NE(message.find("exit code 127"), std::string::npos) << message;
    EXPECT_NE(message.find("last words"), std::string::npos) << message;
    expect_nothing_left();
}

TEST_F(DockerBoxes, blame_the_author_when_it_was_an_entry_point_of_theirs) {
    containers({{.image = "x:1", .entrypoint = {"/bin/false"}}});
    engine.on("POST /exec/", [this](const Seen&) {
        engine.end_container("primary", 1);
        return answer(200, "");
    });
    const auto message = error_of(prepare(), Fault::invalid);
    EXPECT_NE(message.find("exit code 1"), std::string::npos) << message;
}

TEST_F(DockerBoxes, mention_a_service_that_has_ended) {
    containers({{.image = "x:1"}, {.image = "postgres:16"}});
    engine.on("GET /containers/c2/json", answer(200, R"({"State":{"Running":false,"ExitCode":3}})"));
    ASSERT_TRUE(prepare());
    EXPECT_NE(said.find("postgres:16 has ended already with exit code 3"), std::string::npos) << said;
    EXPECT_NE(said.find("last words"), std::string::npos) << said;
}

TEST_F(DockerBoxes, mention_a_service_that_ended_when_a_step_has_failed) {
    containers({{.image = "x:1"}, {.image = "redis:7"}, {.image = "postgres:16"}});
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    EXPECT_EQ((*box)->trouble(), "");
    engine.on("GET /containers/c2/json", answer(200, R"({"State":{"Running":false,"ExitCode":0}})"));
    engine.on("GET /containers/c3/json", answer(200, R"({"State":{"Running":false,"ExitCode":137,"OOMKilled":true}})"));
    EXPECT_EQ((*box)->trouble(),
              "service container postgres:16 ended with exit code 137: it reached its memory limit of 2048 MB");
}

TEST_F(DockerBoxes, survive_an_engine_that_breaks_at_any_call) {
    containers({{.image = "x:1"}, {.image = "postgres:16"}});
    const std::vector<std::pair<const char*, Answer>> failures{
        {"500", answer(500, R"({"message":"server error"})")},
        {"cut", closing(answer(200, R"({"Id":"1234567890"})"), 45)},
        {"closed", raw("")},
        {"silent", never()},
    };
    for (const char* call :
         {"GET /images/", "POST /containers/create", "POST /containers/c1/start", "POST /containers/c2/start"}) {
        for (const auto& [what, failure] : failures) {
            bool broken = true;
            engine.on(call, [&, given = failure](const Seen&) { return broken ? given : answer(204, ""); });
            error_of(prepare(std::chrono::milliseconds(150)), Fault::unavailable);
            EXPECT_TRUE(engine.containers().empty()) << call << " " << what;
            broken = false;
            fs::remove_all(directory / "run");
        }
        engine.on("GET /images/", answer(200, R"({"Id":"sha256:1"})"));
    }
}

TEST_F(DockerBoxes, are_given_up_when_the_job_is_canceled) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    cancel = ends[0];
    engine.on("GET /images/", answer(404, "{}"));
    engine.on("POST /images/create", [&](const Seen&) {
        ::close(ends[1]);
        return never();
    });
    error_of(prepare(std::chrono::minutes(10)), Fault::unavailable);
    ::close(ends[0]);
}

TEST_F(DockerBoxes, say_what_happened_to_them) {
    auto box = prepare();
    ASSERT_TRUE(box);
    engine.end_container("primary", 137);
    EXPECT_NE((*box)->trouble().find("2048 MB"), std::string::npos) << (*box)->trouble();
    engine.end_container("primary", 3);
    EXPECT_NE((*box)->trouble().find("exit code 3"), std::string::npos) << (*box)->trouble();
    engine.on("GET /containers/c1/json", answer(200, R"({"State":{"Running":false,"ExitCode":137,"OOMKilled":true}})"));
    EXPECT_NE((*box)->trouble().find("out of memory"), std::string::npos) << (*box)->trouble();
    engine.on("GET /containers/c1/json", answer(404, "{}"));
    EXPECT_NE((*box)->trouble().find("removed"), std::string::npos) << (*box)->trouble();
    EXPECT_TRUE((*box)->destroy());
    EXPECT_EQ((*box)->trouble(), "");
}

TEST_F(DockerBoxes, tell_that_they_could_not_be_removed) {
    auto box = prepare();
    ASSERT_TRUE(box);
    EXPECT_EQ(left_behind, 0);
    engine.on("DELETE", answer(500, R"({"message":"device or resource busy"})"));
    const auto removed = (*box)->destroy();
    ASSERT_FALSE(removed);
    EXPECT_NE(removed.error().message.find("busy"), std::string::npos) << removed.error().message;
    engine.on("POST /containers/c2/start", answer(500, R"({"message":"no space left on device"})"));
    EXPECT_FALSE(prepare());
    EXPECT_EQ(left_behind, 1);
}

// --- what stands before the job is known ---

class ReadyContainers : public DockerBoxes {
protected:
    ReadyContainers() { fs::create_directory(directory / "work"); }
    ~ReadyContainers() override { ready.reset(); }

    // An agent that waits for work, and perhaps until its container stands.
    void wait_for_work(bool stands = false) {
        ready.reset();
        const int before = calls_of_ready();
        ready = std::make_unique<ReadyContainer>(ReadySettings{.work = directory / "work",
                                                               .injob_path = directory / "injob",
                                                               .engine =
                                                                   [this] {
                                                                       EngineSettings settings;
                                                                       settings.socket = engine.socket();
                                                                       return EngineClient::connect(settings);
                                                                   },
                                                               .pause = {}});
        std::unique_lock lock(mutex);
        EXPECT_TRUE(!stands || called.wait_for(lock, std::chrono::seconds(20), [&] { return ready_calls > before; }));
    }
    int calls_of_ready() {
        const std::lock_guard lock(mutex);
        return ready_calls;
    }
    // A job, and the agent that waited for it.
    void run_job(bool stands = false) {
        wait_for_work(stands);
        const auto box = prepare();
        ASSERT_TRUE(box) << box.error().message;
        EXPECT_TRUE((*box)->destroy());
        fs::remove_all(directory / "run");
    }
    std::vector<std::string> created() const {
        std::vector<std::string> names;
        for (const auto& call : engine.calls_of("POST /containers/create"))
            names.push_back(call.target.substr(call.target.find('=') + 1).substr(0, 11));
        return names;
    }
    bool nothing_in(const fs::path& place) const { return !fs::exists(place) || fs::is_empty(place); }
};

using Names = std::vector<std::string>;

TEST_F(ReadyContainers, are_taken_by_a_job_like_those_before_it) {
    containers({{.image = "cimg/go:1.21"}, {.image = "postgres:16", .name = "db"}});
    run_job();
    run_job();
    said.clear();
    wait_for_work(true);
    auto box = prepare();
    ASSERT_TRUE(box) << box.error().message;
    EXPECT_NE(said.find("stood ready: gyre-ready-"), std::string::npos) << said;
    const auto made = created();
    ASSERT_EQ(made.size(), 6u);
    EXPECT_EQ(Names(made.end() - 2, made.end()), (Names{"gyre-ready-", "gyre-a1-ser"}));
    EXPECT_EQ((*box)->supervisor().inside().home, "/root");
    EXPECT_EQ((*box)->trouble(), "");
    EXPECT_TRUE((*box)->destroy());
    expect_nothing_left();
    box->reset();
    EXPECT_TRUE(nothing_in(directory / "work/attempts"));
}

TEST_F(ReadyContainers, are_not_expected_for_one_job_that_is_tried_again_and_again) {
    run_job();
    for (int attempt = 2; attempt <= 4; ++attempt) {
        assignment.attempt.attempt = attempt;
        run_job();
    }
    EXPECT_FALSE(RecentContainers(directory / "work").likely(SystemClock().now()));
    assignment.attempt.attempt = 1;
    run_job();
    EXPECT_TRUE(RecentContainers(directory / "work").likely(SystemClock().now()));
}

TEST_F(ReadyContainers, know_nothing_of_earlier_jobs) {
    run_job();
    run_job();
    wait_for_work(true);
    ASSERT_TRUE(prepare());
    const auto body = engine.calls_of("POST /containers/create").back().document();
    EXPECT_EQ(json::serialize(body).find("s3cret"), std::string::npos);
    EXPECT_EQ(find(body, {"Env"}), nullptr);
}

TEST_F(ReadyContainers, are_left_by_a_job_that_wants_another) {
    struct Case {
        const char* what;
        std::function<void()> change;
    };
    const std::vector<Case> cases{
        {"image", [&] { containers({{.image = "cimg/go:1.22"}}); }},
        {"user", [&] { containers({{.image = "cimg/go:1.21", .user = "root"}}); }},
        {"entry point", [&] { containers({{.image = "cimg/go:1.21", .command = {"serve"}}}); }},
        {"names", [&] { containers({{.image = "cimg/go:1.21", .name = "me"}}); }},
        {"home",
         [&] {
             containers({{.image = "cimg/go:1.21", .environment = {{"HOME", "/x"}}}});
         }},
        {"memory", [&] { assignment.resources.memory_mb = 4096; }},
        {"image of that name", [&] { engine.on("GET /images/", answer(200, R"({"Id":"sha256:other"})")); }},
    };
    for (const auto& [what, change] : cases) {
        fs::remove_all(directory / "work");
        fs::create_directory(directory / "work");
        engine.on("GET /images/", answer(200, R"({"Id":"sha256:1"})"));
        containers({{.image = "cimg/go:1.21"}});
        assignment.resources.memory_mb = 2048;
        run_job();
        run_job();
        said.clear();
        wait_for_work(true);
        change();
        ASSERT_TRUE(prepare());
        fs::remove_all(directory / "run");
        EXPECT_EQ(said.find("stood ready"), std::string::npos) << what;
        EXPECT_EQ(created().back(), "gyre-a1-pri") << what;
        ready.reset();
        expect_nothing_left();
        EXPECT_TRUE(nothing_in(directory / "work/attempts")) << what;
    }
}

TEST_F(ReadyContainers, are_removed_when_no_job_comes) {
    run_job();
    run_job();
    wait_for_work(true);
    ready.reset();
    expect_nothing_left();
    EXPECT_TRUE(nothing_in(directory / "work/attempts"));
}

TEST_F(ReadyContainers, are_made_anew_where_they_ended_meanwhile) {
    run_job();
    run_job();
    hangs_up = true;
    wait_for_work(true);
    hangs_up = false;
    said.clear();
    ASSERT_TRUE(prepare());
    EXPECT_EQ(said.find("stood ready"), std::string::npos) << said;
    ready.reset();
    expect_nothing_left();
}

TEST_F(ReadyContainers, are_no_trouble_when_the_engine_is) {
    run_job();
    run_job();
    for (const char* call : {"POST /containers/c3/start", "POST /containers/create"}) {
        bool broken = true;
        std::promise<void> asked;
        engine.on(call, [&](const Seen&) {
            if (std::exchange(broken, false)) asked.set_value();
            return answer(500, R"({"message":"server error"})");
        });
        wait_for_work();
        EXPECT_EQ(asked.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready) << call;
        ready.reset();
        expect_nothing_left();
        EXPECT_TRUE(nothing_in(directory / "work/attempts")) << call;
    }
}

TEST_F(ReadyContainers, stay_noted_for_the_next_agent_when_they_cannot_be_removed) {
    run_job();
    run_job();
    engine.on("DELETE", answer(500, R"({"message":"device or resource busy"})"));
    wait_for_work(true);
    ready.reset();
    EXPECT_FALSE(nothing_in(directory / "work/attempts"));
}

TEST(EngineSockets, are_tried_in_order) {
    using Sockets = std::vector<std::string>;
    EXPECT_EQ(engine_sockets("", "", ""), (Sockets{"/var/run/docker.sock", "/run/podman/podman.sock"}));
    EXPECT_EQ(
        engine_sockets("", "unix:///x.sock", "/run/user/7"),
        (Sockets{"/x.sock", "/var/run/docker.sock", "/run/user/7/podman/podman.sock", "/run/podman/podman.sock"}));
    EXPECT_EQ(engine_sockets("unix:///y.sock", "unix:///x.sock", "/run/user/7"), Sockets{"/y.sock"});
    EXPECT_EQ(engine_sockets("/y.sock", "", ""), Sockets{"/y.sock"});
    EXPECT_EQ(engine_sockets("", "tcp://1.2.3.4:2375", "").front(), "/var/run/docker.sock");
}

}  // namespace
}  // namespace gyre::agent

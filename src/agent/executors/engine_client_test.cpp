#include "agent/executors/engine_client.h"

#include <gtest/gtest.h>

#include "agent/executors/engine_answers.h"
#include "support/fake_engine.h"

namespace gyre::agent {
namespace {

using namespace test;
using namespace std::chrono_literals;

EngineSettings settings_of(const FakeEngine& engine, std::chrono::milliseconds patience = 5s) {
    EngineSettings settings;
    settings.socket = engine.socket();
    settings.patience = patience;
    return settings;
}

TEST(ApiVersion, lies_between_what_both_ends_speak) {
    EXPECT_EQ(settle_version("1.12", "1.41"), "1.41");
    EXPECT_EQ(settle_version("1.24", "1.47"), "1.41");
    EXPECT_EQ(settle_version("1.44", "1.52"), "1.44");
    EXPECT_EQ(settle_version("1.12", "1.30"), "1.30");
    EXPECT_EQ(settle_version("", "1.41"), "1.41");
    for (const char* newest : {"1.24", "0.9", "", "latest", "1", "1.", "-1.41", "99999999999.1"}) {
        EXPECT_EQ(settle_version("1.12", newest), "") << newest;
    }
}

TEST(Engine, says_who_it_is) {
    const FakeEngine docker;
    auto client = EngineClient::connect(settings_of(docker));
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->facts().name, "docker");
    EXPECT_EQ(client->facts().version, "20.10.24");
    EXPECT_EQ(client->facts().cpus, 2);

    const FakeEngine podman("podman");
    client = EngineClient::connect(settings_of(podman));
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->facts().name, "podman");
    EXPECT_EQ(client->facts().version, "4.3.1");
}

TEST(Engine, that_is_not_there_is_unavailable) {
    EngineSettings settings;
    settings.socket = "/nonexistent/engine.sock";
    const auto client = EngineClient::connect(settings);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().fault, Fault::unavailable);
    EXPECT_NE(client.error().message.find("/nonexistent/engine.sock"), std::string::npos);
}

TEST(Engine, that_misbehaves_is_unavailable) {
    const std::vector<std::pair<const char*, Answer>> answers{
        {"never answers", never()},
        {"closes", raw("")},
        {"is not HTTP", raw("SSH-2.0-OpenSSH_9.2\r\n")},
        {"stops in the headers", closing(answer(200, "OK"), 12)},
        {"fails", answer(500, "")},
        {"fails with a page", answer(502, "<html>bad gateway</html>")},
        {"is of another kind", answer(200, "hello")},
    };
    for (const auto& [what, given] : answers) {
        FakeEngine engine;
        engine.on("GET /_ping", given);
        engine.on("GET /version", answer(200, "{}"));
        const auto client = EngineClient::connect(settings_of(engine, 200ms));
        ASSERT_FALSE(client) << what;
        EXPECT_EQ(client.error().fault, Fault::unavailable) << what;
        EXPECT_FALSE(client.error().message.empty()) << what;
    }
}

class Conversation : public testing::Test {
protected:
    EngineClient client(std::chrono::milliseconds patience = 5s) {
        auto connected = EngineClient::connect(settings_of(engine, patience));
        if (!connected) throw std::runtime_error(connected.error().message);
        return std::move(*connected);
    }
    FakeEngine engine;
};

TEST_F(Conversation, hostile_answers_are_errors_and_not_crashes) {
    const std::string deep(100'000, '[');
    const std::vector<std::pair<const char*, Answer>> answers{
        {"cut JSON", answer(200, R"({"Id":"12)")},
        {"deep JSON", answer(200, deep)},
        {"another shape", answer(200, R"([1,2,3])")},
        {"a number for an id", answer(200, R"({"Id":7})")},
        {"cut in the body", closing(answer(200, R"({"Id":"1234567890"})"), 50)},
        {"huge", answer(200, std::string(9 << 20, ' '))},
        {"nothing", answer(200, "")},
    };
    for (const auto& [what, given] : answers) {
        engine.on("GET /images/", given);
        engine.on("POST /containers/create", given);
        auto asked = client();
        const auto image = asked.image("busybox:1");
        EXPECT_FALSE(image) << what;
        EXPECT_FALSE(asked.create("c", {})) << what;
    }
    // What a state leaves out counts as not running, never as success of some kind.
    engine.on("GET /containers/", answer(200, R"({"State":{"Running":"yes","ExitCode":"x"}})"));
    const auto state = client().inspect("c1");
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->running);
}

TEST_F(Conversation, silence_ends) {
    engine.on("POST /containers/create", never());
    const auto created = client(200ms).create("c", {});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().fault, Fault::unavailable);
}

TEST_F(Conversation, an_image_that_is_not_here_is_no_error) {
    engine.on("GET /images/", answer(404, R"({"message":"No such image: x"})"));
    const auto image = client().image("x:1");
    ASSERT_TRUE(image);
    EXPECT_FALSE(*image);
}

TEST_F(Conversation, a_pull_hands_on_its_progress) {
    engine.on("POST /images/create",
              answer(200,
                     "{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\r\n"
                     "{\"status\":\"Pull complete\",\"id\":\"a\"}\r\n{\"status\":\"Digest: x\"}"));
    std::vector<std::string> seen;
    const auto pulled = client().pull("bb", "1", "auth", [&](const PullEvent& event) {
        seen.push_back(std::string(event.status) + "/" + std::string(event.layer));
    });
    ASSERT_TRUE(pulled) << pulled.error().message;
    EXPECT_EQ(seen, (std::vector<std::string>{"Pulling fs layer/a", "Pull complete/a", "Digest: x/"}));
    const auto request = engine.calls_of("POST /images/create").at(0);
    EXPECT_EQ(request.target, "/images/create?fromImage=bb&tag=1");
    EXPECT_NE(request.head.find("X-Registry-Auth: auth"), std::string::npos);
}

TEST_F(Conversation, a_pull_that_fails_inside_its_stream_has_failed) {
    const std::vector<std::string> streams{
        R"({"errorDetail":{"message":"no space left"},"error":"no space left"})",
        "{\"status\":\"Pulling\"}\n{\"error\":\"no space left\"}\n{\"status\":\"more\"}",
    };
    for (const auto& stream : streams) {
        engine.on("POST /images/create", answer(200, stream));
        const auto pulled = client().pull("bb", "1", "", {});
        ASSERT_FALSE(pulled) << stream;
        EXPECT_EQ(pulled.error().message, "no space left");
    }
    engine.on("POST /images/create", answer(200, "{\"status\":\"Pul"));
    EXPECT_FALSE(client().pull("bb", "1", "", {}));
    engine.on("POST /images/create", answer(200, std::string(2 << 20, 'x')));
    EXPECT_FALSE(client().pull("bb", "1", "", {}));
}

TEST_F(Conversation, a_container_that_is_gone_counts_as_removed) {
    EXPECT_TRUE(client().remove("unknown"));
    engine.on("DELETE /containers/", answer(409, R"({"message":"removal is already in progress"})"));
    EXPECT_FALSE(client().remove("c1"));
}

TEST_F(Conversation, a_log_loses_its_frames_and_has_an_end) {
    auto made = client();
    const auto id = made.create("c", {});
    ASSERT_TRUE(id);
    EXPECT_EQ(made.last_lines(*id, 20).value_or("?"), "last words\n");
    engine.on("GET /containers/", answer(200, std::string(1 << 20, '\1')));
    EXPECT_TRUE(made.last_lines(*id, 20));
}

TEST(Frames, of_any_length_are_read_safely) {
    EXPECT_EQ(unframe_log(std::string("\x01\0\0\0\0\0\0\x02", 8) + "ab" + std::string("\x02\0\0\0\0\0\0\x01", 8) + "c"),
              "abc");
    EXPECT_EQ(unframe_log(std::string("\x01\0\0\0\xff\xff\xff\xff", 8) + "cut"), "cut");
    EXPECT_EQ(unframe_log("short"), "");
}

}  // namespace
}  // namespace gyre::agent

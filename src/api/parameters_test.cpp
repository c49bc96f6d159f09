// What pipelines are told over the API: parameters, and the config that a setup workflow hands over.

#include "api/parameters.h"

#include <gmock/gmock.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"
#include "model/continuation_key.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using ApiTest = ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

const std::string trigger_target = "/api/v2/project/git/demo/pipeline";
const std::string continue_target = "/api/v2/pipeline/continue";

Result<PipelineParameters> read(const json::value& parameters) {
    return parameters_member(json::object{{"parameters", parameters}}, "parameters");
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

TEST(Parameters, are_texts_integers_and_booleans_in_bounds) {
    json::object most;
    for (int i = 0; i < 100; ++i) most["p" + std::to_string(i)] = i;
    EXPECT_EQ(read(most)->size(), 100U);
    EXPECT_EQ(read({{"a", "x"}, {"b", -3}, {"c", false}})->at("b"), json::value(-3));
    EXPECT_TRUE(read({{repeated("\u00e9", 128), repeated("\u00e9", 512)}}).ok());
    EXPECT_TRUE(parameters_member({}, "parameters")->empty());
    EXPECT_TRUE(read(nullptr)->empty());
    most["one too many"] = 1;
    const std::vector<json::value> refused{most,
                                           json::array{},
                                           "text",
                                           {{"a", 1.5}},
                                           {{"a", nullptr}},
                                           {{"a", json::object{}}},
                                           {{"a", std::uint64_t{1} << 63U}},
                                           {{"", 1}},
                                           {{std::string(129, 'n'), 1}},
                                           {{"a", std::string(513, 'v')}}};
    for (const auto& one : refused)
        EXPECT_EQ(read(one).error().fault, Fault::invalid) << json::serialize(one).substr(0, 80);
}

class ToldTest : public ApiTest {
protected:
    std::string handover(const std::string& key, const std::string& config, const json::object& parameters = {}) {
        return json::serialize(
            json::object{{"continuation-key", key}, {"configuration", config}, {"parameters", parameters}});
    }
    // As a job calls: without a token.
    httpd::RawAnswer hand_over(const std::string& body) { return send("POST", continue_target, body, ""); }

    const std::string key_ = continuation_key("signing key", {"pipeline-2"});
};

TEST_F(ToldTest, a_trigger_takes_parameters_and_texts) {
    EXPECT_EQ(post(trigger_target, R"({"parameters": {"a": true, "b": 2}, "parameter_texts": {"c": "3"}})").status,
              201);
    EXPECT_THAT(conductor_.asked, ElementsAre(R"(pipeline git/demo | by ann {"a":true,"b":2}{"c":"3"})"));
    for (const char* wrong : {R"({"parameters": []})", R"({"parameter_texts": {"a": 1}})",
                              R"({"parameters": {"a": 1}, "parameter_texts": {"a": "1"}})"})
        EXPECT_EQ(post(trigger_target, wrong).status, 400) << wrong;
}

TEST_F(ToldTest, a_job_continues_its_pipeline_with_its_key_alone) {
    EXPECT_EQ(hand_over(handover(key_, "version: 2.1", {{"a", 1}})).status, 200);
    EXPECT_THAT(conductor_.asked, ElementsAre(R"(continue pipeline-2 version: 2.1 {"a":1})"));
}

TEST_F(ToldTest, a_config_that_does_not_compile_is_answered_with_its_place) {
    const auto answer = hand_over(handover(key_, "wrong"));
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("config.yml:1:1"));
}

TEST_F(ToldTest, other_keys_open_nothing) {
    std::string changed = key_;
    changed.back() = changed.back() == '0' ? '1' : '0';
    for (const std::string& key :
         {std::string(), changed, "pipeline-1" + key_.substr(10), std::string(64, 'a'), "." + std::string(64, 'a'),
          std::string(100'000, 'a'), continuation_key("another", {"pipeline-2"})})
        EXPECT_EQ(hand_over(handover(key, "version: 2.1")).status, 401) << key.substr(0, 100);
    EXPECT_EQ(post(continue_target, handover("", "version: 2.1")).status, 401) << "a person's token does not help";
    EXPECT_EQ(hand_over(handover(key_, "")).status, 400);
    EXPECT_EQ(hand_over("[]").status, 400);
    EXPECT_THAT(conductor_.asked, IsEmpty());
}

}  // namespace
}  // namespace gyre::api

#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using ApiTest = ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

// Readable differences: one member a line.
void pretty(std::string& out, const json::value& value, int depth) {
    const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
    if (const auto* object = value.if_object(); object && !object->empty()) {
        out += "{\n";
        for (const auto& [key, member] : *object) {
            out += indent + "  " + json::serialize(json::value(key)) + ": ";
            pretty(out, member, depth + 1);
            out += &member == &(object->end() - 1)->value() ? "\n" : ",\n";
        }
        out += indent + "}";
    } else if (const auto* array = value.if_array(); array && !array->empty()) {
        out += "[\n";
        for (const auto& item : *array) {
            out += indent + "  ";
            pretty(out, item, depth + 1);
            out += &item == &array->back() ? "\n" : ",\n";
        }
        out += indent + "]";
    } else {
        out += json::serialize(value);
    }
}

// tests/golden/api/<name>.json; GYRE_ACCEPT=1 rewrites them.
TEST_F(ApiTest, answers_as_the_golden_files_say) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"v2_me", "/api/v2/me"},
        {"v2_projects", "/api/v2/projects"},
        {"v2_project", "/api/v2/project/git/demo"},
        {"v2_pipelines", "/api/v2/pipeline"},
        {"v2_pipeline", "/api/v2/pipeline/pipeline-2"},
        {"v2_pipeline_errored", "/api/v2/project/git/demo/pipeline/1"},
        {"v2_pipeline_config", "/api/v2/pipeline/pipeline-2/config"},
        {"v2_pipeline_workflows", "/api/v2/pipeline/pipeline-2/workflow"},
        {"v2_workflow", "/api/v2/workflow/workflow-1"},
        {"v2_workflow_jobs", "/api/v2/workflow/workflow-1/job"},
        {"v2_job", "/api/v2/project/git/demo/job/2"},
        {"v2_job_queued", "/api/v2/project/git/demo/job/3"},
        {"v2_artifacts", "/api/v2/project/git/demo/1/artifacts"},
        {"v2_tests", "/api/v2/project/git/demo/2/tests"},
        {"gyre_tasks", "/api/v2/gyre/project/git/demo/job/2/tasks"},
        {"gyre_queue", "/api/v2/gyre/queue"},
        {"v1_me", "/api/v1.1/me"},
        {"v1_build", "/api/v1.1/project/git/demo/2"},
        {"v1_builds", "/api/v1.1/project/git/demo?limit=2"},
        {"v1_artifacts", "/api/v1.1/project/git/demo/1/artifacts"},
        {"v1_tests", "/api/v1.1/project/git/demo/2/tests"},
    };
    const bool accept = std::getenv("GYRE_ACCEPT") != nullptr;
    for (const auto& [name, target] : table) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, 200) << target << answer.body;
        EXPECT_THAT(answer.headers.at("content-type"), HasSubstr("application/json"));
        std::string text;
        pretty(text, *parse_json(answer.body), 0);
        text += "\n";
        const std::string path = GYRE_SOURCE_DIR "/tests/golden/api/" + name + ".json";
        if (accept) std::ofstream(path) << text;
        std::stringstream golden;
        golden << std::ifstream(path).rdbuf();
        EXPECT_EQ(text, golden.str()) << name << ": GYRE_ACCEPT=1 accepts what there is";
    }
    if (accept) GTEST_SKIP() << "the golden files were rewritten: look at what changed";
}

TEST_F(ApiTest, knows_a_project_by_every_form_of_its_slug) {
    for (const char* slug : {"git/demo", "git%2Fdemo", "11111111-2222-4333-8444-555555555555"}) {
        for (const char* rest : {"", "/pipeline", "/pipeline/2", "/job/2", "/2/tests"}) {
            EXPECT_EQ(get("/api/v2/project/" + std::string(slug) + rest).status, 200) << slug << rest;
        }
    }
    for (const char* slug : {"gh/acme/shop", "github/acme/shop", "gh%2Facme%2Fshop", "github%2Facme%2Fshop"}) {
        EXPECT_EQ(get("/api/v2/project/" + std::string(slug)).status, 200) << slug;
        EXPECT_EQ(get("/api/v1/project/" + std::string(slug)).body, "[]") << slug;
    }
}

TEST_F(ApiTest, pages_pipelines) {
    const auto first = json_of("/api/v2/project/git/demo/pipeline?limit=1");
    EXPECT_EQ(first.at("items").as_array().size(), 1U);
    EXPECT_EQ(first.at("items").at(0).at("number"), 2);
    const std::string token(first.at("next_page_token").as_string());
    const auto second = json_of("/api/v2/project/git/demo/pipeline?limit=1&page-token=" + token);
    EXPECT_EQ(second.at("items").at(0).at("number"), 1);
    EXPECT_TRUE(second.at("next_page_token").is_null());
    EXPECT_EQ(json_of("/api/v2/pipeline?branch=other").at("items").as_array().size(), 0U);
    EXPECT_EQ(json_of("/api/v2/pipeline?project-slug=gh/acme/shop").at("items").as_array().size(), 0U);
    EXPECT_EQ(json_of("/api/v2/pipeline?org-slug=git").at("items").as_array().size(), 2U);
}

TEST_F(ApiTest, says_what_is_not_there) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"/api/v2/project/git/none", "Project not found"},
        {"/api/v2/project/git/none/pipeline", "Project not found"},
        {"/api/v2/pipeline/none", "Pipeline not found."},
        {"/api/v2/project/git/demo/pipeline/99", "Pipeline not found."},
        {"/api/v2/project/git/demo/pipeline/x", "Pipeline not found."},
        {"/api/v2/workflow/none", "Workflow not found."},
        {"/api/v2/workflow/none/job", "Workflow not found."},
        {"/api/v2/project/git/demo/job/99", "Job not found."},
        {"/api/v2/project/git/demo/job/0", "Job not found."},
        {"/api/v2/project/git/demo/job/99999999999999999999", "Job not found."},
        {"/api/v2/nothing", "Not found."},
        {"/api/v2/gyre/output/x/101", "There is no such attempt."},
        {"/artifacts/job-build/0/none", "Artifact not found."},
    };
    for (const auto& [target, message] : table) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, 404) << target;
        EXPECT_EQ(answer.body, json::serialize(json::object{{"message", message}})) << target;
    }
    for (const char* bad :
         {"/api/v2/pipeline?limit=0", "/api/v2/pipeline?limit=1000", "/api/v2/pipeline?page-token=x",
          "/api/v1.1/recent-builds?offset=-1", "/api/v1.1/recent-builds?limit=x", "/api/v2/projects?limit=x",
          "/api/v2/project/git/demo/2/tests?limit=-1", "/api/v2/project/git/demo/2/artifacts?limit=1e3",
          "/api/v2/gyre/schedules?limit=99999999999999999999"}) {
        EXPECT_EQ(get(bad).status, 400) << bad;
    }
}

TEST_F(ApiTest, passes_wishes_on_with_the_callers_name) {
    EXPECT_EQ(post("/api/v2/project/git/demo/pipeline", R"({"branch": "main"})").status, 201);
    EXPECT_EQ(post("/api/v2/project/git/demo/pipeline").status, 201);
    EXPECT_EQ(post("/api/v2/project/git/demo/pipeline", R"({"tag": "v1", "parameters": {}})").status, 201);
    EXPECT_EQ(post("/api/v2/gyre/project/git%2Fdemo/push", R"({"ref":"refs/heads/x","before":"a","after":"b"})").status,
              201);
    EXPECT_EQ(post("/api/v2/gyre/project/git/demo/push", R"({"ref":"refs/heads/x"})").status, 200);
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/cancel").status, 202);
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/rerun").body, R"({"workflow_id":"workflow-2"})");
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/rerun", R"({"from_failed": true, "enable_ssh": false})").status, 202);
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/approve/job-hold").status, 202);
    EXPECT_EQ(post("/api/v2/project/git/demo/job/3/cancel").status, 200);
    EXPECT_EQ(post("/api/v1.1/project/git/demo/2/cancel").status, 200);
    const auto retried = parse_json(post("/api/v1.1/project/git/demo/2/retry").body);
    EXPECT_EQ(retried->at("build_num"), 12);
    EXPECT_EQ(retried->at("retry_of"), 2);
    EXPECT_THAT(
        conductor_.asked,
        ElementsAre("pipeline git/demo main| by ann", "pipeline git/demo | by ann", "pipeline git/demo |v1 by ann",
                    "push git/demo refs/heads/x a..b", "push git/demo refs/heads/x ..", "cancel workflow-1 by ann",
                    "rerun workflow-1 from start by ann", "rerun workflow-1 from failed by ann",
                    R"(approve_asked {"job":"job-hold","by":"ann"})", R"(cancel_asked {"job":"job-deploy","by":"ann"})",
                    R"(cancel_asked {"job":"job-test","by":"ann"})", "rerun workflow-1 from start by ann"));
}

TEST_F(ApiTest, refuses_wishes_that_make_no_sense) {
    struct Bad {
        std::string target, body;
        int status;
    };
    const std::string trigger = "/api/v2/project/git/demo/pipeline";
    std::string deep(100, '[');
    const std::vector<Bad> table{
        {trigger, R"({"branch": null})", 400},
        {trigger, R"({"branch": 5})", 400},
        {trigger, R"({"branch": "a", "tag": "b"})", 400},
        {trigger, R"({"parameters": {"x": 1.5}})", 400},
        {trigger, R"({"branch": "gone"})", 404},
        {trigger, R"({"branh": "main"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "/r", "pol": false})", 400},
        {trigger, "[]", 400},
        {trigger, "{", 400},
        {trigger, deep, 400},
        {trigger, "\xff\xfe", 400},
        {trigger, std::string(2 << 20, ' '), 413},
        {"/api/v2/project/git/none/pipeline", "", 404},
        {"/api/v2/workflow/workflow-1/rerun", R"({"jobs": "a"})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"jobs": [1]})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"jobs": []})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"jobs": ["a", "b", "c", "d", "e", "f", "g"]})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"jobs": ["job-test"], "from_failed": true})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"enable_ssh": true})", 400},
        {"/api/v2/workflow/workflow-1/rerun", R"({"from_faild": true})", 400},
        {"/api/v2/gyre/pipeline/none/cancel", "", 404},
        {"/api/v2/workflow/workflow-1/rerun", R"({"from_failed": "yes"})", 400},
        {"/api/v2/workflow/none/cancel", "", 404},
        {"/api/v2/workflow/workflow-1/approve/none", "", 404},
        {"/api/v2/workflow/workflow-1/approve/job-build", "", 404},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "ext::sh -c id"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "--upload-pack=id"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "ftp://x/y"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "relative/path"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "/a\nb"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new", "remote": "/nowhere"})", 400},
        {"/api/v2/projects", R"({"slug": "git/new"})", 400},
        {"/api/v2/projects", R"({"slug": "git/../x", "remote": "/r"})", 400},
        {"/api/v2/projects", R"({"slug": "git/..", "remote": "/r"})", 400},
        {"/api/v2/projects", R"({"slug": "svn/x", "remote": "/r"})", 400},
        {"/api/v2/projects", R"({"slug": "gh/x", "remote": "/r"})", 400},
        {"/api/v2/projects", R"({"slug": "git/demo", "remote": "/r"})", 409},
    };
    for (const auto& bad : table) {
        EXPECT_EQ(post(bad.target, bad.body).status, bad.status) << bad.target << " " << bad.body.substr(0, 80);
    }
}

TEST_F(ApiTest, names_the_members_there_are_to_who_mistypes_one) {
    EXPECT_THAT(post("/api/v2/project/git/demo/pipeline", R"({"branh": "main"})").body,
                HasSubstr("'branh' means nothing here; known are 'branch', 'tag', 'parameters'"));
}

TEST_F(ApiTest, answers_all_others_while_eight_ask_a_remote_that_hangs) {
    std::promise<void> hangs;
    std::promise<void> let_go;
    const std::shared_future<void> gate = let_go.get_future().share();
    std::once_flag first;
    remote_hangs_ = [&] {
        std::call_once(first, [&] { hangs.set_value(); });
        gate.wait();
    };
    std::vector<httpd::RawClient> hung;
    const std::string body = R"({"branch": "hung"})";
    for (int i = 0; i < 8; ++i) {
        hung.emplace_back(socket_).send(
            "POST /api/v2/project/git/demo/pipeline HTTP/1.1\r\nHost: x\r\nCircle-Token: " + admin_token +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    hangs.get_future().wait();
    EXPECT_EQ(get("/health-check").status, 200);
    EXPECT_EQ(get("/api/v1.1/recent-builds").status, 200);
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/cancel").status, 202);
    EXPECT_EQ(post("/api/v2/project/gh/acme/shop/pipeline").status, 201);
    let_go.set_value();
    for (auto& client : hung) EXPECT_EQ(client.receive().status, 201);
}

TEST_F(ApiTest, adds_projects) {
    const auto added = post("/api/v2/projects", R"({"slug": "git/new", "remote": "/srv/new.git", "poll": false})");
    EXPECT_EQ(added.status, 201);
    const auto project = *stores_.project_store().by_slug("git/new");
    EXPECT_EQ(project.default_branch, "trunk");
    EXPECT_FALSE(project.poll);
}

TEST_F(ApiTest, a_hooks_token_announces_the_pushes_of_its_project_until_it_ends) {
    const auto made = post("/api/v2/gyre/project/git/demo/hook-token");
    const std::string token(parse_json(made.body)->at("token").as_string());
    const auto answers = [&](const std::string& method, const std::string& target) {
        const std::string body = R"({"ref":"refs/heads/x","before":"a","after":"b"})";
        return send(method, target, body, "Circle-Token: " + token + "\r\n").status;
    };
    const std::string demo = "/api/v2/gyre/project/git/demo";
    EXPECT_EQ(answers("POST", demo + "/push"), 201);
    for (const char* closed : {"/api/v2/gyre/project/gh/acme/shop/push", "/api/v2/project/git/demo/pipeline",
                               "/api/v2/projects", "/api/v2/gyre/project/git/demo/hook-token"})
        EXPECT_EQ(answers("POST", closed), 401) << closed;
    EXPECT_EQ(send("DELETE", demo + "/hook-token").status, 200);
    EXPECT_EQ(answers("POST", demo + "/push"), 401);
}

TEST_F(ApiTest, opens_to_tokens_in_every_place) {
    const std::string basic = "Authorization: Basic YWRtaW4tdG9rZW4tMDEyMzQ1Njc4OTo=\r\n";
    EXPECT_EQ(send("GET", "/api/v2/me", "", "Circle-Token: " + admin_token + "\r\n").status, 200);
    EXPECT_EQ(send("GET", "/api/v2/me", "", "Authorization: Bearer " + admin_token + "\r\n").status, 200);
    EXPECT_EQ(send("GET", "/api/v2/me", "", basic).status, 200);
    EXPECT_EQ(send("GET", "/api/v2/me?circle-token=" + admin_token, "", "").status, 200);
    EXPECT_EQ(send("GET", "/api/v2/me", "", basic + "Circle-Token: wrong\r\n").status, 401);
}

TEST_F(ApiTest, is_closed_to_everybody_else) {
    for (const auto* route : router_.routes()) {
        const bool open = route->pattern.starts_with("/health") || route->pattern == "/ready" ||
                          route->pattern == "/status" || route->pattern.starts_with("/org/:id/.well-known/") ||
                          route->pattern == "/output/:attempt/:step" || route->pattern == "/api/v2/openapi.json" ||
                          route->pattern == "/api/v2/gyre/session" ||
                          route->pattern == "/api/v2/pipeline/continue";  // opened by its key
        EXPECT_NE(open, static_cast<bool>(route->gatekeeper)) << route->method << " " << route->pattern;
    }
    const auto answer = send("GET", "/api/v2/me", "", "");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, R"({"message":"You must log in first."})");
    for (const char* headers : {"Circle-Token: x\r\n", "Authorization: Basic !!!\r\n", "Authorization: Bearer \r\n",
                                "Cookie: gyre_session=x.1.y\r\n", "Cookie: gyre_session=\r\n"}) {
        EXPECT_EQ(send("GET", "/api/v2/me", "", headers).status, 401) << headers;
        EXPECT_EQ(send("POST", "/api/v2/workflow/workflow-1/cancel", "", headers).status, 401) << headers;
        EXPECT_EQ(send("GET", "/artifacts/job-build/0/bin", "", headers).status, 401) << headers;
        EXPECT_EQ(send("GET", "/api/v2/gyre/output/job-test-0-a1/101", "", headers).status, 401) << headers;
    }
    EXPECT_THAT(conductor_.asked, IsEmpty());
}

TEST_F(ApiTest, keeps_browser_sessions_by_a_cookie) {
    EXPECT_EQ(send("POST", "/api/v2/gyre/session", R"({"token": "wrong"})", "").status, 401);
    EXPECT_EQ(send("POST", "/api/v2/gyre/session", R"({"token": 5})", "").status, 400);
    EXPECT_EQ(
        send("POST", "/api/v2/gyre/session", "{\"token\":\"" + admin_token + "\"}", "Origin: https://evil.test\r\n")
            .status,
        403);
    const auto opened = send("POST", "/api/v2/gyre/session", "{\"token\":\"" + admin_token + "\"}", "");
    ASSERT_EQ(opened.status, 201);
    const auto cookie = opened.headers.at("set-cookie");
    for (const char* property : {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"})
        EXPECT_THAT(cookie, HasSubstr(property));
    EXPECT_THAT(cookie, Not(HasSubstr(admin_token)));
    const std::string header = "Cookie: other=1; " + cookie.substr(0, cookie.find(';')) + "\r\n";
    EXPECT_EQ(send("GET", "/api/v2/me", "", header).status, 200);
    const std::string cancel = "/api/v2/workflow/workflow-1/cancel";
    EXPECT_EQ(send("POST", cancel, "", header).status, 403);
    EXPECT_EQ(send("POST", cancel, "", header + "Origin: https://evil.test\r\n").status, 403);
    EXPECT_EQ(send("POST", cancel, "", header + "Sec-Fetch-Site: cross-site\r\nOrigin: http://test\r\n").status, 403);
    EXPECT_EQ(send("POST", cancel, "", header + "Origin: http://test\r\n").status, 202);
    EXPECT_EQ(send("POST", cancel, "", header + "Sec-Fetch-Site: same-origin\r\n").status, 202);
    EXPECT_THAT(send("DELETE", "/api/v2/gyre/session", "", header).headers.at("set-cookie"), HasSubstr("Max-Age=0"));
    clock_.advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(send("GET", "/api/v2/me", "", header).status, 401);
}

TEST_F(ApiTest, lists_the_queue_without_reading_workflows) {
    const int loads = stores_.trouble().calls("workflow_store.load");
    const int pipelines = stores_.trouble().calls("workflow_store.load_pipeline");
    EXPECT_EQ(json_of("/api/v2/gyre/queue").at("items").at(0).at("job_number"), 3);
    EXPECT_EQ(stores_.trouble().calls("workflow_store.load"), loads);
    EXPECT_EQ(stores_.trouble().calls("workflow_store.load_pipeline"), pipelines);
    EXPECT_EQ(stores_.trouble().calls("task_queue.queued"), 1);
}

TEST_F(ApiTest, runs_chosen_jobs_again_and_cancels_whole_pipelines) {
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/rerun", R"({"jobs": ["job-test"], "sparse_tree": true})").status, 202);
    EXPECT_EQ(post("/api/v2/workflow/workflow-1/rerun", R"({"jobs": ["job-test"], "enable_ssh": true})").status, 202);
    EXPECT_EQ(post("/api/v2/gyre/pipeline/pipeline-2/cancel").body, R"({"message":"Accepted.","canceled":2})");
    EXPECT_THAT(conductor_.asked,
                testing::ElementsAre("rerun workflow-1 job-test by ann", "rerun workflow-1 with ssh job-test by ann",
                                     "cancel workflow-1 by ann", "cancel workflow-2 by ann"));
}

TEST_F(ApiTest, labels_what_was_made_again) {
    const auto tasks = get("/api/v2/gyre/project/git/demo/job/2/tasks");
    EXPECT_NE(tasks.body.find(R"("retried_after":)"), std::string::npos) << tasks.body;
    EXPECT_NE(get("/api/v2/project/git/demo/job/2").body.find("attempt 2: retried after: "), std::string::npos);
    EXPECT_NE(get("/api/v2/workflow/workflow-1/job").body.find(R"("retried_after":)"), std::string::npos);
    auto workflow = *stores_.workflow_store().load({"workflow-1"});
    workflow.max_auto_reruns = 2;
    workflow.auto_reruns = 1;
    workflow.rerun_of = WorkflowId{"before"};
    workflow.id = {"workflow-9"};
    workflow.version = 0;
    for (auto& job : workflow.jobs) job.id.text += "-nine", job.kept_from = JobId{"earlier"};
    ASSERT_TRUE(stores_.workflow_store().commit({.event = {"again"}, .workflows = {workflow}}).ok());
    const auto shown = get("/api/v2/workflow/workflow-9").body;
    EXPECT_NE(shown.find(R"("max_auto_reruns":2,"auto_rerun_number":1,"rerun_of":"before")"), std::string::npos)
        << shown;
}

TEST_F(ApiTest, changes_a_projects_settings) {
    const std::string settings = "/api/v2/project/gh/acme/shop/settings";
    EXPECT_EQ(get(settings).body, R"({"advanced":{"autocancel_builds":false,"forks_receive_secret_env_vars":false}})");
    EXPECT_EQ(send("PATCH", settings, R"({"advanced": {"autocancel_builds": true}})").status, 200);
    EXPECT_EQ(json_of(settings).at("advanced").at("autocancel_builds"), true);
    EXPECT_EQ(send("PATCH", settings, R"({"advanced": {"forks_receive_secret_env_vars": true}})").status, 200);
    EXPECT_EQ(send("PATCH", settings, R"({"advanced": {}})").status, 200);
    for (const char* wrong : {"", "{}", R"({"advanced": 1})", R"({"advanced": {"autocancel_builds": 1}})",
                              R"({"advanced": {"autocancel_builds": false, "forks_receive_secret_env_vars": 1}})",
                              R"({"advanced": {"oss": true}})", R"({"advancd": {}})"})
        EXPECT_EQ(send("PATCH", settings, wrong).status, 400) << wrong;
    EXPECT_EQ(get(settings).body, R"({"advanced":{"autocancel_builds":true,"forks_receive_secret_env_vars":true}})");
}

TEST_F(ApiTest, changes_all_of_a_projects_settings_or_none) {
    const std::string settings = "/api/v2/project/gh/acme/shop/settings";
    const std::string both = R"({"advanced": {"autocancel_builds": true, "forks_receive_secret_env_vars": true}})";
    const auto before = get(settings).body;
    for (const char* fails : {"project_store.change", "audit.add", "secrets.given_to_forks", "secrets.give_to_forks"}) {
        stores_.trouble().on(fails, 1, memory::Mishap::fails);
        EXPECT_EQ(send("PATCH", settings, both).status, 503) << fails;
        EXPECT_EQ(get(settings).body, before) << fails;
    }
    stores_.trouble().on("secrets.give_to_forks", 1, memory::Mishap::lost_answer);
    EXPECT_EQ(send("PATCH", settings, both).status, 503);
    EXPECT_EQ(get(settings).body, before) << "what was stored though the answer was lost";
    EXPECT_EQ(send("PATCH", settings, both).status, 200);
    const auto noted = stores_.audit_log().newest(10, 0)->events;
    ASSERT_EQ(noted.size(), 4U) << "also what was tried and could not be stored";
    for (const auto& event : noted) {
        EXPECT_EQ(event.action, "project.settings.update");
        EXPECT_EQ(json::serialize(event.payload), R"({"autocancel_builds":true,"forks_receive_secret_env_vars":true})");
    }
}

TEST_F(ApiTest, gives_forks_no_secrets_while_another_setting_fails_or_without_a_note) {
    const std::string settings = "/api/v2/project/gh/acme/shop/settings";
    const std::string both = R"({"advanced": {"autocancel_builds": true, "forks_receive_secret_env_vars": true}})";
    for (const char* fails : {"project_store.change", "audit.add"}) {
        stores_.trouble().always(fails, memory::Mishap::fails);
        stores_.trouble().on("secrets.give_to_forks", 2, memory::Mishap::fails);  // nor may it be taken back
        EXPECT_EQ(send("PATCH", settings, both).status, 503) << fails;
        stores_.trouble().calm();
        const auto advanced = json_of(settings).at("advanced");
        EXPECT_EQ(advanced.at("forks_receive_secret_env_vars"), false) << fails;
    }
    EXPECT_TRUE(stores_.audit_log().newest(10, 0)->events.empty());
}

TEST_F(ApiTest, says_that_what_shall_be_canceled_had_ended) {
    auto workflow = *stores_.workflow_store().load({"workflow-1"});
    workflow.status = WorkflowStatus::failed;
    Commit commit{.event = {"over"}, .kind = "test"};
    commit.workflows.push_back(workflow);
    ASSERT_TRUE(stores_.workflow_store().commit(commit));
    const auto answer = post("/api/v2/workflow/workflow-1/cancel");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, R"({"message":"The workflow had ended already: failed.","ended_as":"failed"})");
    const auto job = post("/api/v2/project/git/demo/job/1/cancel");
    EXPECT_EQ(job.body, R"({"message":"The job had ended already: success.","ended_as":"success"})");
    EXPECT_THAT(conductor_.asked, IsEmpty());
}

TEST_F(ApiTest, takes_the_job_that_ran_for_one_that_a_rerun_kept) {
    EXPECT_EQ(json_of("/api/v2/workflow/workflow-2/job").at("items").at(0).at("job_number"), 1);
    EXPECT_EQ(json_of("/api/v2/project/git/demo/job/1").at("latest_workflow").at("id"), "workflow-1");
    EXPECT_EQ(json_of("/api/v1.1/project/git/demo/latest/artifacts?filter=successful").as_array().size(), 5U);
}

TEST_F(ApiTest, filters_builds) {
    EXPECT_EQ(json_of("/api/v1.1/project/git/demo?filter=failed").as_array().size(), 2U);
    EXPECT_EQ(json_of("/api/v1.1/project/git/demo/tree/main?filter=running&limit=1").as_array().size(), 1U);
    EXPECT_EQ(json_of("/api/v1.1/project/git/demo/tree/other/branch").as_array().size(), 0U);
    EXPECT_EQ(json_of("/api/v1.1/recent-builds?shallow=true").as_array().size(), 5U);
}

TEST_F(ApiTest, answers_monitors_without_a_token) {
    for (const char* path : {"/health-check", "/healthcheck", "/status", "/ready"})
        EXPECT_EQ(send("GET", path, "", "").status, 200);
    ready_ = false;
    const auto answer = send("GET", "/ready", "", "");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, R"({"ready":false,"services":{"database":false}})");
    const auto alive = send("GET", "/health-check", "", "");
    EXPECT_EQ(alive.status, 200);
    EXPECT_EQ(alive.body, R"({"status":"impaired","services":{"database":"read"}})");
}

TEST_F(ApiTest, serves_the_web_ui_strictly) {
    const auto index = send("GET", "/", "", "");
    EXPECT_EQ(index.body, "<html>");
    EXPECT_EQ(index.headers.at("cache-control"), "no-cache");
    EXPECT_THAT(index.headers.at("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(send("GET", "/pipelines/x", "", "").body, "<html>");
    EXPECT_EQ(send("GET", "/git/demo/5", "", "").body, "<html>");
    const auto again = send("GET", "/", "", "If-None-Match: " + index.headers.at("etag") + "\r\n");
    EXPECT_EQ(again.status, 304);
    const auto script = send("GET", "/assets/index-abcdef12.js", "", "");
    EXPECT_THAT(script.headers.at("cache-control"), HasSubstr("immutable"));
    for (const char* path : {"/assets/none.js", "/api/none", "/api/v2/none", "/agent/v1/none"}) {
        EXPECT_EQ(send("GET", path, "", "").status, 404) << path;
    }
    EXPECT_EQ(send("POST", "/pipelines", "", "").status, 404);
}

TEST_F(ApiTest, describes_itself) {
    const auto document = json_of("/api/v2/openapi.json");
    EXPECT_TRUE(document.at("paths").at("/workflow/{id}/cancel").as_object().contains("post"));
    std::stringstream written;
    written << std::ifstream(GYRE_SOURCE_DIR "/docs/api/openapi.yaml").rdbuf();
    for (const auto& [path, methods] : document.at("paths").as_object()) {
        for (const auto& [method, details] : methods.as_object()) {
            const std::string line = "\n  " + std::string(path) + ":\n";
            const auto at_path = written.str().find(line);
            EXPECT_NE(at_path, std::string::npos) << path << " is not in docs/api/openapi.yaml";
            const auto end = written.str().find("\n  /", at_path + 1);
            EXPECT_THAT(written.str().substr(at_path, end - at_path), HasSubstr("\n    " + std::string(method) + ":"))
                << path;
        }
    }
}

}  // namespace
}  // namespace gyre::api

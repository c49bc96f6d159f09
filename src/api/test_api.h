#pragma once

// For api's tests: the API served on a unix socket, over the history of test_site.h, with the adapters that the
// test names. Knows none itself.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "api/test_site.h"
#include "base/random.h"
#include "httpd/server.h"

namespace gyre::api {

template <typename Stores, typename LiveNews, typename HandClock>
class ServedApi : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        History(ports_).write();
        api_.add_routes(router_);
        add_health(router_, [this] {
            return HealthReport{ready_, json::object{{"database", ready_}}, json::object{{"database", "read"}}};
        });
        add_site(router_, {{"/index.html", "text/html; charset=utf-8", "<html>", false},
                           {"/assets/index-abcdef12.js", "text/javascript; charset=utf-8", "let x;", true}});
        ASSERT_TRUE(server_.listen_unix(socket_, router_));
        const auto port = server_.listen_tcp("127.0.0.1", 0, router_);
        ASSERT_TRUE(port);
        server_.start();
    }
    void TearDown() override {
        server_.stop();
        std::filesystem::remove_all(folder_);
    }

    static std::string parameters_of(const WantedPipeline& wanted) {
        if (wanted.parameters.empty() && wanted.parameter_texts.empty()) return {};
        return " " + to_json_text(wanted.parameters) + to_json_text(wanted.parameter_texts);
    }

    Wishes wishes() {
        Wishes all;
        all.pipeline = [this](const Project& project, const WantedPipeline& wanted) -> Result<PipelineId> {
            conductor_.note("pipeline " + project.slug + " " + wanted.branch + "|" + wanted.tag + " by " +
                            wanted.actor + parameters_of(wanted));
            if (wanted.branch == "hung") remote_hangs_();
            if (wanted.branch == "gone") return not_found("there is no branch gone");
            return PipelineId{"pipeline-2"};
        };
        all.push = [this](const Project& project, const SeenPush& push) -> Result<PipelineId> {
            conductor_.note("push " + project.slug + " " + push.ref + " " + push.before + ".." + push.after);
            return PipelineId{push.after.empty() ? "" : "pipeline-2"};
        };
        all.look = [this](const Project& project) -> Result<void> {
            conductor_.note("look " + project.slug);
            return {};
        };
        all.add_project = [this](Project project, bool look) -> Result<NewProject> {
            const std::string refusal = look && project.remote == "git@host:closed.git" ? "Permission denied" : "";
            if (project.remote == "/nowhere") return invalid("the remote cannot be read: git: no such repository");
            project.default_branch = "trunk";
            const auto added = stores_.project_store().add(project);
            if (!added) return conflict("There is a project " + project.slug + " already.");
            return NewProject{project, look && refusal.empty(), refusal};
        };
        // Whatever says "wrong" is.
        all.check_orb = [](const std::string& reference, const std::string& text) {
            if (text.find("wrong") == std::string::npos) return CheckedOrb{true, "", json::array{}};
            return CheckedOrb{false, reference + ":1:1: error: wrong", json::array{json::object{{"code", "x"}}}};
        };
        return all;
    }

    httpd::RawAnswer send(const std::string& method, const std::string& target, const std::string& body = {},
                          const std::string& headers = "Circle-Token: " + admin_token + "\r\n") {
        return httpd::RawClient(socket_).request(method, target, body, headers);
    }
    httpd::RawAnswer get(const std::string& target) { return send("GET", target); }
    httpd::RawAnswer post(const std::string& target, const std::string& body = {}) {
        return send("POST", target, body);
    }
    json::value json_of(const std::string& target) { return *parse_json(get(target).body); }

    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gyre-api-" + random_token(4));
    std::string socket_ = folder_ / "s";
    bool ready_ = true;
    std::function<void()> remote_hangs_;  // what the branch "hung" does to those who ask for it
    Stores stores_;
    LiveNews live_;
    HandClock clock_{at(100)};
    AskedConductor conductor_;
    KnownReasons reasons_;
    KnownView view_;
    CountedBell bell_;
    // Of a key that every test has.
    std::unique_ptr<identity::Vault> vault_ = identity::Vault::open(stores_.secret_store(), [] {
                                                  return identity::KeyRing::parse(std::string(64, 'a'));
                                              }).value();
    ApiPorts ports_{conductor_,
                    stores_.pipeline_reads(),
                    stores_.workflow_store(),
                    stores_.project_store(),
                    stores_.token_store(),
                    stores_.run_records(),
                    stores_.output_store(),
                    stores_.blob_store(),
                    stores_.task_queue(),
                    stores_.orb_store(),
                    live_,
                    reasons_,
                    clock_,
                    stores_.schedule_store(),
                    stores_.queue_rules(),
                    view_,
                    stores_.ssh_store(),
                    stores_.audit_log(),
                    bell_,
                    *vault_,
                    stores_.context_store(),
                    stores_.secret_store()};
    Api api_{ports_, wishes(), {"https://ci.test", "signing key"}};
    httpd::Router router_;
    httpd::Server server_;
};

}  // namespace gyre::api

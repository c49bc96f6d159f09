#include "support/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "base/process.h"
#include "support/eventually.h"
#include "support/program.h"

namespace gyre::test {
namespace {

constexpr const char* program = "chromium";
constexpr JsonLimits message_limits{.bytes = 64 << 20, .depth = 64};

struct Pipe {
    Fd read_end;
    Fd write_end;
};

// Above the numbers 3 and 4, which the browser wants for itself.
Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    const Fd low_read(ends[0]);
    const Fd low_write(ends[1]);
    return {Fd(::fcntl(ends[0], F_DUPFD_CLOEXEC, 10)), Fd(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10))};
}

// As text in a program of JavaScript.
std::string quoted(const std::string& text) { return json::serialize(json::string(text)); }

// The elements with a text or aria-label, as an array in JavaScript.
std::string labelled(const std::string& label) {
    return "[...document.querySelectorAll('button, a, [role=tab]')].filter(e => !e.disabled && "
           "((e.getAttribute('aria-label') ?? '') === " +
           quoted(label) + " || e.innerText.trim().split('\\n')[0].trim() === " + quoted(label) + "))";
}

}  // namespace

std::string browser_needs() {
    const auto found = run({.argv = {program, "--version"}});
    return found && found->exit_code == 0 ? "" : "needs chromium: apt-get install chromium";
}

Browser::Browser(const std::string& directory) {
    ::signal(SIGPIPE, SIG_IGN);
    const std::string profile = directory + "/browser";
    std::filesystem::create_directories(profile);
    Pipe commands = make_pipe();
    Pipe answers = make_pipe();
    std::vector<std::string> words{program,
                                   "--headless",
                                   "--no-sandbox",
                                   "--disable-gpu",
                                   "--disable-quic",
                                   "--disable-dev-shm-usage",
                                   "--no-first-run",
                                   "--disable-background-networking",
                                   "--disable-component-update",
                                   "--disable-sync",
                                   "--window-size=1280,900",
                                   "--user-data-dir=" + profile,
                                   "--remote-debugging-pipe",
                                   "about:blank"};
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = directory + "/browser.log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_adddup2(&actions, commands.read_end.get(), 3);
    posix_spawn_file_actions_adddup2(&actions, answers.write_end.get(), 4);
    const int failed = posix_spawnp(&process_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error(std::string("starting chromium: ") + std::strerror(failed));
    to_ = std::move(commands.write_end);
    from_ = std::move(answers.read_end);
    const auto target = call("Target.createTarget", {{"url", "about:blank"}});
    const auto attached = call("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}});
    session_ = attached.at("sessionId").as_string();
}

Browser::~Browser() {
    to_.reset();  // the browser ends when its pipe does
    from_.reset();
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
}

json::object Browser::receive() {
    for (;;) {
        const auto end = unread_.find('\0');
        if (end != std::string::npos) {
            auto message = parse_json(std::string_view(unread_).substr(0, end), message_limits);
            unread_.erase(0, end + 1);
            if (!message || !message->is_object()) throw std::runtime_error("the browser sent no JSON");
            return message->as_object();
        }
        pollfd entry{from_.get(), POLLIN, 0};
        if (::poll(&entry, 1, static_cast<int>(default_patience.count() * 1000)) != 1)
            throw std::runtime_error("the browser does not answer");
        char bytes[65536];
        const auto got = ::read(from_.get(), bytes, sizeof bytes);
        if (got <= 0) throw std::runtime_error("the browser ended");
        unread_.append(bytes, static_cast<std::size_t>(got));
    }
}

json::value Browser::call(const std::string& method, json::object parameters) {
    const int id = ++last_id_;
    json::object message{{"id", id}, {"method", method}, {"params", std::move(parameters)}};
    if (!session_.empty()) message["sessionId"] = session_;
    const std::string text = json::serialize(message) + '\0';
    for (std::size_t sent = 0; sent < text.size();) {
        const auto wrote = ::write(to_.get(), text.data() + sent, text.size() - sent);
        if (wrote <= 0) throw std::runtime_error("the browser takes no commands");
        sent += static_cast<std::size_t>(wrote);
    }
    for (;;) {
        const json::object answer = receive();
        const auto* answered = answer.if_contains("id");
        if (answered == nullptr || answered->to_number<int>() != id) continue;
        if (const auto* error = answer.if_contains("error"))
            throw std::runtime_error(method + ": " + json::serialize(*error));
        return answer.at("result");
    }
}

json::value Browser::evaluate(const std::string& expression) {
    const auto answer =
        call("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
    if (answer.as_object().contains("exceptionDetails"))
        throw std::runtime_error(expression + ": " + json::serialize(answer.at("exceptionDetails")));
    const auto& result = answer.at("result").as_object();
    return result.contains("value") ? result.at("value") : json::value(nullptr);
}

bool Browser::in_page(const std::string& condition) {
    const auto held = evaluate("Boolean(" + condition + ")");
    return held.is_bool() && held.as_bool();
}

void Browser::open(const std::string& url) { call("Page.navigate", {{"url", url}}); }

std::string Browser::text() {
    const auto shown = evaluate("document.body ? document.body.innerText : ''");
    return shown.is_string() ? std::string(shown.as_string()) : "";
}

void Browser::see(const std::string& wanted) {
    try {
        eventually("the page shows '" + wanted + "'", [&] { return text().find(wanted) != std::string::npos; });
    } catch (const std::runtime_error& failed) {
        throw std::runtime_error(std::string(failed.what()) + "; it shows:\n" + text());
    }
}

void Browser::press(const std::string& label) {
    try {
        eventually("there is '" + label + "' to press", [&] { return in_page(labelled(label) + ".length > 0"); });
    } catch (const std::runtime_error& failed) {
        throw std::runtime_error(std::string(failed.what()) + "; the page shows:\n" + text());
    }
    evaluate(labelled(label) + ".at(-1).click()");
}

void Browser::fill(const std::string& selector, const std::string& text) {
    const std::string element = "document.querySelector(" + quoted(selector) + ")";
    eventually("there is " + selector + " to fill", [&] { return in_page(element); });
    evaluate(element + ".focus(), " + element + ".select()");
    call("Input.insertText", {{"text", text}});
}

void Browser::screenshot(const std::string& file) {
    const auto shot = call("Page.captureScreenshot", {{"format", "png"}});
    const Finished decoded = run_as(
        {.argv = {"base64", "-d"}, .home = "/", .directory = "/", .input = std::string(shot.at("data").as_string())});
    write_file(file, decoded.out);
}

}  // namespace gyre::test

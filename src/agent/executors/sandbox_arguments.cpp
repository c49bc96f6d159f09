#include "agent/executors/sandbox_arguments.h"

#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

using Words = std::vector<std::string>;

void append(Words& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

Words beginning(const StagePlan& plan) {
    // clang-format off
    return {plan.bubblewrap, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"};
    // clang-format on
}

void add_command(Words& words, const StagePlan& plan) {
    append(words, {"--chdir", plan.start_directory, "--seccomp", std::to_string(seccomp_descriptor), "--",
                   std::string(wire::injob_directory) + "/gyre-injob", "supervise", "--fd",
                   std::to_string(socket_descriptor), "--confine"});
}

void add_tools(Words& words, const StagePlan& plan) {
    const std::string tools = wire::injob_directory;
    append(words, {"--tmpfs", tools, "--ro-bind", plan.injob, tools + "/gyre-injob"});
    for (const char* name : {"/circleci", "/circleci-agent"}) append(words, {"--symlink", "gyre-injob", tools + name});
    append(words, {"--remount-ro", tools});
}

}  // namespace

std::vector<std::string> arguments_for_staged_root(const StagePlan& plan, const std::string& staged_root) {
    Words words = beginning(plan);
    append(words, {"--dev-bind", staged_root, "/", "--proc", "/proc"});
    add_command(words, plan);
    return words;
}

std::vector<std::string> arguments_for_host_root(const StagePlan& plan) {
    Words words = beginning(plan);
    append(words, {"--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"});
    int text = first_text_descriptor;
    for (const auto& view : plan.views) {
        switch (view.kind) {
            case View::Kind::fresh:
                append(words, {"--tmpfs", view.to});
                break;
            case View::Kind::writable:
                append(words, {"--bind", view.from, view.to});
                break;
            case View::Kind::read_only:
                append(words, {"--ro-bind-try", view.from, view.to});
                break;
            case View::Kind::text:
                append(words, {"--perms", "0644", "--ro-bind-data", std::to_string(text++), view.to});
                break;
            case View::Kind::device:
                append(words, {"--dev-bind", view.from, view.to});
                break;
        }
    }
    add_tools(words, plan);
    add_command(words, plan);
    return words;
}

}  // namespace gyre::agent

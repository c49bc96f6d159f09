// gyre-injob: see supervise.h, pack.h, unpack.h, files.h, terminal.h and circleci.h for what its subcommands do.

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "injob/arguments.h"
#include "injob/circleci.h"
#include "injob/confine.h"
#include "injob/files.h"
#include "injob/home.h"
#include "injob/pack.h"
#include "injob/supervise.h"
#include "injob/terminal.h"
#include "injob/unpack.h"
#include "wire/supervisor_protocol.h"

namespace gyre::injob {
namespace {

using Words = std::vector<std::string>;

int fail(const std::string& message, int code) {
    std::fprintf(stderr, "%s\n", message.c_str());
    return code;
}

int fail(const Error& error, int code) { return fail(error.message, code); }

// A path of the command line, whole.
std::string whole_path(const std::string& path) { return resolve_path(path, here(), current_user().home); }

int run_supervise(const Arguments& arguments) {
    const std::string place = arguments.text("place", "");
    if (arguments.has("confine")) confine_abstract_sockets();  // where the kernel can
    if (arguments.has("socket")) {
        if (const auto done = refuse_system_calls(wire::system_call_filter, arguments.has("refuse-calls")); !done)
            return fail(done.error(), exit_failed);
        auto socket = connect_to_agent(arguments.text("socket"));
        return socket ? supervise(std::move(*socket), place) : fail(socket.error(), exit_failed);
    }
    const auto number = arguments.number("fd", -1);
    if (!number || *number < 3 || *number > 1023) return fail("supervise needs --socket PATH or --fd N", exit_usage);
    return supervise(Fd(static_cast<int>(*number)), place);
}

int run_pack(const Arguments& arguments, PackNames names) {
    PackOptions options;
    options.root = whole_path(arguments.text("root", "."));
    options.home = current_user().home;
    options.names = arguments.has("absolute") ? PackNames::absolute : names;
    options.patterns = arguments.has("glob");
    options.must_match = arguments.has("must-match");
    options.follow_files = names == PackNames::inside;
    options.paths = arguments.rest;
    options.warn = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); };
    if (options.paths.empty()) return fail("nothing is said to be packed", exit_usage);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    const auto packed = pack(STDOUT_FILENO, options);
    if (!packed) return fail(packed.error(), packed.error().fault == Fault::not_found ? exit_no_match : exit_failed);
    return *packed > 0 ? exit_ok : exit_nothing;
}

int run_unpack(const Arguments& arguments) {
    UnpackOptions options;
    options.root = whole_path(arguments.text("root", "."));
    options.absolute = arguments.has("absolute");
    options.staged = arguments.has("staged");
    const auto bytes = arguments.number("max-bytes", options.max_bytes);
    const auto entries = arguments.number("max-entries", options.max_entries);
    if (!bytes) return fail(bytes.error(), exit_usage);
    if (!entries) return fail(entries.error(), exit_usage);
    options.max_bytes = *bytes;
    options.max_entries = *entries;
    if (arguments.has("checkout")) {
        const auto target = checkout_target(options.root);
        if (!target) return fail(target.error(), target.error().fault == Fault::conflict ? exit_occupied : exit_failed);
        if (*target == CheckoutTarget::repository) return exit_again;
    }
    const auto unpacked = unpack(STDIN_FILENO, options);
    if (unpacked) return exit_ok;
    return fail(unpacked.error(), is_closed(options.root) ? exit_refused : exit_failed);
}

int run_cat(const Arguments& arguments) {
    const auto most = arguments.number("max-bytes", 64 << 20);
    if (!most || arguments.rest.size() != 1) return fail("usage: cat FILE [--max-bytes N]", exit_usage);
    const auto copied = copy_file_to(STDOUT_FILENO, whole_path(arguments.rest[0]), *most);
    if (copied) return exit_ok;
    const Fault fault = copied.error().fault;
    return fail(copied.error(), fault == Fault::too_large   ? exit_too_large
                                : fault == Fault::not_found ? exit_not_found
                                                            : exit_failed);
}

int run_find_xml(const Arguments& arguments) {
    const auto most = arguments.number("max-files", 10'000);
    if (!most || arguments.rest.size() != 1) return fail("usage: find-xml DIR [--max-files N]", exit_usage);
    const auto found = find_xml(whole_path(arguments.rest[0]), static_cast<std::size_t>(*most));
    if (!found) return fail(found.error(), exit_not_found);
    std::string text;
    for (const auto& path : found->paths) text += path + '\0';
    if (found->cut) std::fprintf(stderr, "there are more than %lld XML files; the rest is left out\n", *most);
    return write_all(STDOUT_FILENO, text) ? exit_ok : exit_failed;
}

int run_collect(const Arguments& arguments) {
    if (arguments.rest.size() != 1) return fail("usage: collect PATH [--root DIR]", exit_usage);
    Arguments one = arguments;
    one.options["must-match"] = "";
    const int code = run_pack(one, PackNames::inside);
    return code == exit_no_match ? exit_not_found : code;
}

int run_terminal(const Arguments& arguments) {
    const auto columns = arguments.number("columns", 80);
    const auto rows = arguments.number("rows", 24);
    if (!columns || !rows || arguments.rest.empty())
        return fail("usage: terminal [--columns N] [--rows N] -- COMMAND...", exit_usage);
    return become_terminal_program(static_cast<int>(*columns), static_cast<int>(*rows), arguments.rest);
}

struct Subcommand {
    const char* name;
    OptionNames options;
    int (*run)(const Arguments&);
};

const std::vector<Subcommand>& subcommands() {
    static const std::vector<Subcommand> all{
        {"supervise", {{"socket", "fd", "place"}, {"confine", "refuse-calls"}}, run_supervise},
        {"pack",
         {{"root"}, {"absolute", "glob", "must-match"}},
         [](const Arguments& a) { return run_pack(a, PackNames::relative); }},
        {"unpack", {{"root", "max-bytes", "max-entries"}, {"absolute", "checkout", "staged"}}, run_unpack},
        {"collect", {{"root"}, {}}, run_collect},
        {"cat", {{"max-bytes"}, {}}, run_cat},
        {"find-xml", {{"max-files"}, {}}, run_find_xml},
        {"terminal", {{"columns", "rows"}, {}}, run_terminal},
    };
    return all;
}

int run(const std::string& program, const Words& words) {
    const std::string name = program.substr(program.rfind('/') + 1);
    if (name == "circleci" || name == "circleci-agent") return circleci(name, words);
    const std::string wanted = words.empty() ? "" : words[0];
    for (const auto& subcommand : subcommands()) {
        if (wanted != subcommand.name) continue;
        const auto arguments = parse_arguments(std::span(words).subspan(1), subcommand.options);
        return arguments ? subcommand.run(*arguments) : fail(arguments.error(), exit_usage);
    }
    return fail("gyre-injob is started by the agent inside a job; steps call it as circleci or circleci-agent",
                exit_usage);
}

}  // namespace
}  // namespace gyre::injob

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    return gyre::injob::run(argc > 0 ? argv[0] : "", words);
}

// How long compiling a config takes, beside what reading the same bytes costs: libyaml's event loop, and yaml-cpp's
// tree. For bench/config_compile.py: `config_compile CONFIG WHAT [REPEAT]` prints the seconds of one run. For
// bench/config_hostile.py: `config_compile CONFIG check` prints the seconds of CPU of one answer, whatever it is, and
// the megabytes that were resident at most.

#include <sys/resource.h>
#include <yaml-cpp/yaml.h>
#include <yaml.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "config/compile.h"

namespace {

bool compile(const std::string& text) {
    return gyre::config::compile(text, {.file = "config.yml", .branch = "main"}).plan.has_value();
}

bool read_events(const std::string& text) {
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());  // NOLINT
    bool good = true;
    for (bool ended = false; good && !ended;) {
        yaml_event_t event;
        good = yaml_parser_parse(&parser, &event) != 0;
        if (!good) break;
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

rusage usage() {
    rusage now{};
    getrusage(RUSAGE_SELF, &now);
    return now;
}

double seconds(const rusage& one) {
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(one.ru_utime) + of(one.ru_stime);
}

int check(const std::string& text) {
    const double began = seconds(usage());
    const auto result = gyre::config::compile(text, {.file = "config.yml", .branch = "main"});
    const rusage ended = usage();
    const char* answer = result.plan ? "compiles" : gyre::name_of(result.diagnostics.at(0).code).data();
    std::printf("%.6f %.1f %s\n", seconds(ended) - began, static_cast<double>(ended.ru_maxrss) / 1024, answer);
    return 0;
}

bool load(const std::string& text) { return YAML::Load(text).IsMap(); }

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    std::ifstream file(arguments[1]);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string what = arguments[2];
    if (what == "check") return check(text);
    const auto work = what == "compile" ? compile : what == "events" ? read_events : load;
    const int repeat = count > 3 ? std::atoi(arguments[3]) : 1;
    if (!work(text)) {
        std::fprintf(stderr, "%s: the config was refused\n", arguments[2]);
        return 1;
    }
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < repeat; ++i) work(text);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%.9f\n", took.count() / repeat);
}

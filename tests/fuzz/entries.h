#pragma once

// What is fed with any bytes whatsoever: readers of texts that strangers write. Each entry calls one reader, and checks
// what must hold of its answer whatever the text. libFuzzer looks for inputs (main.cpp, `make fuzz`); fuzz_test.cpp
// runs the same entries over the seeds and over some mutations of them in every build.

#include <span>
#include <string>
#include <string_view>

namespace gyre::fuzz {

struct Entry {
    std::string_view name;                       // of the folder of its seeds as well
    std::string (*run)(std::string_view bytes);  // empty, or what does not hold
    int mutations;                               // that the tests try
};

std::span<const Entry> entries();

std::string compile_config(std::string_view bytes);
std::string split_and_evaluate(std::string_view bytes);
std::string cache_key(std::string_view bytes);
std::string junit(std::string_view bytes);
std::string test_results(std::string_view bytes);
std::string frame(std::string_view bytes);
std::string ssh_key(std::string_view bytes);
std::string usage(std::string_view bytes);
std::string image_name(std::string_view bytes);
std::string devices(std::string_view bytes);

}  // namespace gyre::fuzz

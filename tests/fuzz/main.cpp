// One program a reader: GYRE_FUZZ_ENTRY names it. libFuzzer has main().

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "fuzz/entries.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const auto all = gyre::fuzz::entries();
    static const auto entry =
        std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == GYRE_FUZZ_ENTRY; });
    const std::string complaint =
        entry->run(std::string_view(reinterpret_cast<const char*>(data), size));  // NOLINT: libFuzzer's bytes
    if (complaint.empty()) return 0;
    std::fprintf(stderr, "%s\n", complaint.c_str());
    std::abort();
}

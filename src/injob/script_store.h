#pragma once

// Where the supervisor keeps the scripts of running steps: a directory of its own that only the job's user can enter,
// in the first place that lets it be made. Made anew when the job has removed it.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

class ScriptStore {
public:
    // In the first of `places` where a directory can be made.
    explicit ScriptStore(std::vector<std::string> places) : places_(std::move(places)) {}
    ~ScriptStore();
    ScriptStore(const ScriptStore&) = delete;
    ScriptStore& operator=(const ScriptStore&) = delete;

    // The path of a new executable file with that text.
    Result<std::string> write(std::string_view text);
    // A path in the directory, of a file that is not made here.
    std::string halt_file();

private:
    bool make_directory();

    std::vector<std::string> places_;
    std::string directory_;
    long long counter_ = 0;
};

}  // namespace gyre::injob

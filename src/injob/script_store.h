#pragma once

// Where the supervisor keeps the scripts of running steps: a directory of its own that only the job's user can enter,
// in the first place that lets it be made. Made anew when the job has removed it.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::injob {

class ScriptStore {
public:
    explicit ScriptStore(std::string home) : home_(std::move(home)) {}
    ~ScriptStore();
    ScriptStore(const ScriptStore&) = delete;
    ScriptStore& operator=(const ScriptStore&) = delete;

    // The path of a new executable file with that text.
    Result<std::string> write(std::string_view text);
    // A path in the directory, of a file that is not made here.
    std::string halt_file();

private:
    bool make_directory();

    std::string home_;
    std::string directory_;
    long long counter_ = 0;
};

}  // namespace gyre::injob

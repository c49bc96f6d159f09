#pragma once

// Which layer of a workspace brought which file: two of them may not bring the same one unless one's job came after the
// other's. Not thread-safe.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

class LayerFiles {
public:
    // In the order of `layers`, each layer comes after those that its job requires.
    explicit LayerFiles(const wire::Layers& layers);

    // Can this layer be at odds with an earlier one at all? Else its files need not be told.
    bool matters(std::size_t layer) const;
    // `conflict` names the file, and both jobs or copies of a job.
    Result<void> add(std::size_t layer, std::string_view file);

private:
    bool concurrent(std::size_t one, std::size_t other) const;
    std::string complaint(std::size_t one, std::size_t other, std::string_view file) const;

    const wire::Layers& layers_;
    std::unordered_map<std::string, std::size_t> places_;  // of jobs, by id
    // By the name's hash: names may be many. The last layer that brought the file came after all that did before.
    std::unordered_map<std::size_t, std::size_t> owners_;
};

}  // namespace gyre::agent

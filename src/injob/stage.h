#pragma once

// Where an archive of whole paths is unpacked before anybody sees it: hidden directories, each in the deepest directory
// that exists of one of the archive's topmost paths, so that everything gets to its place by being renamed.
// Not thread-safe.

#include <string>
#include <vector>

#include "base/result.h"
#include "injob/beneath.h"

namespace gyre::injob {

using Components = std::vector<std::string>;

class Stage {
public:
    explicit Stage(Beneath& tree) : tree_(tree) {}  // of the root "/"
    ~Stage();                                       // what was not published is gone
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // Where an entry goes meanwhile. One that is not below an earlier one begins another topmost path.
    Result<Components> place(const Components& final);
    // Where an earlier entry went; `invalid` when none can have.
    Result<Components> known_place(const Components& final) const;

    // Directories are merged with those that are there; every other thing appears, or replaces what was there, at once
    // and whole. `conflict`, and nothing has changed, where a directory is in the way of something else.
    Result<void> publish();

private:
    struct Hidden {
        Components in;     // the directory that exists
        std::string name;  // of the hidden one
    };
    struct Top {
        Components path;
        std::size_t hidden;  // which
    };
    const Top* top_of(const Components& final) const;
    Components staged(const Top& top, const Components& final) const;
    Result<std::size_t> hidden_for(const Components& path);

    Beneath& tree_;
    std::vector<Hidden> hidden_;
    std::vector<Top> tops_;
};

}  // namespace gyre::injob

#pragma once

// Images that this machine's agents pulled through a container engine: which they are, when a job used them last, and
// which of them go when they take too much. An engine's images are its user's, too, and those are never removed: ours
// is what was not there before a pull of ours, and has no name but those that our pulls gave it.
//
//   <directory>/<engine>/<image>/  image.json (StoredEngineImage) and lock, see kept_images.h; <engine> stands for its
//                                  socket, <image> is the SHA-256 of its id
//
// A note is made after the pull: an image whose agent died in between is the user's for ever, and so is whatever else
// is in doubt. Not thread-safe; several agents may share the directory.

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/executors/engine_client.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

// image.json. A file of ours, but read as if it were not.
struct StoredEngineImage {
    std::string id;
    std::string store;               // of the engine that has it: another engine may come to listen at its socket
    std::vector<std::string> names;  // that our pulls gave it
};
BOOST_DESCRIBE_STRUCT(StoredEngineImage, (), (id, store, names))

class EngineImages {
public:
    // `directory` is made when it is needed; empty: nothing is noted, and no image removed.
    explicit EngineImages(std::string directory) : directory_(std::move(directory)) {}

    // An image that is there is used by a job: where it is ours it stays until let_go(). False: it is the user's, or
    // was removed meanwhile by another agent, which the engine knows. Error: `not_found`, another agent is just
    // removing it.
    Result<bool> use(const EngineClient& engine, const std::string& id);

    // What stood there before a pull; and what the pull brought, which is used from then on. Nothing of this fails a
    // job.
    using Before = std::optional<std::vector<ListedImage>>;  // nothing: it is not known
    Before before_pull(EngineClient& engine) const;
    void note_pulled(EngineClient& engine, const Before& before, const ImageFacts& pulled);

    void let_go() { used_.clear(); }
    // Removes what no container and no job uses, the longest unused first, until the rest has no more than so many
    // bytes and the engine's disk has least_free(). 0: keeps all. Takes seconds at most; `engine` ought to be impatient
    // (EngineClient::another). Answers with names of what went, for the log.
    std::vector<std::string> keep_within(EngineClient& engine, std::int64_t bytes) const;

private:
    using Names = std::optional<std::vector<std::string>>;
    Result<void> note(EngineClient& engine, const std::vector<ListedImage>& before, const ImageFacts& pulled);
    // All that our pulls gave it, this one included; nothing: it is the user's.
    Names names_given(const EngineClient& engine, const std::vector<ListedImage>& before,
                      const ImageFacts& pulled) const;
    bool is_users(const EngineClient& engine, const ListedImage& image, const std::string& name) const;
    std::optional<StoredEngineImage> note_of(const EngineClient& engine, const std::string& id) const;
    std::string place_of(const EngineClient& engine) const;
    std::string place_of(const EngineClient& engine, const std::string& id) const;

    std::string directory_;
    std::vector<Fd> used_;
};

// What a disk of that size keeps free of images: a twentieth, and 2 GB at least.
std::int64_t least_free(std::int64_t size);

}  // namespace gyre::agent

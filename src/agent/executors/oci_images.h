#pragma once

// Images on this machine without an engine: fetched by skopeo, unpacked by umoci once for each digest, and read by all
// jobs that want them (each writes to an overlay of its own).
//
//   <directory>/names/<SHA-256 of the reference>   the digest that the reference had when it was asked last
//   <directory>/images/<digest>/                   root/, image.json, lock (held, shared, by those who use it)
//   <directory>/new-XXXXXX/                        on its way; its lock is held by the agent that fetches
//
// Which image is used follows docker_image.h: one that is here is used as it is, but for `latest`. As there, the tag is
// looked up once, and what is fetched is the digest that it had. Several agents may share the directory. What jobs did
// not use for the longest time goes, by keep_within(), when all together is more than the budget; never one in use.

#include <boost/describe.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/executors/docker_image.h"
#include "agent/executors/oci_config.h"
#include "agent/executors/oci_tools.h"
#include "base/fd.h"

namespace gyre::agent {

struct OciImage {
    OciImageConfig config;
    std::string root;  // not to be written to
    Fd use;            // keeps it here
};

// image.json. A file of ours, but read as if it were not: a disk may be full.
struct StoredImage {
    std::string id;
    std::string digest;
    std::string user;
    bool preserve_entrypoint = false;
    std::vector<std::string> environment;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string working_directory;
    std::int64_t bytes = 0;  // of its files on disk
};
BOOST_DESCRIBE_STRUCT(StoredImage, (),
                      (id, digest, user, preserve_entrypoint, environment, entrypoint, command, working_directory,
                       bytes))

// What a fetch asks for and may use.
struct ImageWish {
    const ContainerSpec* container = nullptr;
    const Environment* variables = nullptr;                    // that registry credentials may refer to
    const std::vector<wire::RegistryLogin>* logins = nullptr;  // its organization's; see login_for(); null: none
    std::string scratch;  // private to the job: credentials stand there while skopeo runs
    std::function<void(std::string_view)> say;
    int cancel = -1;
};

class OciImages {
public:
    OciImages(std::string directory, OciTools tools) : directory_(std::move(directory)), tools_(std::move(tools)) {}

    // Errors as ensure_image() in docker_image.h.
    Result<OciImage> have(const ImageWish& wish);
    // Removes what nobody uses, the longest unused first, until the rest has no more than so many bytes (0: keeps all);
    // and what killed agents left half made, and names of what is gone. Answers with the references of what went, for
    // the log.
    std::vector<std::string> keep_within(std::int64_t bytes);

private:
    Result<OciImage> fetch(const ImageWish& wish, const ImageReference& image);
    Result<OciImage> unpack(const ImageWish& wish, const ImageReference& image, const std::string& digest);
    Result<OciImage> use(const std::string& digest) const;
    std::string known_digest(const ImageReference& image) const;
    void note_digest(const ImageReference& image, const std::string& digest) const;
    std::string place_of(const std::string& digest) const;

    std::string directory_;
    OciTools tools_;
};

// "sha256:" and 64 lower digits; nothing else may become a name of a directory.
bool is_image_digest(std::string_view text);
// Registries on this machine's loopback may speak plain HTTP, as under the engines.
bool is_loopback_registry(std::string_view registry);
// The text of a file with the credentials for one registry, and none for others: those of this machine's user are no
// job's. Without a user name: none at all.
std::string registry_file(const std::string& registry, const std::string& username, const std::string& password);
// What it means that umoci failed: `invalid` where the image's layers are broken or hostile, `unavailable` where this
// machine could not take them.
Error explain_unpack(const std::string& image, const Finished& unpacked);
// What skopeo takes for that image.
std::string skopeo_source(const ImageReference& image, const std::string& digest);

}  // namespace gyre::agent

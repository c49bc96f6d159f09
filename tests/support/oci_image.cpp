#include "support/oci_image.h"

#include <sched.h>

#include <filesystem>

#include "agent/executors/oci_tools.h"
#include "base/process.h"

namespace gyre::test {
namespace {

// The root's own mode and owner go along.
constexpr const char* publish_script = R"sh(
set -eu
cd "$1"
root=$2 target=$3 login=$4
shift 4
rm -rf layout bundle
umoci init --layout layout
umoci new --image layout:image
umoci unpack --image layout:image bundle
cp -a "$root/." bundle/rootfs/
umoci repack --image layout:image bundle
[ $# = 0 ] || umoci config --image layout:image "$@"
skopeo --insecure-policy copy --dest-tls-verify=false --dest-creds "$login" oci:layout:image "docker://$target"
rm -rf layout bundle
)sh";

}  // namespace

std::string oci_need() {
    if (std::string need = engines_need(); !need.empty()) return need;
    const auto tools = agent::find_oci_tools();
    return tools ? "" : tools.error().message;
}

Result<void> enter_network(const PrivateNetwork& network) {
    if (::setns(network.descriptor(), CLONE_NEWNET) != 0) return errno_error("entering a private network");
    return {};
}

Result<void> publish_oci(const RunningRegistry& registry, const std::string& directory, const OciSample& sample) {
    Command command;
    command.argv = {"sh",
                    "-c",
                    publish_script,
                    "-",
                    directory,
                    sample.root,
                    registry.address + "/" + sample.name + ":" + sample.tag,
                    registry.username + ":" + registry.password};
    command.argv.insert(command.argv.end(), sample.settings.begin(), sample.settings.end());
    GYRE_TRY_ASSIGN(const Finished done, run(command));
    if (done.exit_code != 0) return unavailable("publishing " + sample.name + ": " + done.err);
    return {};
}

}  // namespace gyre::test

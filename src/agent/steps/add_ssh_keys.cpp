#include <fmt/format.h>

#include <algorithm>

#include "agent/home_files.h"
#include "agent/steps/inside_script.h"
#include "agent/steps/steps.h"
#include "model/fingerprint.h"

namespace gyre::agent {
namespace {

// Again changes nothing: a job may name its keys twice.
constexpr const char* add_hosts_script = R"sh(
umask 077
mkdir -p "$GYRE_SSH"
file="$GYRE_SSH/config"
known=
if [ -f "$file" ]; then known=$(cat "$file"); fi
case "$known" in *"$GYRE_HOSTS"*) exit 0 ;; esac
printf '\n%s\n' "$GYRE_HOSTS" >> "$file"
chmod 600 "$file"
)sh";

using Keys = std::vector<const wire::SshKey*>;

bool has_fingerprint(const wire::SshKey& key, const std::string& fingerprint) {
    const std::string wanted = normal_fingerprint(fingerprint);
    return key.md5 == wanted || key.sha256 == wanted;
}

// Those that the step names, in the order of the project. Empty: one is not there, as `output` says.
Keys wanted_keys(const AddSshKeysStep& step, const std::vector<wire::SshKey>& all, StepOutput& output) {
    Keys wanted;
    std::size_t missing = 0;
    for (const std::string& one : step.fingerprints) {
        if (std::ranges::any_of(all, [&](const auto& key) { return has_fingerprint(key, one); })) continue;
        output.say(fmt::format("No SSH key with the fingerprint {}", one));
        ++missing;
    }
    if (missing > 0) return {};
    for (const auto& key : all) {
        const bool named =
            std::ranges::any_of(step.fingerprints, [&](const auto& one) { return has_fingerprint(key, one); });
        if (named || step.fingerprints.empty()) wanted.push_back(&key);
    }
    return wanted;
}

std::string file_of(const wire::SshKey& key) {
    std::string digits = key.md5;
    std::erase(digits, ':');
    return "id_rsa_" + digits;
}

Result<void> write_hosts(const Keys& keys, const std::string& directory, Job& job, StepOutput& output) {
    std::string hosts;
    for (const auto* key : keys)
        hosts += fmt::format("{}Host {}\n  IdentitiesOnly no\n  IdentityFile \"{}/{}\"", hosts.empty() ? "" : "\n",
                             key->hostname.empty() ? "*" : key->hostname, directory, file_of(*key));
    GYRE_TRY_ASSIGN(const int code, run_inside({.script = add_hosts_script,
                                                .directory = "/",
                                                .environment = {{"GYRE_SSH", directory}, {"GYRE_HOSTS", hosts}}},
                                               job, output));
    if (code == 0) return {};
    if (code == no_shell) return invalid("the job has no /bin/sh to write " + directory + "/config with");
    return invalid(directory + "/config cannot be written");
}

Result<void> write_keys(const Keys& keys, const std::string& directory, Job& job) {
    std::vector<HomeFile> files;
    for (const auto* key : keys) {
        const bool known = std::ranges::any_of(files, [&](const auto& file) { return file.path == file_of(*key); });
        if (!known) files.push_back({.path = file_of(*key), .content = key->private_key, .is_private = true});
    }
    return make_files(job, directory, files);
}

}  // namespace

StepEnd carry_out(const AddSshKeysStep& step, Job& job, const Output& output) {
    const auto keys = wanted_keys(step, job.assignment.ssh_keys, *output);
    if (keys.empty() && !step.fingerprints.empty())
        return StepEnd::failed(
            "the job has no SSH key with these fingerprints: add it to the project ('gyre keys add'), or mend the "
            "config; jobs of forks have none");
    if (keys.empty()) {
        output->say("No additional SSH keys are stored for this project; nothing to add.");
        return {};
    }
    const std::string directory = job.path("~/.ssh");
    auto written = write_hosts(keys, directory, job, *output);
    if (written) written = write_keys(keys, directory, job);
    if (!written) return failed_by(written.error().during("adding SSH keys"), job, *output);
    for (const auto* key : keys)
        output->say(fmt::format("Added {} for {}", key->md5, key->hostname.empty() ? "any host" : key->hostname));
    return {};
}

}  // namespace gyre::agent

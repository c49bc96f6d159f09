#include "agent/steps/job_ssh.h"

#include "agent/home_files.h"
#include "agent/steps/inside_script.h"
#include "model/host_keys.h"

namespace gyre::agent {
namespace {

// Line by line: what an image or a cache brought stays.
constexpr const char* know_hosts_script = R"sh(
umask 077
mkdir -p "$GYRE_SSH"
file="$GYRE_SSH/known_hosts"
known=
if [ -f "$file" ]; then known=$(cat "$file"); fi
printf '%s\n' "$GYRE_HOSTS" | while IFS= read -r line; do
    case "$known" in *"$line"*) ;; *) printf '%s\n' "$line" >> "$file" ;; esac
done
)sh";

// False: there is no place for them: the job has no shell, or a home that it cannot write to.
Result<bool> know_hosts(std::string hosts, const std::string& directory, Job& job, StepOutput& output) {
    while (hosts.ends_with('\n')) hosts.pop_back();
    GYRE_TRY_ASSIGN(const int code, run_inside({.script = know_hosts_script,
                                                .directory = "/",
                                                .environment = {{"GYRE_SSH", directory}, {"GYRE_HOSTS", hosts}}},
                                               job, output));
    if (code == 0 || code == no_shell) return code == 0;
    const std::string what = directory + "/known_hosts cannot be written";
    if (const auto& key = job.assignment.checkout_key; key && key->for_job)
        return invalid(what + ", nor can the checkout key: give the job a home that it can write to");
    output.say(what + ": ssh in this job knows no hosts");
    return false;
}

}  // namespace

Result<void> prepare_ssh(const std::string& seen_hosts, Job& job, StepOutput& output) {
    if (!is_over_ssh(job.assignment.source.remote)) return {};
    const std::string directory = job.path("~/.ssh");
    GYRE_TRY_ASSIGN(const bool prepared,
                    know_hosts(std::string(host_keys_of_forges()) + seen_hosts, directory, job, output));
    const auto& key = job.assignment.checkout_key;
    if (!prepared || !key || !key->for_job) return {};
    return make_files(job, directory, {{.path = "id_rsa", .content = key->private_key, .is_private = true}});
}

}  // namespace gyre::agent

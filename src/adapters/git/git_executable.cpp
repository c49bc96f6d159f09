#include "adapters/git/git_executable.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "adapters/git/git_command.h"
#include "base/digest.h"
#include "base/git_damage.h"
#include "base/utf8.h"
#include "model/host_keys.h"
#include "model/remote.h"

namespace gyre::adapters {
namespace {

constexpr const char* config_path = ".circleci/config.yml";
constexpr std::size_t config_limit = 4 << 20;   // bytes
constexpr std::chrono::seconds refs_limit{10};  // for a list of refs; others wait for their turn meanwhile

bool is_revision(const std::string& text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_ref(const std::string& text) {
    return text.starts_with("refs/") && text.size() < 1024 && text.find_first_of(" ~^:?*[\\") == std::string::npos &&
           text.find("..") == std::string::npos;
}

// The fields of `git show` as asked for in read_commit, in order.
CommitInfo commit_from(const std::string& shown) {
    std::istringstream in(shown);
    CommitInfo commit;
    for (std::string* field : {&commit.author_name, &commit.author_email, &commit.author_date, &commit.committer_name,
                               &commit.committer_email, &commit.committer_date, &commit.subject}) {
        std::getline(in, *field, '\0');
    }
    std::getline(in, commit.body, '\0');
    while (!commit.body.empty() && commit.body.back() == '\n') commit.body.pop_back();
    return commit;
}

// JSON wants UTF-8, people want no control characters; a commit may hold anything, and any amount of it.
std::string printable(std::string_view text, std::size_t most) {
    std::string clean(cut_utf8(valid_utf8(text.substr(0, most)), most));
    for (char& c : clean) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\t') c = '?';
    }
    return clean;
}

// git's words for a path that a commit does not have; the second when this process happens to stand beside such a file.
bool tells_of_absence(const std::string& message) {
    return message.find("' does not exist in '") != std::string::npos ||
           message.find("' exists on disk, but not in '") != std::string::npos;
}

std::string config_at(const std::string& revision) { return revision + ":" + config_path; }

// One process for both: starting git is what takes the time. Fails in other words than a question for one of them.
Result<CommitFiles> read_at_once(const std::string& mirror, const std::string& revision) {
    auto shown = git({"--git-dir=" + mirror, "show", "-s", "--encoding=UTF-8", "--no-show-signature",
                      "--format=tformat:%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%s%x00%b%x00", revision,
                      config_at(revision), "--"});
    if (!shown) return shown.error();
    std::size_t end = 0;
    for (int fields = 0; fields < 8; ++fields) {
        end = shown->find('\0', end);
        if (end == std::string::npos) return invalid("git show printed no commit");
        ++end;
    }
    if (end >= shown->size()) return invalid("git show printed no commit");
    const std::string_view rest = std::string_view(*shown).substr(end + 1);
    if (rest.starts_with("\ntree " + config_at(revision))) {
        return not_found(std::string(config_path) + " is no file in commit " + revision.substr(0, 12));
    }
    CommitFiles files{.commit = commit_from(shown->substr(0, end)), .config = std::string(rest)};
    for (std::string* field : {&files.commit.author_name, &files.commit.author_email, &files.commit.author_date,
                               &files.commit.committer_name, &files.commit.committer_email,
                               &files.commit.committer_date, &files.commit.subject}) {
        *field = printable(*field, 1000);
    }
    files.commit.body = printable(files.commit.body, 16'000);
    return files;
}

// Why the config of a commit that is here cannot be read.
Error config_trouble(const std::string& mirror, const std::string& revision) {
    const auto config = git({"--git-dir=" + mirror, "cat-file", "blob", config_at(revision)});
    if (!config && tells_of_absence(config.error().message))
        return not_found(std::string("there is no ") + config_path + " in commit " + revision.substr(0, 12));
    return config ? unavailable("git show: the commit cannot be read now") : config.error();
}

// Where a mirror keeps a ref of its remote.
std::string kept_as(const std::string& ref) { return "refs/gyre/" + sha256_hex(ref).substr(0, 16); }

// As the mirror saw the ref last. That a commit is in the mirror says nothing: it may have come by another ref.
Result<bool> is_on(const std::string& mirror, const std::string& ref, const std::string& revision) {
    const auto asked = git({"--git-dir=" + mirror, "merge-base", "--is-ancestor", revision, kept_as(ref)});
    if (asked) return true;
    const auto& said = asked.error().message;  // another failure is no answer
    if (said.ends_with("exit code 1") || said.find("Not a valid") != std::string::npos) return false;
    return asked.error();
}

using Refs = std::map<std::string, std::string>;

void add_ref(Refs& refs, std::string name, const std::string& value) {
    if (name.ends_with("^{}")) name.resize(name.size() - 3);  // a peeled tag comes after the tag: it wins
    refs[escaped_utf8(name)] = value;
}

// The next line of git's transport: four hexadecimal digits of length, then the line. Nothing at the end.
std::optional<std::string_view> next_packet(std::string_view& rest) {
    unsigned length = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + std::min<std::size_t>(4, rest.size()), length, 16);
    if (read.ptr != rest.data() + 4 || length < 4 || length > rest.size()) return std::nullopt;
    std::string_view line = rest.substr(4, length - 4);
    rest.remove_prefix(length);
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line;
}

// What a repository of this machine offers, from the one process that knows; `ls-remote` starts three. Its first line
// carries, behind a NUL, what it can do, and there where HEAD points to.
Result<Refs> list_local_refs(const std::string& path) {
    GYRE_TRY_ASSIGN(const std::string offered,
                    git({"-c", "safe.directory=*", "upload-pack", "--advertise-refs", path}, refs_limit));
    constexpr std::string_view head = " symref=HEAD:";
    Refs refs;
    std::string_view rest = offered;
    while (const auto line = next_packet(rest)) {
        const auto nul = line->find('\0');
        const std::string_view abilities = nul == std::string_view::npos ? "" : line->substr(nul);
        if (const auto at = abilities.find(head); at != std::string_view::npos) {
            const auto target = abilities.substr(at + head.size());
            refs["HEAD"] = "ref: " + std::string(target.substr(0, target.find(' ')));
        }
        const std::string_view ref = line->substr(0, nul);
        const std::string_view name = ref.substr(std::min(ref.size(), ref.find(' ') + 1));
        if (name.starts_with("refs/heads/") || name.starts_with("refs/tags/"))
            add_ref(refs, std::string(name), std::string(ref.substr(0, ref.find(' '))));
    }
    if (rest != "0000") return invalid("git upload-pack printed no list of refs");
    return refs;
}

std::string mirror_path(const std::string& directory, const std::string& what) {
    return directory + "/" + sha256_hex(what).substr(0, 32) + ".git";
}

}  // namespace

GitExecutable::GitExecutable(std::string directory, KeySource keys)
    : directory_(std::move(directory)), keys_(std::move(keys)) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_ + "/keys", ignored);
}

std::shared_ptr<std::mutex> GitExecutable::lock_of(const std::string& mirror) {
    auto& lock = (*locks_.lock())[mirror];
    if (!lock) lock = std::make_shared<std::mutex>();
    return lock;
}

// The file that names their host keys.
Result<std::string> GitExecutable::known_forges() const {
    std::error_code failed;
    std::filesystem::create_directories(directory_, failed);
    if (failed) return unavailable("creating " + directory_ + ": " + failed.message());
    const std::string file = directory_ + "/known_hosts";
    std::ifstream is(file, std::ios::binary);
    if (std::string(std::istreambuf_iterator<char>(is), {}) == host_keys_of_forges()) return file;
    GYRE_TRY_ASSIGN(const FleetingFile draft, FleetingFile::make(directory_ + "/keys", host_keys_of_forges()));
    std::filesystem::rename(draft.path(), file, failed);  // of a name of its own: several threads may come here at once
    if (failed) return unavailable("writing " + file + ": " + failed.message());
    return file;
}

Result<void> GitExecutable::show_key(Way& way, const ProjectRemote& remote, const Result<std::string>& forges) const {
    if (!keys_ || remote.project.empty()) return {};
    GYRE_TRY_ASSIGN(const auto key, keys_(remote.project));
    if (!key) return {};
    GYRE_TRY(forges);
    GYRE_TRY_ASSIGN(way.key, FleetingFile::make(directory_ + "/keys", *key));
    GYRE_TRY_ASSIGN(way.access.ssh, ssh_with_key({way.key->path(), directory_ + "/seen_hosts", *forges}));
    way.mirror = mirror_path(directory_, remote.url + '\n' + remote.project.text);
    return {};
}

Result<GitExecutable::Way> GitExecutable::way_to(const ProjectRemote& remote) const {
    GYRE_TRY(check_remote(remote.url));
    Way way{Access(remote.url), mirror_path(directory_, remote.url)};
    if (!is_over_ssh(remote.url)) return way;
    const auto forges = known_forges();  // without them, git still knows the hosts that this user's ssh does
    const std::string knows = forges ? ssh_that_knows(*forges) : "";
    if (!knows.empty()) way.access.ssh = knows + way.access.ssh.substr(way.access.ssh.find(' '));
    GYRE_TRY(show_key(way, remote, forges));
    return way;
}

Result<std::map<std::string, std::string>> GitExecutable::list_refs(const ProjectRemote& remote) {
    GYRE_TRY_ASSIGN(const Way way, way_to(remote));
    const auto begin = std::chrono::steady_clock::now();
    if (remote.url.starts_with('/')) {
        auto refs = list_local_refs(remote.url);
        // It hung: ls-remote, which has the better words for what it finds, would hang again.
        const bool hung = !refs && std::chrono::steady_clock::now() - begin > refs_limit / 2;
        if (hung || (refs && !refs->empty())) return refs;
    }
    const Access& access = way.access;
    std::vector<std::string> arguments{"ls-remote", "--symref", "--quiet"};
    arguments.insert(arguments.end(), access.options.begin(), access.options.end());
    arguments.insert(arguments.end(), {"--", access.url, "HEAD", "refs/heads/*", "refs/tags/*"});
    GYRE_TRY_ASSIGN(const std::string listed, git(arguments, access, refs_limit));
    Refs refs;
    std::istringstream in(listed);
    for (std::string line; std::getline(in, line);) {
        const auto tab = line.find('\t');
        if (tab == std::string::npos) continue;
        std::string name = line.substr(tab + 1);
        const std::string value = line.substr(0, tab);
        if (name == "HEAD" && !value.starts_with("ref: ")) continue;  // the symbolic target is what we want
        add_ref(refs, std::move(name), value);
    }
    return refs;
}

Result<void> GitExecutable::make_mirror(const Way& way) const {
    if (std::filesystem::exists(way.mirror + "/HEAD")) return {};
    std::error_code failed;
    std::filesystem::create_directories(directory_, failed);
    if (failed) return unavailable("creating " + directory_ + ": " + failed.message());
    GYRE_TRY(git({"init", "--quiet", "--bare", way.mirror}));
    return {};
}

Result<void> GitExecutable::fetch(const Way& way, const std::string& ref) {
    std::vector<std::string> arguments{"--git-dir=" + way.mirror, "fetch",     "--quiet", "--no-tags",
                                       "--no-write-fetch-head",   "--depth=50"};
    arguments.insert(arguments.end(), way.access.options.begin(), way.access.options.end());
    arguments.insert(arguments.end(), {"--", way.access.url, "+" + ref + ":" + kept_as(ref)});
    const auto fetched = git(arguments, way.access);
    return fetched ? Result<void>() : fetched.error();
}

Result<CommitFiles> GitExecutable::read_config(const ProjectRemote& remote, const std::string& ref,
                                               const std::string& revision) {
    GYRE_TRY(check_remote(remote.url));
    if (!is_revision(revision)) {
        return invalid("'" + revision.substr(0, 80) + "' is not a commit: 40 hexadecimal digits are wanted");
    }
    if (ref.find('\\') != std::string::npos) {  // git has none in names: list_refs wrote it
        return invalid(
            "the name '" + ref.substr(0, 200) +
            "' is not UTF-8 (the \\x stand for its bytes): no job can be told of it; rename the branch or tag");
    }
    if (!is_ref(ref)) return invalid("'" + ref.substr(0, 80) + "' is not a ref such as refs/heads/main");
    GYRE_TRY_ASSIGN(const Way way, way_to(remote));
    const auto mutex = lock_of(way.mirror);
    const std::lock_guard lock(*mutex);
    auto files = read_from_mirror(way, ref, revision);
    if (files || !tells_of_git_damage(files.error().message)) return files;
    std::error_code ignored;
    std::filesystem::remove_all(way.mirror, ignored);
    return read_from_mirror(way, ref, revision);
}

Result<CommitFiles> GitExecutable::read_from_mirror(const Way& way, const std::string& ref,
                                                    const std::string& revision) {
    GYRE_TRY(make_mirror(way));
    const std::string& mirror = way.mirror;
    GYRE_TRY_ASSIGN(const bool known, is_on(mirror, ref, revision));
    if (!known) {
        GYRE_TRY(fetch(way, ref));
        GYRE_TRY_ASSIGN(const bool there, is_on(mirror, ref, revision));
        if (!there)
            return not_found("commit " + revision + " is not reachable from " + ref +
                             " of the remote: neither its tip " +
                             "nor among the 49 before it; was the branch moved meanwhile?");
    }
    auto files = read_at_once(mirror, revision);
    if (!files && files.error().fault == Fault::unavailable) return config_trouble(mirror, revision);
    if (files && files->config.size() > config_limit) {
        return too_large(std::string(config_path) + " has " + std::to_string(files->config.size()) +
                         " bytes; the limit is " + std::to_string(config_limit));
    }
    return files;
}

}  // namespace gyre::adapters

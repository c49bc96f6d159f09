#include "agent/executors/cdi.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "agent/executors/small_files.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

constexpr std::size_t largest_description = 1 << 20;
constexpr std::size_t most_entries = 256;        // of any list: aliases make many of one
constexpr std::size_t most_copied = 1 << 20;     // bytes of texts, likewise; and of what devices have in common:
constexpr std::size_t most_repeated = 16 << 20;  // each of them gets it
constexpr int longest_hook_s = 600;

// A tree of YAML, of which JSON is a part. Aliases point into it, and nothing here follows them deeper than the form of
// a description goes.
class Document {
public:
    explicit Document(std::string_view text) {
        yaml_parser_t parser;
        if (yaml_parser_initialize(&parser) == 0) return;
        yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        loaded_ = yaml_parser_load(&parser, &tree_) == 1;
        if (!loaded_ && parser.problem != nullptr)
            trouble_ = std::string(parser.problem) + " in line " + std::to_string(parser.problem_mark.line + 1);
        yaml_parser_delete(&parser);
    }
    ~Document() {
        if (loaded_) yaml_document_delete(&tree_);
    }
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    // Null: there is none.
    const yaml_node_t* root() { return loaded_ ? yaml_document_get_root_node(&tree_) : nullptr; }
    const std::string& trouble() const { return trouble_; }

    const yaml_node_t* at(const yaml_node_t* mapping, std::string_view key) {
        if (mapping == nullptr || mapping->type != YAML_MAPPING_NODE) return nullptr;
        const auto& pairs = mapping->data.mapping.pairs;
        for (auto* pair = pairs.start; pair != pairs.top; ++pair) {
            if (text(yaml_document_get_node(&tree_, pair->key)) == key)
                return yaml_document_get_node(&tree_, pair->value);
        }
        return nullptr;
    }
    std::string text_at(const yaml_node_t* mapping, std::string_view key) { return copy(at(mapping, key)); }
    // Once more than that is asked for, texts are empty.
    std::size_t copied() const { return copied_; }

    std::vector<const yaml_node_t*> items_at(const yaml_node_t* mapping, std::string_view key) {
        std::vector<const yaml_node_t*> items;
        const auto* list = at(mapping, key);
        if (list == nullptr || list->type != YAML_SEQUENCE_NODE) return items;
        const auto& all = list->data.sequence.items;
        for (auto* one = all.start; one != all.top && items.size() <= most_entries; ++one)
            items.push_back(yaml_document_get_node(&tree_, *one));
        return items;
    }
    std::vector<std::string> texts_at(const yaml_node_t* mapping, std::string_view key) {
        std::vector<std::string> texts;
        for (const auto* one : items_at(mapping, key)) texts.push_back(copy(one));
        return texts;
    }

private:
    std::string copy(const yaml_node_t* node) {
        const auto found = text(node);
        copied_ += found.size();
        return copied_ > most_copied ? std::string() : std::string(found);
    }
    static std::string_view text(const yaml_node_t* node) {
        if (node == nullptr || node->type != YAML_SCALAR_NODE) return {};
        return {reinterpret_cast<const char*>(node->data.scalar.value), node->data.scalar.length};
    }

    yaml_document_t tree_{};
    bool loaded_ = false;
    std::size_t copied_ = 0;
    std::string trouble_ = "it is empty";
};

// The parser takes time by the square of the depth. Brackets in texts count, too: there are not that many.
bool is_too_deep(std::string_view text) {
    constexpr int deepest = 100;
    int depth = 0;
    for (const char c : text) {
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') depth = std::max(depth - 1, 0);
        if (depth > deepest) return true;
    }
    return false;
}

bool is_path(const std::string& text) { return text.starts_with('/') && text.find('\0') == std::string::npos; }

Error wrong(const std::string& what) { return invalid(what.substr(0, 200)); }

Result<CdiNode> read_node(Document& document, const yaml_node_t* from) {
    CdiNode node{.path = document.text_at(from, "path"), .host_path = document.text_at(from, "hostPath")};
    if (const auto allowed = document.text_at(from, "permissions"); !allowed.empty()) node.permissions = allowed;
    if (node.host_path.empty()) node.host_path = node.path;
    if (!is_path(node.path) || !is_path(node.host_path))
        return wrong("a device node needs a path: '" + node.path + "'");
    if (node.permissions.find_first_not_of("rwm") != std::string::npos)
        return wrong(node.path + ": permissions '" + node.permissions + "'");
    return node;
}

Result<CdiMount> read_mount(Document& document, const yaml_node_t* from) {
    CdiMount mount{.host_path = document.text_at(from, "hostPath"),
                   .path = document.text_at(from, "containerPath"),
                   .options = document.texts_at(from, "options")};
    if (!is_path(mount.host_path) || !is_path(mount.path))
        return wrong("a mount needs two paths: '" + mount.path + "'");
    return mount;
}

bool is_moment(const std::string& name) {
    static const std::set<std::string, std::less<>> known{"prestart",       "createRuntime", "createContainer",
                                                          "startContainer", "poststart",     "poststop"};
    return known.contains(name);
}

Result<CdiHook> read_hook(Document& document, const yaml_node_t* from) {
    CdiHook hook{.moment = document.text_at(from, "hookName"),
                 .path = document.text_at(from, "path"),
                 .arguments = document.texts_at(from, "args"),
                 .environment = document.texts_at(from, "env"),
                 .timeout_s = {}};
    if (!is_moment(hook.moment)) return wrong("no hook is called '" + hook.moment + "'");
    if (!is_path(hook.path)) return wrong("a hook needs a path: '" + hook.path + "'");
    if (const auto text = document.text_at(from, "timeout"); !text.empty()) {
        int seconds = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds).ptr;
        if (end != text.data() + text.size() || seconds < 1) return wrong("a hook's timeout is '" + text + "'");
        hook.timeout_s = std::min(seconds, longest_hook_s);
    }
    return hook;
}

Result<EnvVar> read_variable(Document& /*document*/, const std::string& text) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || text.find('\0') != std::string::npos)
        return wrong("'" + text + "' is no NAME=value");
    return EnvVar{text.substr(0, equals), text.substr(equals + 1)};
}

template <typename From, typename Entry, typename Read>
Result<void> read_all(Document& document, const std::vector<From>& from, std::vector<Entry>& to, Read read) {
    if (from.size() > most_entries) return invalid("a list of more than " + std::to_string(most_entries) + " entries");
    for (const auto& one : from) {
        GYRE_TRY_ASSIGN(auto entry, read(document, one));
        to.push_back(std::move(entry));
    }
    return {};
}

Result<CdiEdits> read_edits(Document& document, const yaml_node_t* holder) {
    CdiEdits edits;
    const auto* from = document.at(holder, "containerEdits");
    GYRE_TRY(read_all(document, document.texts_at(from, "env"), edits.environment, read_variable));
    GYRE_TRY(read_all(document, document.items_at(from, "deviceNodes"), edits.nodes, read_node));
    GYRE_TRY(read_all(document, document.items_at(from, "mounts"), edits.mounts, read_mount));
    GYRE_TRY(read_all(document, document.items_at(from, "hooks"), edits.hooks, read_hook));
    return edits;
}

template <typename Entry>
void add_new(std::vector<Entry>& to, const std::vector<Entry>& from) {
    for (const auto& one : from) {
        if (std::ranges::find(to, one) == to.end()) to.push_back(one);
    }
}

bool is_name(std::string_view text, std::string_view also) {
    const auto allowed = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               also.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, allowed);
}

bool is_kind(std::string_view text) {
    const auto slash = text.find('/');
    return slash != std::string_view::npos && is_name(text.substr(0, slash), "-_.") &&
           is_name(text.substr(slash + 1), "-_.");
}

Result<std::vector<CdiDevice>> read_devices(Document& document, const yaml_node_t* root) {
    const std::string kind = document.text_at(root, "kind");
    if (document.text_at(root, "cdiVersion").empty()) return invalid("it has no cdiVersion");
    if (!is_kind(kind)) return wrong("its kind is '" + kind + "', not VENDOR/CLASS");
    const auto before = document.copied();
    GYRE_TRY_ASSIGN(const CdiEdits common, read_edits(document, root));
    const auto listed = document.items_at(root, "devices");
    if (listed.size() > most_entries) return invalid("it has more than " + std::to_string(most_entries) + " devices");
    if ((document.copied() - before) * listed.size() > most_repeated)
        return too_large("what its devices have in common is too much for so many");
    std::vector<CdiDevice> devices;
    for (const auto* one : listed) {
        CdiDevice device{.kind = kind, .name = document.text_at(one, "name"), .own = {}, .common = common};
        if (!is_name(device.name, "-_.:")) return wrong("a device is called '" + device.name + "'");
        GYRE_TRY_ASSIGN(device.own, read_edits(document, one));
        devices.push_back(std::move(device));
    }
    return devices;
}

std::vector<std::string> files_in(const std::string& directory) {
    std::vector<std::string> files;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const auto ending = entry->path().extension();
        const bool named = ending == ".json" || ending == ".yaml" || ending == ".yml";
        std::error_code gone;
        if (named && entry->is_regular_file(gone)) files.push_back(entry->path().string());
    }
    std::ranges::sort(files);
    files.resize(std::min(files.size(), most_entries));
    return files;
}

// Numbers first, in their order.
auto order_of(const CdiDevice& device) {
    const bool number = device.name.find_first_not_of("0123456789") == std::string::npos;
    return std::tuple(device.kind, !number, number ? device.name.size() : 0, device.name);
}

// Where no node is a device's own, those of all tell at least that two names are not surely two cards.
std::set<std::string> nodes_of(const CdiDevice& device) {
    std::set<std::string> nodes;
    for (const auto& node : device.own.nodes.empty() ? device.common.nodes : device.own.nodes)
        nodes.insert(node.host_path);
    return nodes.empty() ? std::set{device.full_name()} : nodes;
}

bool is_within(const std::set<std::string>& part, const std::set<std::string>& whole) {
    return std::ranges::includes(whole, part);
}

// Each card once, by the name that has most of its nodes: descriptions of several makers, or versions, name more of
// them or fewer. A name for several cards is none.
std::vector<CdiDevice> each_once(const std::vector<CdiDevice>& named) {
    std::vector<std::set<std::string>> nodes;
    for (const auto& device : named) nodes.push_back(nodes_of(device));
    std::vector<bool> left_out(named.size());
    for (std::size_t i = 0; i < named.size(); ++i) {
        std::vector<std::size_t> parts;
        for (std::size_t j = 0; j < named.size(); ++j) {
            const bool is_part = nodes[j] != nodes[i] && is_within(nodes[j], nodes[i]);
            if (is_part && named[j].kind == named[i].kind) parts.push_back(j);
        }
        left_out[i] = std::ranges::any_of(parts, [&](std::size_t a) {
            return std::ranges::any_of(
                parts, [&](std::size_t b) { return !is_within(nodes[a], nodes[b]) && !is_within(nodes[b], nodes[a]); });
        });
    }
    std::vector<CdiDevice> once;
    for (std::size_t i = 0; i < named.size(); ++i) {
        bool known = left_out[i];
        for (std::size_t j = 0; j < named.size() && !known; ++j) {
            const bool has_more = nodes[j] != nodes[i] ? is_within(nodes[i], nodes[j]) : j < i;
            known = !left_out[j] && has_more;
        }
        if (!known) once.push_back(named[i]);
    }
    return once;
}

// "all" is no device but a name for every one.
bool is_a_gpu(const CdiDevice& device) { return device.kind.ends_with("/gpu") && device.name != "all"; }

}  // namespace

void CdiEdits::add(const CdiEdits& more) {
    add_new(environment, more.environment);
    add_new(nodes, more.nodes);
    add_new(mounts, more.mounts);
    add_new(hooks, more.hooks);
}

CdiEdits edits_of(std::span<const CdiDevice> devices) {
    CdiEdits edits;
    for (const auto& device : devices) edits.add(device.own);
    for (const auto& device : devices) edits.add(device.common);
    return edits;
}

Result<std::vector<CdiDevice>> read_cdi(std::string_view text) {
    if (text.size() > largest_description) return too_large("it is larger than 1 MB");
    if (is_too_deep(text)) return invalid("it is nested too deeply");
    Document document(text);
    const auto* root = document.root();
    if (root == nullptr) return invalid("it is no YAML: " + document.trouble());
    auto devices = read_devices(document, root);
    if (document.copied() > most_copied) return too_large("its texts have more than 1 MB");
    return devices;
}

std::vector<CdiDevice> find_gpus(const std::string& directories) {
    std::map<std::string, CdiDevice> found;
    std::istringstream names(directories);
    for (std::string directory; std::getline(names, directory, ':');) {
        for (const auto& file : files_in(directory)) {
            auto devices = read_cdi(read_text(file));
            if (!devices) log::warn("gpus", "{} describes no devices: {}", file, devices.error().message);
            if (!devices) continue;
            for (auto& device : *devices) {
                if (is_a_gpu(device)) found.insert_or_assign(device.full_name(), std::move(device));
            }
        }
    }
    std::vector<CdiDevice> gpus;
    for (auto& [name, device] : found) gpus.push_back(std::move(device));
    std::ranges::sort(gpus, {}, order_of);
    gpus.resize(std::min(gpus.size(), most_entries));
    // One that stands here is not to give way to an old description of it.
    const auto absent = std::ranges::stable_partition(gpus, is_there);
    auto once = each_once({gpus.begin(), absent.begin()});
    std::ranges::move(each_once({absent.begin(), absent.end()}), std::back_inserter(once));
    return once;
}

std::vector<std::string> marks_of(const CdiDevice& device, std::span<const CdiDevice> known) {
    auto marks = nodes_of(device);
    for (const auto& other : known) {
        if (other.full_name() == device.full_name()) continue;
        for (const auto& shared : nodes_of(other)) marks.erase(shared);
    }
    marks.insert(device.full_name());
    return {marks.begin(), marks.end()};
}

bool is_there(const CdiDevice& device) {
    const auto there = [](const CdiNode& node) { return find_device(node.host_path).ok(); };
    return std::ranges::all_of(device.own.nodes, there) && std::ranges::all_of(device.common.nodes, there);
}

Result<HostDevice> find_device(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0 || !(S_ISCHR(facts.st_mode) || S_ISBLK(facts.st_mode)))
        return unavailable(path + " is no device of this machine, though a CDI description names it: make that anew");
    return HostDevice{.type = S_ISCHR(facts.st_mode) ? 'c' : 'b',
                      .major = ::major(facts.st_rdev),
                      .minor = ::minor(facts.st_rdev),
                      .mode = facts.st_mode & 0777U,
                      .uid = facts.st_uid,
                      .gid = facts.st_gid};
}

}  // namespace gyre::agent

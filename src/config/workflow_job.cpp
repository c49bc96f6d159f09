#include "config/workflow_job.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.h"
#include "config/fields.h"
#include "config/matrix.h"
#include "config/nearest.h"
#include "config/one_of.h"
#include "config/status_words.h"

namespace gyre::config {
namespace {

constexpr std::size_t longest_serial_group = 512;
constexpr std::size_t price_of_a_draft = 2'000;  // bytes: all that is done with one takes as long as filling so many

void add_status(Context& context, Value at, std::vector<JobStatus>& statuses) {
    if (!at.is(NodeKind::scalar)) return report_wrong_type(context, at, "a status in 'requires'", shape::text);
    const std::vector<JobStatus> meant = statuses_of(at->text);
    for (const JobStatus one : meant) {
        if (std::find(statuses.begin(), statuses.end(), one) == statuses.end()) statuses.push_back(one);
    }
    if (!meant.empty()) return;
    context.report({.code = Code::unknown_status,
                    .at = at,
                    .message = "'" + clipped(at->text, 60) + "' is no status that a job ends with",
                    .expected = one_of(status_words()),
                    .suggestion = nearest(at->text, status_words())});
}

// `{name: status}` or `{name: [status, ...]}`.
void read_conditional_requirement(Context& context, Value item, std::vector<Requirement>& required) {
    for (const Entry& entry : item->entries) {
        const Value status = context.value_of(item, entry);
        const Value key = context.key_of(item, entry);
        if (!status) return;
        Requirement one{key->text, key, {}};
        if (status.is(NodeKind::sequence) && status->items.empty()) {
            context.report({.code = Code::bad_value,
                            .at = status,
                            .message = "no status would do: the job would never run",
                            .expected = "at least one status, or the name alone for success"});
        } else if (status.is(NodeKind::sequence)) {
            for (const Value each : context.items(status)) add_status(context, each, one.statuses);
        } else {
            add_status(context, status, one.statuses);
        }
        required.push_back(std::move(one));
    }
}

JobType read_type(Context& context, const Fields& fields) {
    const std::string type = fields.text("type");
    if (type.empty() || type == "approval") return type.empty() ? JobType::build : JobType::approval;
    context.report({.code = Code::bad_value,
                    .at = fields.get("type"),
                    .message = "a workflow can give a job the type 'approval' only",
                    .expected = "approval",
                    .suggestion = nearest(type, {"approval"})});
    return JobType::build;
}

// All that is required must be met: by a job that is required twice, both times.
std::vector<Requirement> united(Context& context, std::vector<Requirement> required) {
    std::vector<Requirement> each;
    std::map<std::string, std::size_t> seen;
    for (Requirement& one : required) {
        const auto [place, fresh] = seen.emplace(one.name, each.size());
        if (fresh) {
            each.push_back(std::move(one));
            continue;
        }
        Requirement& first = each[place->second];
        if (first.statuses.empty() || one.statuses.empty()) continue;  // reported
        std::erase_if(first.statuses, [&](JobStatus status) {
            return std::find(one.statuses.begin(), one.statuses.end(), status) == one.statuses.end();
        });
        if (!first.statuses.empty()) continue;
        context.report({.code = Code::bad_value,
                        .at = one.at,
                        .message = "'" + clipped(one.name, 60) + "' is required twice, to end in different ways",
                        .expected = "one requirement; a list of statuses means any of them",
                        .notes = {Context::note("the other one", *first.at.node)}});
    }
    return each;
}

// One that is empty only once parameters stand in it is none; one that is written so is a mistake.
void refuse_empty_context(Context& context, Value name) {
    if (!name.is(NodeKind::scalar) || !name->text.empty()) return;
    context.report({.code = Code::bad_value,
                    .at = name,
                    .message = "the name of a context is empty",
                    .expected = "the name of a context, or no 'context' at all"});
}

void refuse_empty_contexts(Context& context, Value contexts) {
    if (!contexts) return;
    refuse_empty_context(context, contexts);
    if (!contexts.is(NodeKind::sequence)) return;
    for (const Value name : context.items(contexts)) refuse_empty_context(context, name);
}

void drop_repeated(std::vector<std::string>& contexts) {
    std::set<std::string> seen;
    std::vector<std::string> unique;
    for (std::string& one : contexts) {
        if (!one.empty() && seen.insert(one).second) unique.push_back(std::move(one));
    }
    contexts = std::move(unique);
}

void report_several_keys(Context& context, Value entry) {
    const Entry& first = entry->entries.front();
    auto& jobs = entry.scope->elements->jobs;
    if (const auto meant = jobs.find(first.key->text); meant != jobs.end()) meant->second.used = true;
    Problem problem{.code = Code::several_keys,
                    .at = context.key_of(entry, first),
                    .message = "an entry of 'jobs' has exactly one key, the job's name; this one has " +
                               std::to_string(entry->entries.size())};
    if (first.value.node->kind == NodeKind::null) {
        problem.message = "the options of '" + first.key->text + "' stand beside it, not below it";
        problem.expected = "'requires', 'filters' and so on indented two columns deeper than the job's name";
    }
    context.report(std::move(problem));
}

// Reads one entry: `name` is the job's, `options` (may be null) what stands below it.
class EntryReader {
public:
    EntryReader(Context& context, Jobs& jobs, Value name, Value options)
        : context_(context), jobs_(jobs), name_(name), options_(options) {}

    void read(std::vector<Draft>& drafts) {
        const Entry* matrix = options_.is(NodeKind::mapping) ? options_->find("matrix") : nullptr;
        if (matrix == nullptr || context_.version == Version::v2) {
            drafts.push_back(read_copy(options_, name_, nullptr));
            return;
        }
        const Value key = context_.key_of(options_, *matrix);
        const Matrix copies = read_matrix(context_, context_.value_of(options_, *matrix), key);
        for (const Arguments& values : copies.copies) {
            if (context_.full()) break;
            read_matrix_copy(copies, values, drafts);
        }
        if (copies.copies.empty())
            drafts.push_back(Draft{.at = name_, .job = name_->text, .available = false, .named = false});
        if (!copies.copies.empty()) return;
        find_job(options_);
        if (element_ != nullptr) element_->used = true;
    }

private:
    // Once for all copies; an approval needs none.
    void find_job(Value options) {
        const Entry* type = options.is(NodeKind::mapping) ? options->find("type") : nullptr;
        const Value said = type == nullptr ? Value{} : context_.value_of(options, *type);
        approval_ = said.is(NodeKind::scalar) && said->text == "approval";
        if (approval_ || sought_) return;
        sought_ = true;
        const Lookup found = find_element(context_, ElementKind::job, name_);
        element_ = found.element;
        if (found.known || context_.leaves_out(Code::unknown_job, name_)) return;
        const std::string near = nearest(name_->text, names_in_scope());
        context_.report({.code = Code::unknown_job,
                         .at = name_,
                         .message = "no job '" + clipped(name_->text, 60) + "' in 'jobs'",
                         .expected = near.empty() ? "the name of a job, or 'type: approval'" : "",
                         .suggestion = near});
    }

    // Job groups are among them: an entry of a workflow may be one of either.
    std::vector<std::string> names_in_scope() const {
        std::vector<std::string> names = element_names(ElementKind::job, *name_.scope);
        for (const auto& one : name_.scope->elements->groups) {
            if (names.size() >= most_candidates) break;
            names.push_back(one.first);
        }
        return names;
    }

    void read_matrix_copy(const Matrix& matrix, const Arguments& values, std::vector<Draft>& drafts) {
        Scope scope = *name_.scope;
        scope.matrix = context_.keep(values);
        const Scope* inside = context_.keep(scope);
        Value options = options_;
        options.scope = inside;
        options.via = context_.keep(Via{Via::Kind::matrix, name_.node, name_.via, inside});
        Value name = name_;
        name.scope = inside;
        name.via = options.via;
        Draft draft = read_copy(options, name, scope.matrix);
        draft.group = matrix.alias.empty() ? name_->text : matrix.alias;
        if (draft.name.empty()) {
            draft.name = name_->text + "-" + joined_values(values);
            draft.name_at = name_;
        }
        drafts.push_back(std::move(draft));
    }

    Draft read_copy(Value options, Value name, const Arguments* matrix) {
        context_.spend(price_of_a_draft, name);
        Draft draft{.at = name, .job = name->text};
        find_job(options);
        const bool open = !approval_ && has_parameters();  // then what no table knows may be one
        const Fields fields(context_, options, keys::workflow_job, name, open);
        draft.type = read_type(context_, fields);
        read_name(fields, draft);
        draft.required = read_requires(context_, fields);
        draft.contexts = fields.texts("context");
        refuse_empty_contexts(context_, fields.get("context"));
        drop_repeated(draft.contexts);
        draft.filters = read_filters(context_, fields.get("filters"));
        draft.serial_group = read_serial_group(context_, fields);
        if (draft.type == JobType::approval) {
            warn_unused_body();
            warn_unused_steps(fields);
        } else {
            make_job(fields, options, name, matrix, draft);
        }
        return draft;
    }

    // What a reference to nothing yields is no name: the job is called as without one.
    void read_name(const Fields& fields, Draft& draft) {
        draft.name = fields.text("name");
        draft.name_at = fields.get("name");
        draft.available = draft.named = draft.name_at || !fields.mentions("name");
        if (!draft.name_at || !draft.name.empty()) return;
        const bool written = !draft.name_at.referred && !draft.name_at->made;
        if (written) {
            context_.report(
                {.code = Code::bad_value,
                 .at = draft.name_at,
                 .message = "the name of the job is empty",
                 .expected = "a name, or no 'name': then the job is called '" + clipped(draft.job, 60) + "'"});
        }
        draft.name_at = {};
    }

    void warn_unused_steps(const Fields& fields) {
        for (const char* key : {"pre-steps", "post-steps"}) {
            if (!fields.has(key)) continue;
            context_.warn({.code = Code::ignored_key,
                           .at = fields.key(key),
                           .message = "'" + std::string(key) + "' does nothing here: an approval runs no steps"});
        }
    }

    // With a job that declares some in version 2 that alone is the mistake.
    bool has_parameters() const {
        if (context_.version == Version::v2_1) return true;
        return element_ != nullptr && element_->body.is(NodeKind::mapping) && element_->body->find("parameters");
    }

    void warn_unused_body() {
        auto& jobs = name_.scope->elements->jobs;
        const auto defined = jobs.find(name_->text);
        if (defined == jobs.end()) return;
        defined->second.used = true;
        context_.warn(
            {.code = Code::ignored_key,
             .at = name_,
             .message = "an approval job runs nothing: the job '" + name_->text + "' defined in 'jobs' is not used",
             .notes = {Context::note("defined here", *defined->second.key.node)}});
    }

    void make_job(const Fields& fields, Value options, Value name, const Arguments* matrix, Draft& draft) {
        if (element_ == nullptr) {
            draft.available = false;
            return;
        }
        JobUse use{.element = element_, .call = {.at = name, .given = {}}};
        if (context_.version == Version::v2_1) use.call.given = given_by(context_, options, &keys::workflow_job);
        if (matrix != nullptr) add_matrix_values(*matrix, use.call);
        use.pre_steps = fields.get("pre-steps");
        use.post_steps = fields.get("post-steps");
        draft.made = jobs_.make(use);
        draft.type = jobs_.at(draft.made).type;
    }

    void report_given_twice(Value given, Value axis) {
        context_.report({.code = Code::bad_matrix,
                         .at = given,
                         .message = "'" + clipped(axis->text, 60) + "' is given by the matrix already",
                         .expected = "it here or in the matrix, not both",
                         .notes = {Context::note("in the matrix", *axis.node)}});
    }

    void add_matrix_values(const Arguments& matrix, Call& call) {
        const Entry* written = options_->find("matrix");
        const Entry* parameters = written->value.node->find("parameters");
        std::map<std::string_view, const Node*> axes;
        if (parameters != nullptr) {
            for (const Entry& one : parameters->value.node->entries) axes.emplace(one.key->text, one.key);
        }
        std::map<std::string_view, Value> beside;
        for (const Given& one : call.given) beside.emplace(one.key->text, one.key);
        for (const auto& [name, argument] : matrix) {
            const auto axis = axes.find(name);
            const Value key = axis == axes.end() ? call.at : Value{axis->second, call.at.via, call.at.scope};
            if (const auto given = beside.find(key->text); given != beside.end())
                report_given_twice(given->second, key);
            call.given.push_back({key, argument.value});
        }
    }

    Context& context_;
    Jobs& jobs_;
    Value name_;
    Value options_;
    bool approval_ = false;
    bool sought_ = false;
    Element* element_ = nullptr;
};

}  // namespace

std::vector<Requirement> read_requires(Context& context, const Fields& fields) {
    std::vector<Requirement> required;
    for (const Value item : context.items(fields.get("requires"))) {
        context.spend(sizeof(Requirement), item);
        if (item.is(NodeKind::scalar)) {
            required.push_back({context.text(item), item, {JobStatus::success}});
        } else if (item.is(NodeKind::mapping)) {
            read_conditional_requirement(context, item, required);
        } else {
            report_wrong_type(context, item, "each item of 'requires'", shape::text);
        }
    }
    return united(context, std::move(required));
}

std::string read_serial_group(Context& context, const Fields& fields) {
    std::string group = fields.text("serial-group");
    const Value written = fields.get("serial-group");
    const bool nothing = written && written.is(NodeKind::scalar) && written->text.empty();
    const bool good = !nothing && std::all_of(group.begin(), group.end(), [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '/';
    });
    if (good && group.size() <= longest_serial_group) return group;
    context.report(
        {.code = Code::bad_value,
         .at = fields.get("serial-group"),
         .message = "not a name of a serial group",
         .expected = "1 to " + std::to_string(longest_serial_group) + " letters, digits, '.', '_', '-' and '/'"});
    return {};
}

void read_workflow_job(Context& context, Value entry, Jobs& jobs, std::vector<Draft>& drafts) {
    if (!entry || entry.is(NodeKind::broken)) return;
    if (entry.is(NodeKind::scalar)) return EntryReader(context, jobs, entry, {}).read(drafts);
    if (!entry.is(NodeKind::mapping) || entry->entries.empty()) {
        return report_wrong_type(context, entry, "each entry of a workflow's 'jobs'", shape::text | shape::mapping);
    }
    if (entry->entries.size() > 1) return report_several_keys(context, entry);
    const Entry& only = entry->entries.front();
    const Value options = context.value_of(entry, only);
    if (!options) return;
    EntryReader(context, jobs, context.key_of(entry, only), options).read(drafts);
}

}  // namespace gyre::config

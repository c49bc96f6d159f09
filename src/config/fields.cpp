#include "config/fields.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/nearest.h"
#include "config/one_of.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

std::vector<std::string> names_of(const MappingSpec& spec, Version version) {
    std::vector<std::string> names;
    for (const KeySpec& key : spec.keys) {
        const bool known = key.since == Since::v2 || version == Version::v2_1;
        if (known && key.standing != Standing::ignored) names.emplace_back(key.name);
    }
    return names;
}

// "a job", "'auth'", "`run`": names of steps are words of the language.
std::string in_sentence(std::string_view mapping) {
    const bool is_step = mapping.find_first_of(" '") == std::string_view::npos;
    return is_step ? "`" + std::string(mapping) + "`" : std::string(mapping);
}

// How to write what the message asks for; nothing where the message says it all.
std::string how_to_write(Shapes shapes) {
    if (shapes == shape::list) return "a list, each item behind '- '";
    if (shapes == shape::mapping) return "a mapping, 'key: value' on the lines below";
    return {};
}

}  // namespace

std::string_view kind_name(const Node& node) {
    switch (node.kind) {
        case NodeKind::null:
            return "nothing";
        case NodeKind::sequence:
            return "a list";
        case NodeKind::mapping:
            return "a mapping";
        case NodeKind::scalar:
        case NodeKind::broken:
            break;
    }
    if (as_boolean(node)) return "true or false";
    if (node.style == ScalarStyle::plain && is_number(node.text)) return "a number";
    return "text";
}

// One that no variable of ours holds is out of the range of its key, which says more than that it is no integer.
bool is_huge_integer(const Node& node) {
    std::string_view digits = node.text;
    if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
    return node.style == ScalarStyle::plain && digits.size() > 18 &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
}

bool fits(const Node& node, Shapes shapes) {
    switch (node.kind) {
        case NodeKind::null:
            return (shapes & shape::nothing) != 0;
        case NodeKind::sequence:
            return (shapes & shape::list) != 0;
        case NodeKind::mapping:
            return (shapes & shape::mapping) != 0;
        case NodeKind::broken:
            return false;
        case NodeKind::scalar:
            break;
    }
    if ((shapes & shape::text) != 0) return true;
    if ((shapes & shape::boolean) != 0 && as_boolean(node)) return true;
    return (shapes & shape::integer) != 0 && (as_integer(node.text).has_value() || is_huge_integer(node));
}

bool holds_anchor(const Entry& entry) {
    const Node& value = *entry.value.node;
    if (entry.value.alias != nullptr || value.source != entry.key->source || value.span.end < entry.key->span.end)
        return true;
    const std::string_view text =
        value.source->text().substr(entry.key->span.end, value.span.end - entry.key->span.end);
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
        const bool starts = at > 0 && std::string_view(" \t[{,").find(text[at - 1]) != std::string_view::npos;
        if (starts && at + 1 < text.size() && is_letter_or_digit(text[at + 1])) return true;
    }
    return false;
}

void report_wrong_type(Context& context, Value value, const std::string& what, Shapes shapes) {
    if (value.is(NodeKind::broken)) return;
    context.report({.code = Code::wrong_type,
                    .at = value,
                    .message = what + " must be " + describe(shapes) + ", not " + std::string(kind_name(*value.node)),
                    .expected = how_to_write(shapes)});
}

std::vector<std::string> texts_of(Context& context, Value value, const std::string& what) {
    std::vector<std::string> texts;
    if (value.is(NodeKind::scalar)) {
        texts.push_back(context.text(value));
    } else if (value.is(NodeKind::sequence)) {
        for (const Value item : context.items(value)) {
            context.spend(sizeof(std::string), item);
            if (item.is(NodeKind::scalar)) {
                texts.push_back(context.text(item));
            } else {
                report_wrong_type(context, item, "each item of " + what, shape::text);
            }
        }
    }
    return texts;
}

Fields::Fields(Context& context, Value mapping, const MappingSpec& spec, Value owner, bool open)
    : context_(context), spec_(spec), open_(open || spec.open) {
    if (!mapping || mapping.is(NodeKind::broken)) return;
    if (!mapping.is(NodeKind::mapping) && !mapping.is(NodeKind::null)) {
        report_wrong_type(context, mapping, in_sentence(spec.name), shape::mapping);
        return;
    }
    fields_.reserve(std::min(mapping->entries.size(), spec.keys.size()));
    for (const Entry& entry : mapping->entries) take(mapping, entry);
    check_required(owner ? owner : mapping);
}

void Fields::take(Value mapping, const Entry& entry) {
    const KeySpec* spec = spec_.find(entry.key->text);
    const bool too_new = spec != nullptr && spec->since == Since::v2_1 && context_.version == Version::v2;
    if (spec == nullptr || (too_new && open_)) {
        if (!open_) unknown(context_.key_of(mapping, entry));
        if (spec_.open && spec == nullptr) misspelled(mapping, entry);
        return;
    }
    seen_ |= bit_of(*spec);
    const Value key = context_.key_of(mapping, entry);
    const Value value = context_.value_of(mapping, entry);
    if (!value || value.is(NodeKind::broken)) return;
    if (too_new) {
        context_.report(
            {.code = Code::needs_version_2_1,
             .at = key,
             .message = "'" + std::string(spec->name) + "' in " + in_sentence(spec_.name) + " needs 'version: 2.1'"});
        return;
    }
    if (usable(*spec, key, value)) fields_.push_back({spec, key, value});
}

bool Fields::usable(const KeySpec& spec, Value key, Value value) {
    const auto quoted = [&] { return "'" + std::string(spec.name) + "'"; };
    if (spec.standing == Standing::ignored || spec.standing == Standing::deprecated) {
        const bool ignored = spec.standing == Standing::ignored;
        const std::string place = quoted() + (spec_.open ? "" : " in " + in_sentence(spec_.name));
        context_.warn(
            {.code = ignored ? Code::ignored_key : Code::deprecated_key,
             .at = key,
             .message = place + (ignored ? " does nothing: " : " is deprecated: ") + std::string(spec.advice)});
        if (ignored) return false;
    }
    if (!fits(*value.node, spec.shapes)) {
        if (value.is(NodeKind::null)) {
            context_.report({.code = Code::missing_key,
                             .at = key,
                             .message = quoted() + " has no value",
                             .expected = describe(spec.shapes)});
        } else {
            report_wrong_type(context_, value, quoted(), spec.shapes);
        }
        return false;
    }
    return !value.is(NodeKind::null);
}

void Fields::unknown(Value key) {
    const bool lenient =
        spec_.lenient == Lenient::always || (spec_.lenient == Lenient::in_2_0 && context_.version == Version::v2);
    if (!lenient && context_.leaves_out(Code::unknown_key, key)) return;
    const std::vector<std::string>& names = known_names();
    const std::string suggestion = nearest(key->text, names);
    const KeySpec* meant = spec_.find(suggestion);
    if (meant != nullptr) seen_ |= bit_of(*meant);  // whoever wrote it has not forgotten that key
    const bool harmless = lenient && (meant == nullptr || (!meant->required && !meant->vital));
    Problem problem{.code = Code::unknown_key,
                    .at = key,
                    .message = "unknown key '" + key->text + "' in " + in_sentence(spec_.name),
                    .expected = suggestion.empty() ? one_of(names) : "",
                    .suggestion = suggestion};
    if (!harmless) return context_.report(std::move(problem));
    problem.message += ", which does nothing";
    context_.warn(std::move(problem));
}

const std::vector<std::string>& Fields::known_names() {
    if (names_.empty()) names_ = names_of(spec_, context_.version);
    return names_;
}

// Where other keys are allowed, one that is nearly a known key is most likely meant as that; unless it holds an anchor.
void Fields::misspelled(Value mapping, const Entry& entry) {
    if (context_.has_warned_enough()) return;
    const Value key = context_.key_of(mapping, entry);
    const bool parked =
        key->text.empty() || key->text.front() == '.' || key->text.front() == '_' || key->text.starts_with("x-");
    const std::string meant = parked ? "" : nearest(key->text, known_names());
    constexpr std::size_t most_missing = 2;  // letters: more are a name of its own
    if (parked || meant.size() > key->text.size() + most_missing || meant.empty() || mentions(meant) ||
        mapping->find(meant) != nullptr || holds_anchor(entry))
        return;
    context_.warn({.code = Code::unknown_key,
                   .at = key,
                   .message = "unknown key '" + clipped(key->text, 60) + "' in " + in_sentence(spec_.name) +
                              ", which does nothing",
                   .suggestion = meant});
}

void Fields::check_required(Value owner) {
    for (const KeySpec& spec : spec_.keys) {
        if (!spec.required || (seen_ & bit_of(spec)) != 0) continue;
        context_.report({.code = Code::missing_key,
                         .at = owner,
                         .message = in_sentence(spec_.name) + " needs '" + std::string(spec.name) + "'"});
    }
}

const Fields::Field* Fields::find(std::string_view key) const {
    const auto found =
        std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.spec->name == key; });
    return found == fields_.end() ? nullptr : &*found;
}

bool Fields::mentions(std::string_view key) const {
    const KeySpec* spec = spec_.find(key);
    return spec != nullptr && (seen_ & bit_of(*spec)) != 0;
}

Value Fields::get(std::string_view key) const {
    const Field* field = find(key);
    return field == nullptr ? Value{} : field->value;
}

Value Fields::key(std::string_view key) const {
    const Field* field = find(key);
    return field == nullptr ? Value{} : field->key;
}

std::string Fields::text(std::string_view key, std::string otherwise) const {
    const Field* field = find(key);
    return field == nullptr ? std::move(otherwise) : context_.text(field->value);
}

bool Fields::flag(std::string_view key, bool otherwise) const {
    const Field* field = find(key);
    return field == nullptr ? otherwise : as_boolean(*field->value.node).value_or(otherwise);
}

std::optional<int> Fields::integer(std::string_view key, int least, int most) const {
    const Field* field = find(key);
    if (field == nullptr) return std::nullopt;
    const std::int64_t number = as_integer(field->value->text).value_or(least - 1);
    if (number >= least && number <= most) return static_cast<int>(number);
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    context_.report({.code = Code::bad_value,
                     .at = field->value,
                     .message = "'" + std::string(key) + "' must be from " + range,
                     .expected = "a whole number from " + range});
    return std::nullopt;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
    const Field* field = find(key);
    return field == nullptr ? std::vector<std::string>{}
                            : texts_of(context_, field->value, "'" + std::string(key) + "'");
}

}  // namespace gyre::config

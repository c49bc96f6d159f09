#include "config/matrix.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/nearest.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::size_t most_copies = 1024;
constexpr std::size_t most_axes = 100;
constexpr std::size_t most_excluded = 1024;  // each takes a copy away

struct Axis {
    std::string name;
    Value key;
    std::vector<Value> values;
};

std::vector<Axis> read_axes(Context& context, Value mapping) {
    std::vector<Axis> axes;
    for (const Entry& entry : mapping->entries) {
        Axis axis{entry.key->text, context.key_of(mapping, entry), {}};
        const Value list = context.value_of(mapping, entry);
        if (list.is(NodeKind::sequence)) {
            axis.values = context.items(list);
        } else if (list && !list.is(NodeKind::broken)) {
            report_wrong_type(context, list, "the values of '" + clipped(axis.name, 60) + "'", shape::list);
        }
        if (list.is(NodeKind::sequence) && axis.values.empty()) {
            context.report({.code = Code::bad_matrix,
                            .at = list,
                            .message = "'" + clipped(axis.name, 60) + "' has no values, so there is nothing to run",
                            .expected = "a list of at least one value"});
        }
        axes.push_back(std::move(axis));
    }
    return axes;
}

std::vector<std::string> names_of(const std::vector<Axis>& axes) {
    std::vector<std::string> names;
    for (const Axis& axis : axes) names.push_back(axis.name);
    return names;
}

std::size_t count_copies(const std::vector<Axis>& axes) {
    std::size_t count = axes.empty() ? 0 : 1;
    for (const Axis& axis : axes) {
        count *= axis.values.size();
        if (count > most_copies) return most_copies + 1;
    }
    return count;
}

// A combination that does not run.
struct Excluded {
    Value at;
    Arguments values = {};
    bool fixed = true;  // all of it is written here: it would be the same for every pipeline
    bool met = false;
};

using Names = std::set<std::string, std::less<>>;

// An entry names the matrix's parameters, all of them and no others.
bool check_names(Context& context, Value item, const std::vector<Axis>& axes, const Names& names) {
    bool good = true;
    std::set<std::string_view> given;
    for (const Entry& entry : item->entries) {
        const std::string& name = entry.key->text;
        if (names.contains(name)) given.insert(name);
        if (context.full() || names.contains(name)) continue;
        good = false;
        context.report({.code = Code::bad_matrix,
                        .at = context.key_of(item, entry),
                        .message = "the matrix has no parameter '" + clipped(name, 60) + "', so this excludes nothing",
                        .suggestion = nearest(name, names_of(axes))});
    }
    if (!good || given.size() >= names.size()) return good;
    const auto missing =
        std::find_if(axes.begin(), axes.end(), [&](const Axis& axis) { return !given.contains(axis.name); });
    context.report({.code = Code::bad_matrix,
                    .at = item,
                    .message = "an entry of 'exclude' must give a value to each parameter; '" +
                               clipped(missing->name, 60) + "' is missing"});
    return false;
}

std::vector<Excluded> read_excluded(Context& context, Value list, const std::vector<Axis>& axes) {
    std::vector<Excluded> excluded;
    Names names;
    for (const Axis& axis : axes) names.insert(axis.name);
    for (const Value item : context.items(list)) {
        if (!item.is(NodeKind::mapping)) {
            report_wrong_type(context, item, "each entry of 'exclude'", shape::mapping);
            continue;
        }
        Excluded one{.at = item};
        for (const Entry& entry : item->entries) {
            const Value value = context.value_of(item, entry);
            if (!value || value.is(NodeKind::broken) || value.referred || value->made) one.fixed = false;
            if (value) one.values[entry.key->text] = {value};
        }
        if (check_names(context, item, axes, names)) excluded.push_back(std::move(one));
    }
    return excluded;
}

// Puts numbers in the place of values, equal ones for equal values: texts and texts, lists and mappings only with
// themselves. Each value is looked at once, however many combinations it is in.
class Numbers {
public:
    using Combination = std::vector<int>;  // in the order of the parameters' names

    Combination operator()(const Arguments& values) {
        Combination numbers;
        for (const auto& [name, argument] : values) numbers.push_back(of(*argument.value.node));
        return numbers;
    }

private:
    int of(const Node& value) {
        if (value.kind == NodeKind::null) return 0;
        const auto [known, fresh] = of_nodes_.try_emplace(&value, 0);
        if (fresh) {
            int& number = value.kind == NodeKind::scalar ? of_texts_[value.text] : known->second;
            if (number == 0) number = ++last_;
            known->second = number;
        }
        return known->second;
    }

    std::map<const Node*, int> of_nodes_;
    std::map<std::string_view, int> of_texts_;
    int last_ = 0;
};

void drop_excluded(std::vector<Arguments>& copies, std::vector<Excluded>& excluded) {
    if (excluded.empty()) return;
    Numbers numbers;
    std::map<Numbers::Combination, std::vector<Excluded*>> known;
    for (Excluded& one : excluded) known[numbers(one.values)].push_back(&one);
    std::erase_if(copies, [&](const Arguments& copy) {
        const auto found = known.find(numbers(copy));
        if (found == known.end()) return false;
        for (Excluded* one : found->second) one->met = true;
        return true;
    });
}

void warn_of_idle(Context& context, const std::vector<Excluded>& excluded) {
    for (const Excluded& one : excluded) {
        if (one.met || !one.fixed) continue;
        context.warn({.code = Code::bad_matrix,
                      .at = one.at,
                      .message = "the matrix has no such combination, so this excludes nothing"});
    }
}

std::vector<Arguments> combine(Context& context, const std::vector<Axis>& axes, std::size_t count, Value at) {
    std::vector<Arguments> copies;
    std::vector<std::size_t> digits(axes.size(), 0);
    for (std::size_t n = 0; n < count; ++n) {
        if (!context.spend(512 * axes.size(), at)) return {};
        Arguments& copy = copies.emplace_back();
        for (std::size_t i = 0; i < axes.size(); ++i) copy[axes[i].name] = {axes[i].values[digits[i]]};
        for (std::size_t i = axes.size(); i-- > 0;) {
            if (++digits[i] < axes[i].values.size()) break;
            digits[i] = 0;
        }
    }
    return copies;
}

// Of an executor its name and what it is given: copies that differ must not be called the same.
std::string text_in_name(Value value) {
    if (value.is(NodeKind::scalar)) return value->text;
    if (!value.is(NodeKind::mapping)) return {};
    const Entry* name = value->find("name");
    std::string text = name == nullptr ? "" : name->value.node->text;
    for (const Entry& entry : value->entries) {
        const Node& given = *entry.value.node;
        if (&entry == name || given.kind != NodeKind::scalar || has_marks(given.text)) continue;
        text += (text.empty() ? "" : "-") + given.text;
    }
    return text;
}

// Whether it may be read: nothing is done for what is over a limit.
bool has_size(Context& context, const Fields& fields, Value at) {
    const auto fits_in = [&](std::size_t size, std::size_t most, const std::string& what) {
        if (size <= most) return true;
        context.report({.code = Code::bad_matrix,
                        .at = at,
                        .message = "the matrix has more than " + std::to_string(most) + " " + what + ", the limit"});
        return false;
    };
    const Value excluded = fields.get("exclude");
    return fits_in(fields.get("parameters")->entries.size(), most_axes, "parameters") &&
           fits_in(excluded ? excluded->items.size() : 0, most_excluded, "entries in 'exclude'");
}

}  // namespace

Matrix read_matrix(Context& context, Value value, Value at) {
    Matrix matrix;
    const Fields fields(context, value, keys::matrix, at);
    matrix.alias = fields.text("alias");
    if (!fields.has("parameters") || !has_size(context, fields, at)) return matrix;
    const std::vector<Axis> axes = read_axes(context, fields.get("parameters"));
    auto excluded = read_excluded(context, fields.get("exclude"), axes);
    const std::size_t count = count_copies(axes);
    if (count > most_copies) {
        context.report({.code = Code::bad_matrix,
                        .at = at,
                        .message = "the matrix has more than " + std::to_string(most_copies) + " copies, the limit"});
        return matrix;
    }
    matrix.copies = combine(context, axes, count, at);
    drop_excluded(matrix.copies, excluded);
    if (matrix.copies.empty() && count > 0) {
        context.report(
            {.code = Code::bad_matrix, .at = at, .message = "'exclude' leaves nothing of the matrix to run"});
    } else if (axes.empty()) {
        context.report({.code = Code::bad_matrix,
                        .at = at,
                        .message = "the matrix has no parameters",
                        .expected = "parameters of the job, each with a list of values"});
    }
    warn_of_idle(context, excluded);
    return matrix;
}

std::string joined_values(const Arguments& values) {
    std::string text;
    for (const auto& [name, argument] : values) text += (text.empty() ? "" : "-") + text_in_name(argument.value);
    return text;
}

}  // namespace gyre::config

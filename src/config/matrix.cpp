#include "config/matrix.h"

#include <algorithm>

namespace gyre::config {
namespace {

constexpr std::size_t most_copies = 1024;

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

std::size_t count_copies(const std::vector<Axis>& axes) {
    std::size_t count = axes.empty() ? 0 : 1;
    for (const Axis& axis : axes) {
        count *= axis.values.size();
        if (count > most_copies) return most_copies + 1;
    }
    return count;
}

bool same_value(Value a, Value b) {
    if (a->kind != b->kind) return false;
    if (a->kind == NodeKind::scalar) return a->text == b->text;
    return a.node == b.node;
}

bool excludes(const Arguments& excluded, const Arguments& copy) {
    return excluded.size() == copy.size() && std::all_of(excluded.begin(), excluded.end(), [&](const auto& one) {
               const auto found = copy.find(one.first);
               return found != copy.end() && same_value(one.second.value, found->second.value);
           });
}

void check_excluded(Context& context, Value item, const Arguments& excluded, const std::vector<Axis>& axes) {
    for (const Axis& axis : axes) {
        if (excluded.contains(axis.name)) continue;
        context.report({.code = Code::bad_matrix,
                        .at = item,
                        .message = "an entry of 'exclude' must give a value to each parameter; '" +
                                   clipped(axis.name, 60) + "' is missing"});
        return;
    }
}

std::vector<Arguments> read_excluded(Context& context, Value list, const std::vector<Axis>& axes) {
    std::vector<Arguments> excluded;
    for (const Value item : context.items(list)) {
        if (!item.is(NodeKind::mapping)) {
            report_wrong_type(context, item, "each entry of 'exclude'", shape::mapping);
            continue;
        }
        Arguments one;
        for (const Entry& entry : item->entries) {
            const Value value = context.value_of(item, entry);
            if (value) one[entry.key->text] = {value};
        }
        check_excluded(context, item, one, axes);
        excluded.push_back(std::move(one));
    }
    return excluded;
}

std::vector<Arguments> combine(Context& context, const std::vector<Axis>& axes, std::size_t count, Value at) {
    std::vector<Arguments> copies;
    std::vector<std::size_t> digits(axes.size(), 0);
    for (std::size_t n = 0; n < count; ++n) {
        if (!context.spend(128 * axes.size(), at)) return {};
        Arguments& copy = copies.emplace_back();
        for (std::size_t i = 0; i < axes.size(); ++i) copy[axes[i].name] = {axes[i].values[digits[i]]};
        for (std::size_t i = axes.size(); i-- > 0;) {
            if (++digits[i] < axes[i].values.size()) break;
            digits[i] = 0;
        }
    }
    return copies;
}

}  // namespace

Matrix read_matrix(Context& context, Value value, Value at) {
    Matrix matrix;
    const Fields fields(context, value, keys::matrix, at);
    matrix.alias = fields.text("alias");
    matrix.alias_at = fields.get("alias");
    if (!fields.has("parameters")) return matrix;
    const std::vector<Axis> axes = read_axes(context, fields.get("parameters"));
    const auto excluded = read_excluded(context, fields.get("exclude"), axes);
    const std::size_t count = count_copies(axes);
    if (count > most_copies) {
        context.report({.code = Code::bad_matrix,
                        .at = at,
                        .message = "the matrix has more than " + std::to_string(most_copies) + " copies, the limit"});
        return matrix;
    }
    matrix.copies = combine(context, axes, count, at);
    std::erase_if(matrix.copies, [&](const Arguments& copy) {
        return std::any_of(excluded.begin(), excluded.end(), [&](const Arguments& one) { return excludes(one, copy); });
    });
    if (matrix.copies.empty() && count > 0) {
        context.report(
            {.code = Code::bad_matrix, .at = at, .message = "'exclude' leaves nothing of the matrix to run"});
    } else if (axes.empty()) {
        context.report({.code = Code::bad_matrix,
                        .at = at,
                        .message = "the matrix has no parameters",
                        .expected = "parameters of the job, each with a list of values"});
    }
    return matrix;
}

std::string joined_values(const Arguments& values) {
    std::string text;
    for (const auto& [name, argument] : values) {
        text += (text.empty() ? "" : "-");
        if (argument.value.is(NodeKind::scalar)) {
            text += argument.value->text;
        } else if (argument.value.is(NodeKind::mapping) && argument.value->find("name") != nullptr) {
            text += argument.value->find("name")->value.node->text;
        }
    }
    return text;
}

}  // namespace gyre::config

#include <algorithm>

#include "config/context.h"
#include "config/elements.h"
#include "config/logic.h"
#include "config/nearest.h"
#include "config/pipeline_values.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_expressions = 24;  // a byte: reading one takes as long as copying so many

// Finds what references mean in the scope of one scalar.
class Finder {
public:
    Finder(Context& context, Value at, std::size_t from) : context_(context), at_(at), from_(from) {}

    // Nothing after a report.
    std::optional<Value> find(const std::string& reference) {
        const ReferenceParts parts = split_reference(reference);
        const std::string name(parts.name);
        switch (parts.space) {
            case Namespace::parameters:
                return find_parameter(name, reference);
            case Namespace::pipeline_parameters:
                return find_pipeline_parameter(name, reference);
            case Namespace::pipeline:
                return find_pipeline_value(name, reference);
            case Namespace::matrix:
                return find_in(at_.scope->matrix, name, reference, "this matrix has no parameter");
            case Namespace::none:
                break;
        }
        report_nothing(reference, name);
        return std::nullopt;
    }

    // For what a short cut leaves unevaluated.
    void mark_used(std::string_view reference) {
        const auto [space, name] = split_reference(reference);
        const Arguments* arguments = space == Namespace::pipeline_parameters ? &context_.pipeline_parameters
                                     : space == Namespace::parameters        ? at_.scope->parameters
                                                                             : nullptr;
        if (arguments == nullptr) return;
        const auto found = arguments->find(name);
        if (found != arguments->end() && found->second.declared != nullptr) found->second.declared->used = true;
    }

private:
    std::optional<Value> find_parameter(const std::string& name, const std::string& reference) {
        const Arguments* parameters = at_.scope->parameters;
        const bool of_pipeline = !at_.scope->elements->is_orb && context_.pipeline_parameters.contains(name);
        if (parameters != nullptr) {
            const std::string complaint = "the " + std::string(name_of(at_.scope->element->kind)) + " '" +
                                          at_.scope->element->name + "' declares no parameter";
            if (!of_pipeline || parameters->contains(name)) return find_in(parameters, name, reference, complaint);
            report(reference, complaint + " '" + name + "'", "pipeline.parameters." + name, {},
                   Code::unknown_parameter);
            return std::nullopt;
        }
        report(reference, "there are no parameters here: only commands, executors and jobs have them",
               of_pipeline ? "pipeline.parameters." + name : "");
        return std::nullopt;
    }

    std::optional<Value> find_pipeline_parameter(const std::string& name, const std::string& reference) {
        if (at_.scope->elements->is_orb) {
            report(reference, "an orb does not see the parameters of the pipeline", "",
                   "a parameter of the orb's element, to which the config gives the value");
            return std::nullopt;
        }
        return find_in(&context_.pipeline_parameters, name, reference, "the config declares no pipeline parameter");
    }

    std::optional<Value> find_in(const Arguments* arguments, const std::string& name, const std::string& reference,
                                 const std::string& complaint) {
        if (arguments == nullptr) {
            report(reference, "'" + reference + "' stands outside of any matrix");
            return std::nullopt;
        }
        const auto found = arguments->find(name);
        if (found != arguments->end()) {
            if (found->second.declared != nullptr) found->second.declared->used = true;
            return found->second.value;
        }
        if (context_.leaves_out(Code::unknown_parameter, at_)) return std::nullopt;
        std::vector<std::string> names;
        for (const auto& one : *arguments) {
            if (names.size() < most_candidates) names.push_back(one.first);
        }
        const std::string near = nearest(name, names);
        const std::string space = reference.substr(0, reference.size() - name.size());
        report(reference, complaint + " '" + name + "'", near.empty() ? "" : space + near, {}, Code::unknown_parameter);
        return std::nullopt;
    }

    std::optional<Value> find_pipeline_value(const std::string& name, const std::string& reference) {
        if (auto value = pipeline_value(context_.input(), name)) return context_.scalar_like(at_, *value);
        if (context_.leaves_out(Code::unknown_reference, at_)) return std::nullopt;
        const std::vector<std::string> names = pipeline_value_names();
        const std::string near = nearest(name, names);
        report(reference, "there is no pipeline value '" + reference + "'", near.empty() ? "" : "pipeline." + near);
        return std::nullopt;
    }

    void report_nothing(const std::string& reference, const std::string& name) {
        if (context_.leaves_out(Code::unknown_reference, at_)) return;
        const std::string near = nearest(reference.substr(0, reference.find('.')), reference_namespaces());
        report(reference, "'" + reference + "' refers to nothing", near.empty() ? std::string() : near + "." + name,
               "parameters.*, pipeline.* or matrix.*");
    }

    void report(const std::string& reference, std::string message, std::string suggestion = {},
                std::string expected = {}, Code code = Code::unknown_reference) {
        if (context_.leaves_out(code, at_)) return;
        context_.report({.code = code,
                         .at = context_.part_of(at_, reference, from_),
                         .message = std::move(message),
                         .expected = std::move(expected),
                         .suggestion = std::move(suggestion)});
    }

    Context& context_;
    Value at_;
    std::size_t from_ = 0;  // of the expression in the scalar's text
};

// One that goes on over the end of a line was most likely meant to end on it.
void report_unclosed(Context& context, std::string_view first_line, Value at, std::size_t from) {
    context.report({.code = Code::bad_expression,
                    .at = context.part_of(at, first_line, from),
                    .message = "this reference has no '>>' on its line",
                    .expected = "'>>' behind it; '\\<<' where '<<' is text"});
}

void report_bad(Context& context, const ExpressionError& error, std::string_view expression, Value at,
                std::size_t from) {
    if (context.leaves_out(Code::bad_expression, at)) return;
    if (const auto end = expression.find('\n'); end != std::string_view::npos)
        return report_unclosed(context, expression.substr(0, end), at, from);
    Value place = context.part_of(at, expression, from);
    if (place.node != at.node && error.at.end > error.at.begin && error.at.end <= expression.size()) {
        place = context.part_of(place, {place->span.begin + error.at.begin, place->span.begin + error.at.end});
    }
    context.report({.code = Code::bad_expression,
                    .at = place,
                    .message = error.message,
                    .expected = error.expected,
                    .suggestion = error.suggestion});
}

}  // namespace

std::optional<Expression> Context::parse(std::string_view expression, Value at, std::size_t from) {
    if (!spend(price_of_expressions * expression.size(), at)) return std::nullopt;
    auto parsed = parse_expression(expression);
    if (auto* right = std::get_if<Expression>(&parsed)) return std::move(*right);
    report_bad(*this, std::get<ExpressionError>(parsed), expression, at, from);
    return std::nullopt;
}

std::optional<Operand> Context::evaluate(std::string_view expression, Value at, std::size_t from) {
    const auto parsed = parse(expression, at, from);
    return parsed ? evaluate(*parsed, expression, at, from) : std::nullopt;
}

std::optional<Operand> Context::evaluate(const Expression& parsed, std::string_view expression, Value at,
                                         std::size_t from) {
    Finder finder(*this, at, from);
    for (const Expression::Reference& one : parsed.references()) finder.mark_used(one.name);
    const auto look_up = [&](const Expression::Reference& reference) -> std::optional<Operand> {
        const auto value = finder.find(reference.name);
        if (!value || !spend((*value)->text.size(), at)) return std::nullopt;
        if (!value->is(NodeKind::sequence) && !value->is(NodeKind::mapping)) return operand_of(*value);
        report({.code = Code::wrong_type,
                .at = at,
                .message = "'" + reference.name + "' is a list or a mapping and must stand alone",
                .expected = "nothing else beside '<< " + reference.name + " >>'"});
        return std::nullopt;
    };
    auto result = parsed.evaluate(look_up, pattern_steps);
    if (auto* operand = std::get_if<std::optional<Operand>>(&result)) return std::move(*operand);
    report_bad(*this, std::get<ExpressionError>(result), expression, at, from);
    return std::nullopt;
}

namespace {

// Puts the parts of a scalar together. Every mistake is said, also in what a section leaves out.
class Renderer {
public:
    Renderer(Context& context, Value at) : context_(context), at_(at) {}

    void add(const TemplatePart& part) {
        switch (part.kind) {
            case PartKind::text:
                append(part.text);
                break;
            case PartKind::expression:
                if (const auto operand = evaluate(part)) append(text_of(*operand));
                break;
            case PartKind::section:
            case PartKind::inverted_section:
                open(part);
                break;
            case PartKind::section_end:
                close(part);
                break;
        }
    }

    bool has_complained_enough() const { return context_.full() || wrong_parts_ >= most_wrong_parts; }

    // Nothing after a report.
    std::optional<std::string> finish() {
        for (const auto& one : open_)
            report(one.name, one.from, "'<<# " + one.name + " >>' has no '<</ " + one.name + " >>'");
        return wrong_parts_ > 0 ? std::nullopt : std::optional(std::move(text_));
    }

private:
    struct Section {
        std::string name;
        std::size_t from = 0;
        bool is_kept = true;
    };

    void append(const std::string& text) {
        const bool kept = std::all_of(open_.begin(), open_.end(), [](const Section& one) { return one.is_kept; });
        if (kept && context_.spend(text.size(), at_)) text_ += text;
    }

    std::optional<Operand> evaluate(const TemplatePart& part) {
        auto operand = context_.evaluate(part.text, at_, part.at.begin);
        if (!operand) ++wrong_parts_;
        return operand;
    }

    void open(const TemplatePart& part) {
        if (open_.size() >= deepest_sections) return report(part.text, part.at.begin, "sections are nested too deep");
        const auto operand = evaluate(part);
        open_.push_back({part.text, part.at.begin, operand && is_truthy(*operand) == (part.kind == PartKind::section)});
    }

    void close(const TemplatePart& part) {
        if (open_.empty() || open_.back().name != part.text) {
            return report(part.text, part.at.begin, "'<</ " + part.text + " >>' ends no section that is open here");
        }
        open_.pop_back();
    }

    void report(const std::string& part, std::size_t from, std::string message) {
        ++wrong_parts_;
        if (context_.leaves_out(Code::bad_expression, at_)) return;
        context_.report({.code = Code::bad_expression,
                         .at = context_.part_of(at_, part, from),
                         .message = clipped(message),
                         .expected = "'<<# name >>' and '<</ name >>' in pairs"});
    }

    static constexpr std::size_t deepest_sections = 32;
    static constexpr int most_wrong_parts = 100;
    Context& context_;
    Value at_;
    std::string text_;
    std::vector<Section> open_;
    int wrong_parts_ = 0;
};

}  // namespace

Value Context::resolve(Value scalar) {
    if (!spend(scalar->text.size(), scalar)) return {};
    const auto parts = split_template(scalar->text);
    if (parts.size() == 1 && parts.front().kind == PartKind::expression)
        return resolve_whole(parts.front().text, scalar);
    Renderer renderer(*this, scalar);
    for (const TemplatePart& part : parts) {
        if (renderer.has_complained_enough()) break;
        renderer.add(part);
    }
    auto text = renderer.finish();
    if (!text) return broken_like(scalar);
    if (exhausted_) return {};
    if (*text == scalar->text) return scalar;
    const bool only_escapes =
        std::all_of(parts.begin(), parts.end(), [](const auto& one) { return one.kind == PartKind::text; });
    return scalar_like(scalar, std::move(*text), only_escapes ? scalar->style : ScalarStyle::quoted);
}

// A scalar that is nothing but a reference is what it refers to, whatever that is.
Value Context::resolve_whole(std::string_view expression, Value scalar) {
    const auto parsed = parse(expression, scalar, 0);
    if (!parsed) return broken_like(scalar);
    const auto name = parsed->lone_reference();
    if (!name) {
        const auto operand = evaluate(*parsed, expression, scalar, 0);
        Value made = operand ? scalar_like(scalar, *operand) : broken_like(scalar);
        made.referred = true;
        return made;
    }
    const auto value = Finder(*this, scalar, 0).find(std::string(*name));
    if (!value) return broken_like(scalar);
    return {value->node, keep(Via{Via::Kind::argument, scalar.node, scalar.via}), value->scope, true};
}

}  // namespace gyre::config

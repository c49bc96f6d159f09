#include "config/expression.h"
#include "config/reference.h"
#include "fuzz/entries.h"

namespace gyre::fuzz {
namespace {

using config::Expression;
using config::ExpressionError;
using config::Operand;

// An answer of some type, by the name's length and last character; none for some.
std::optional<Operand> look_up(const Expression::Reference& reference) {
    switch (reference.name.size() % 5) {
        case 0:
            return Operand(reference.name);
        case 1:
            return Operand(reference.name.back() % 2 == 0);
        case 2:
            return Operand(config::Number{"7", 7});
        case 3:
            return Operand();
        default:
            return std::nullopt;
    }
}

bool lies_within(config::Span at, std::size_t size) { return at.begin <= at.end && at.end <= size; }

std::string check(const ExpressionError& error, std::string_view text) {
    if (error.message.empty()) return "an error says nothing";
    return lies_within(error.at, text.size()) ? "" : "an error lies outside of '" + std::string(text) + "'";
}

std::string evaluate(std::string_view text) {
    const auto parsed = config::parse_expression(text);
    if (const auto* error = std::get_if<ExpressionError>(&parsed)) return check(*error, text);
    const auto& expression = std::get<Expression>(parsed);
    const auto references = expression.references();
    for (const auto& one : references) {
        if (!lies_within(one.at, text.size()) || text.substr(one.at.begin, one.at.end - one.at.begin) != one.name)
            return "a reference is not where it is said to be: " + one.name;
    }
    if (expression.lone_reference() && references.size() != 1) return "a lone reference is not alone";
    std::uint64_t steps = 100'000;
    const auto result = expression.evaluate(look_up, steps);
    if (steps > 100'000) return "matching gave steps back";
    if (const auto* error = std::get_if<ExpressionError>(&result)) return check(*error, text);
    const auto& operand = std::get<std::optional<Operand>>(result);
    if (!operand && references.empty()) return "there is no result though nothing was looked up";
    return {};
}

}  // namespace

// The parts cover the text without gaps, has_marks() says the same, and every expression is read or refused with a
// place.
std::string split_and_evaluate(std::string_view bytes) {
    const auto parts = config::split_template(bytes);
    std::size_t end = 0;
    bool was_text = false;
    for (const config::TemplatePart& part : parts) {
        if (part.at.begin != end || !lies_within(part.at, bytes.size())) return "parts leave a gap or overlap";
        const bool is_text = part.kind == config::PartKind::text;
        if (was_text && is_text) return "two parts of text stand side by side";
        if (part.text.size() > part.at.end - part.at.begin) return "a part grew";
        end = part.at.end;
        was_text = is_text;
        if (std::string wrong = !is_text ? evaluate(part.text) : ""; !wrong.empty()) return wrong;
    }
    if (end != bytes.size()) return "parts end too early";
    const bool is_itself =
        parts.empty() || (parts.size() == 1 && parts[0].kind == config::PartKind::text && parts[0].text == bytes);
    if (config::has_marks(bytes) == is_itself) return "has_marks and split_template disagree";
    return evaluate(bytes);
}

}  // namespace gyre::fuzz

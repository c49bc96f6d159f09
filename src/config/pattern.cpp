#include "config/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace gyre::config {
namespace {

constexpr std::size_t longest_expression = 1000;
constexpr std::uint32_t deepest = 10'000;
constexpr std::uint32_t heap_kilobytes = 1024;
constexpr std::array<std::uint32_t, 4> tries{100, 1'000, 10'000, 100'000};  // steps; few expressions need the second

using Bytes = PCRE2_SPTR8;

Bytes bytes_of(std::string_view text) {
    return reinterpret_cast<Bytes>(text.data());  // NOLINT: the C interface wants unsigned char
}

std::string explain(int error) {
    std::array<PCRE2_UCHAR8, 200> text{};
    pcre2_get_error_message_8(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());  // NOLINT: the C interface has unsigned char
}

struct Matcher {
    std::unique_ptr<pcre2_match_data_8, decltype(&pcre2_match_data_free_8)> data{pcre2_match_data_create_8(1, nullptr),
                                                                                 &pcre2_match_data_free_8};
    std::unique_ptr<pcre2_match_context_8, decltype(&pcre2_match_context_free_8)> context{
        pcre2_match_context_create_8(nullptr), &pcre2_match_context_free_8};
};

}  // namespace

Result<Pattern> Pattern::make(std::string_view written) {
    Pattern pattern;
    if (written.size() < 2 || written.front() != '/' || written.back() != '/') {
        pattern.literal_ = written;
        return pattern;
    }
    const std::string_view expression = written.substr(1, written.size() - 2);
    if (expression.size() > longest_expression) {
        return invalid("the expression is longer than " + std::to_string(longest_expression) + " bytes, the limit");
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code_8* code = pcre2_compile_8(
        bytes_of(expression), expression.size(),
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &error,
        &offset, nullptr);
    if (code == nullptr) {
        return invalid(explain(error) + " at character " + std::to_string(offset + 1) + " of '" +
                       std::string(expression) + "'");
    }
    pattern.code_ = std::shared_ptr<void>(code, [](void* it) { pcre2_code_free_8(static_cast<pcre2_code_8*>(it)); });
    return pattern;
}

Match Pattern::matches(std::string_view name, std::uint64_t& budget) const {
    if (!code_) return name == literal_ ? Match::yes : Match::no;
    const Matcher matcher;
    if (!matcher.data || !matcher.context) return Match::too_expensive;
    pcre2_set_depth_limit_8(matcher.context.get(), deepest);
    pcre2_set_heap_limit_8(matcher.context.get(), heap_kilobytes);
    for (const std::uint32_t steps : tries) {
        const std::uint64_t price = steps + name.size();  // a step may look at every byte
        if (budget < price) return Match::too_expensive;
        budget -= price;
        pcre2_set_match_limit_8(matcher.context.get(), steps);
        const int found = pcre2_match_8(static_cast<pcre2_code_8*>(code_.get()), bytes_of(name), name.size(), 0, 0,
                                        matcher.data.get(), matcher.context.get());
        if (found >= 0) return Match::yes;
        if (found == PCRE2_ERROR_NOMATCH) return Match::no;
        if (found != PCRE2_ERROR_MATCHLIMIT) return Match::too_expensive;
    }
    return Match::too_expensive;
}

}  // namespace gyre::config

#include "agent/junit.h"

#include "base/json.h"
#include "base/utf8.h"
#include "fuzz/entries.h"

namespace gyre::fuzz {
namespace {

std::string check(const TestCase& one) {
    if (one.message.size() > agent::longest_test_message) return "a message is too long";
    for (const std::string* text : {&one.name, &one.classname, &one.file, &one.source}) {
        if (text->size() > agent::longest_test_name) return "a name is too long";
        if (valid_utf8(*text) != *text) return "a name is not UTF-8";
    }
    return valid_utf8(one.message) == one.message ? "" : "a message is not UTF-8";
}

// Everything that was read but messages, as text; `wrong` says what must not be.
std::string read(std::string_view bytes, std::size_t piece, std::string& wrong) {
    std::string seen;
    agent::JUnitParser parser("report.xml", [&](TestCase&& one) {
        if (wrong.empty()) wrong = check(one);
        one.message.clear();  // blanks and the cut of a long one may follow the pieces
        seen += to_json_text(one) + "\n";
    });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!parser.feed(bytes.substr(at, piece))) return seen;
    }
    return parser.finish() ? seen + "end" : seen;
}

}  // namespace

// Cases within their limits, and the same ones whatever pieces the document comes in.
std::string junit(std::string_view bytes) {
    std::string wrong;
    const std::string whole = read(bytes, bytes.size() + 1, wrong);
    const std::string pieces = read(bytes, 7, wrong);
    if (!wrong.empty()) return wrong;
    return whole == pieces ? "" : "pieces read differently:\n" + whole + "\n" + pieces;
}

}  // namespace gyre::fuzz

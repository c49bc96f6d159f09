#include "adapters/s3/xml.h"

#include <expat.h>

#include <memory>

namespace gyre::s3 {
namespace {

constexpr std::size_t deepest = 16;
constexpr std::size_t most_elements = 50'000;

struct Reading {
    XML_Parser parser = nullptr;
    Element root;                 // holds the document's element as its child
    std::vector<Element*> above;  // the innermost last; none of them grows while another is being filled
    std::size_t elements = 0;
    bool refused = false;

    void refuse() {
        refused = true;
        XML_StopParser(parser, XML_FALSE);
    }
};

void XMLCALL begin(void* data, const XML_Char* name, const XML_Char**) {
    auto& reading = *static_cast<Reading*>(data);
    if (reading.above.size() > deepest || ++reading.elements > most_elements) return reading.refuse();
    const std::string_view whole = name;
    const auto colon = whole.rfind(':');
    auto& siblings = reading.above.back()->children;
    siblings.push_back({std::string(colon == std::string_view::npos ? whole : whole.substr(colon + 1)), {}, {}});
    reading.above.push_back(&siblings.back());
}

void XMLCALL end(void* data, const XML_Char*) { static_cast<Reading*>(data)->above.pop_back(); }

void XMLCALL text(void* data, const XML_Char* bytes, int count) {
    static_cast<Reading*>(data)->above.back()->text.append(bytes, static_cast<std::size_t>(count));
}

void XMLCALL doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Reading*>(data)->refuse();
}

}  // namespace

const Element* Element::child(std::string_view wanted) const {
    for (const auto& one : children) {
        if (one.name == wanted) return &one;
    }
    return nullptr;
}

std::string Element::text_of(std::string_view wanted) const {
    const Element* found = child(wanted);
    return found ? found->text : std::string();
}

Result<Element> parse_xml(std::string_view bytes) {
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"),
                                                                              XML_ParserFree);
    Reading reading{.parser = parser.get(), .root = {}, .above = {}};
    reading.above.push_back(&reading.root);
    XML_SetUserData(parser.get(), &reading);
    XML_SetElementHandler(parser.get(), begin, end);
    XML_SetCharacterDataHandler(parser.get(), text);
    XML_SetStartDoctypeDeclHandler(parser.get(), doctype);
    const bool whole = bytes.size() <= (std::size_t{64} << 20) &&
                       XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE) == XML_STATUS_OK;
    if (reading.refused) return invalid("the answer is not XML as S3 writes it");
    if (!whole || reading.root.children.size() != 1) return invalid("the answer is not XML");
    return std::move(reading.root.children.front());
}

std::string xml_escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

}  // namespace gyre::s3

#include "base/json.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

enum class Colour { red, green };
constexpr EnumNames<Colour, 2> enum_names(Colour) { return {{{Colour::red, "red"}, {Colour::green, "green"}}}; }

struct Circle {
    static constexpr std::string_view kind = "circle";
    int radius = 0;
};
BOOST_DESCRIBE_STRUCT(Circle, (), (radius))

struct Square {
    static constexpr std::string_view kind = "square";
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Square, (), (name))

struct Drawing {
    Colour colour = Colour::red;
    std::vector<std::variant<Circle, Square>> shapes;
    std::optional<std::string> title;
    std::map<std::string, int> counts;
    Timestamp at{};
    Id<struct DrawingTag> id;
};
BOOST_DESCRIBE_STRUCT(Drawing, (), (colour, shapes, title, counts, at, id))

TEST(JsonMapping, reads_back_what_it_wrote) {
    Drawing drawing{Colour::green, {Circle{3}, Square{"s"}}, "t", {{"a", 1}}, from_millis(1234567890123), {"d1"}};
    const auto back = from_json_text<Drawing>(to_json_text(drawing));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(to_json_text(*back), to_json_text(drawing));
    EXPECT_EQ(std::get<Square>(back->shapes[1]).name, "s");
}

TEST(JsonMapping, ignores_unknown_keys_and_keeps_defaults_for_missing_ones) {
    const auto drawing = from_json_text<Drawing>(R"({"newer": 1, "colour": "green"})");
    ASSERT_TRUE(drawing.ok());
    EXPECT_EQ(drawing->colour, Colour::green);
    EXPECT_FALSE(drawing->title);
}

TEST(JsonMapping, names_the_place_of_a_wrong_value) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"shapes":[{"kind":"circle","radius":"x"}]})", "shapes[0].radius"},
        {R"({"shapes":[{"kind":"oval"}]})", "'oval'"},
        {R"({"shapes":{}})", "shapes must be an array"},
        {R"({"colour":"blue"})", "'blue'"},
        {R"({"counts":{"a":99999999999}})", "counts.a"},
        {R"({"at":"yesterday"})", "at: 'yesterday'"},
        {R"([])", "must be an object"},
    };
    for (const auto& [text, expected] : cases) {
        const auto drawing = from_json_text<Drawing>(text);
        ASSERT_FALSE(drawing.ok()) << text;
        EXPECT_NE(drawing.error().message.find(expected), std::string::npos) << drawing.error().message;
    }
}

TEST(JsonMapping, takes_only_numbers_that_it_can_write) {
    EXPECT_TRUE(from_json_text<double>("1e300").ok());
    EXPECT_FALSE(from_json_text<double>("1e999").ok());
    EXPECT_FALSE(from_json_text<double>("-1e999").ok());
}

TEST(ParseJson, refuses_what_is_too_deep_too_large_or_broken) {
    EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')).ok());
    EXPECT_EQ(parse_json("[1,2,3]", {.bytes = 3}).error().fault, Fault::too_large);
    EXPECT_FALSE(parse_json("{\"a\":").ok());
    EXPECT_FALSE(parse_json("{} x").ok());
    EXPECT_FALSE(parse_json("\"\xff\"").ok());
}

}  // namespace
}  // namespace gyre

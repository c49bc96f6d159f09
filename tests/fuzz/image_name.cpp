#include "base/ascii.h"
#include "fuzz/entries.h"
#include "model/image_reference.h"

namespace gyre::fuzz {
namespace {

constexpr std::size_t longest_with_a_tag = 500;  // where ":latest" behind it makes no name that is too long

std::string check_reference(std::string_view bytes) {
    const auto image = parse_image_reference(bytes);
    if (!image) return image.error().message.empty() ? "a refusal says nothing" : "";
    if (image->registry.empty() || lowered(image->registry) != image->registry) return "a registry has another form";
    if (bytes.size() > longest_with_a_tag) return "";
    const auto again = parse_image_reference(image->text());
    if (!again) return "what is asked for cannot be read again: " + again.error().message;
    const bool same = again->text() == image->text() && again->registry == image->registry;
    return same ? "" : "what is asked for lies in another registry";
}

// Whatever registry may be stored is that of an image with its name in front.
std::string check_registry(std::string_view bytes) {
    const auto registry = parse_registry(bytes);
    if (!registry) return registry.error().message.empty() ? "a refusal says nothing" : "";
    const auto image = parse_image_reference(*registry + "/a:1");
    if (!image) return "no image can lie in the registry: " + image.error().message;
    return image->registry == *registry ? "" : "an image of the registry lies in " + image->registry;
}

}  // namespace

// Whose password goes where.
std::string image_name(std::string_view bytes) {
    auto wrong = check_reference(bytes);
    return wrong.empty() ? check_registry(bytes) : wrong;
}

}  // namespace gyre::fuzz

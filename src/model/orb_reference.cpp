#include "model/orb_reference.h"

#include "model/orb.h"

namespace gyre {
namespace {

Result<OrbReference> split(std::string_view text) {
    const auto at = text.rfind('@');
    const std::string name(text.substr(0, at));
    GYRE_TRY(check_orb_name(name));
    if (at != std::string_view::npos) return OrbReference{name, std::string(text.substr(at + 1))};
    return invalid("'" + name + "' has no version; write " + name + "@1.0.0, or " + name + "@dev:label");
}

}  // namespace

Result<OrbReference> parse_orb_reference(std::string_view text) {
    GYRE_TRY_ASSIGN(auto reference, split(text));
    GYRE_TRY(parse_wanted_orb(reference.version));
    return reference;
}

Result<OrbReference> parse_release_reference(std::string_view text) {
    GYRE_TRY_ASSIGN(auto reference, split(text));
    GYRE_TRY(check_orb_release(reference.version));
    return reference;
}

}  // namespace gyre

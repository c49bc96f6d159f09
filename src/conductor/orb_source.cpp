#include "conductor/orb_source.h"

#include "config/nearest.h"

namespace gyre::conductor {
namespace {

constexpr int most_compared = 1'000;

// " (or 'acme/tools'?)" for a name that is almost one that is there.
std::string near(OrbStore& store, const std::string& name) {
    const auto names = store.names({.limit = most_compared});
    const std::string meant = names ? config::nearest(name, *names) : "";
    return meant.empty() ? "" : "; did you mean '" + meant + "'?";
}

config::OrbAbsent absent(OrbStore& store, const config::OrbReference& reference, const Error& error, bool known) {
    if (error.fault != Fault::not_found && error.fault != Fault::invalid) {
        return {"the server's orbs cannot be read: " + error.message, "another try later"};
    }
    const std::string name = reference.name;
    if (known || error.fault == Fault::invalid) {
        return {error.message, "one of these versions, or this one: gyre orb publish FILE " + name + "@" +
                                   (check_orb_release(reference.version) ? reference.version : "VERSION")};
    }
    return {error.message + near(store, name),
            "its source on the server: gyre orb publish FILE " + name + "@VERSION, or gyre orb import BUNDLE"};
}

}  // namespace

config::OrbSource registered_orbs(OrbStore& store, const Clock& clock) {
    return [&store, &clock](const config::OrbReference& reference) -> config::OrbAnswer {
        const auto releases = store.releases(reference.name);
        if (!releases) return absent(store, reference, releases.error(), true);
        const auto chosen = choose_release(reference.name, reference.version, *releases, clock.now());
        if (!chosen) return absent(store, reference, chosen.error(), !releases->empty());
        auto source = store.source(reference.name, chosen->version);
        if (!source) return absent(store, reference, source.error(), true);
        return config::OrbText{reference.name + "@" + chosen->version, chosen->version, std::move(*source)};
    };
}

}  // namespace gyre::conductor

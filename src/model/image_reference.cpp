#include "model/image_reference.h"

#include <algorithm>

#include "base/ascii.h"

namespace gyre {
namespace {

constexpr std::size_t longest_reference = 512;
constexpr std::size_t longest_host = 253;  // of the domain name system
constexpr std::size_t longest_port = 5;
constexpr int highest_port = 65'535;

bool may_stand_in_a_reference(char c) {
    return is_letter_or_digit(c) || std::string_view("_.-/:@").find(c) != std::string_view::npos;
}

// The first word of an image's name is a registry only where it looks like one: others are accounts of Docker Hub.
bool names_a_registry(std::string_view first) {
    return lowered(first) == "localhost" || first.find_first_of(".:") != std::string_view::npos;
}

// Of the several names of one registry, the one that it is kept by.
std::string known_as(std::string_view registry) {
    std::string name = lowered(registry);
    return name == "index.docker.io" ? std::string(docker_hub) : name;
}

// Hosts have no case, but who looks up credentials by them compares bytes. Engines ask a host also where a first word
// has no dot but a capital, which no account has: that is not Docker Hub, and must not hear what Docker Hub may.
void name_registry(ImageReference& image) {
    const auto slash = image.name.find('/');
    const std::string first = image.name.substr(0, slash);
    const bool named = slash != std::string::npos && names_a_registry(first);
    const bool has_capital = slash != std::string::npos && lowered(first) != first;
    image.registry = named || has_capital ? known_as(first) : std::string(docker_hub);
    if (named) image.name.replace(0, slash, lowered(first));
}

// A port stands in the first of several words alone; elsewhere a colon is that of a second tag.
bool has_stray_colon(std::string_view name) {
    const auto slash = name.find('/');
    return name.substr(slash == std::string_view::npos ? 0 : slash).find(':') != std::string_view::npos;
}

// Engines put names into paths of their own, where ".." leads elsewhere.
bool has_sound_words(std::string_view name) {
    while (true) {
        const auto slash = name.find('/');
        const std::string_view word = name.substr(0, slash);
        const bool sound = !word.empty() && is_letter_or_digit(word.front()) && is_letter_or_digit(word.back()) &&
                           word.find("..") == std::string_view::npos;
        if (!sound || slash == std::string_view::npos) return sound;
        name.remove_prefix(slash + 1);
    }
}

// "sha256:" and the digits; a few of them, as people copy from a list of images, name nothing.
bool is_digest(std::string_view text) {
    constexpr std::size_t fewest_digits = 32;
    const auto colon = text.find(':');
    const auto method = text.substr(0, colon);
    const auto fine = [](char c) { return is_letter_or_digit(c) || c == '+' || c == '.' || c == '_' || c == '-'; };
    return colon != std::string_view::npos && colon > 0 && std::ranges::all_of(method, fine) &&
           text.size() - colon > fewest_digits &&
           text.find_first_not_of("0123456789abcdefABCDEF", colon + 1) == std::string_view::npos;
}

Error no_reference(std::string_view text) {
    return invalid("'" + std::string(text.substr(0, 80)) +
                   "' is not the name of an image: write name:tag, or name@sha256:... with the whole digest");
}

bool is_host(std::string_view host) {
    const auto is_label = [](std::string_view label) {
        const auto fine = [](char c) { return is_letter_or_digit(c) || c == '-'; };
        return !label.empty() && label.front() != '-' && label.back() != '-' && std::ranges::all_of(label, fine);
    };
    while (true) {
        const auto dot = host.find('.');
        if (!is_label(host.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

bool is_port(std::string_view port) {
    if (port.empty() || port.size() > longest_port || port.front() == '0' || !std::ranges::all_of(port, is_digit))
        return false;
    return std::stoi(std::string(port)) <= highest_port;
}

// What stands before a path, and behind "https://".
std::string_view host_in(std::string_view address) {
    const auto scheme = address.find("://");
    if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
    return address.substr(0, address.find('/'));
}

bool is_registry(std::string_view text) {
    const auto colon = text.find(':');
    const bool with_port = colon != std::string_view::npos;
    return is_host(text.substr(0, colon)) && (!with_port || is_port(text.substr(colon + 1))) && names_a_registry(text);
}

}  // namespace

Result<ImageReference> parse_image_reference(std::string_view text) {
    const std::string_view given = text;
    if (text.empty()) return invalid("a container has no image: give `image`");
    if (text.size() > longest_reference || !std::ranges::all_of(text, may_stand_in_a_reference))
        return no_reference(given);
    ImageReference image;
    const auto at = text.find('@');
    image.by_digest = at != std::string_view::npos;
    if (image.by_digest) image.version = text.substr(at + 1);
    text = text.substr(0, at);
    const auto colon = text.rfind(':');
    const auto slash = text.rfind('/');
    if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
        if (!image.by_digest) image.version = text.substr(colon + 1);
        text = text.substr(0, colon);
    } else if (!image.by_digest) {
        image.version = "latest";
    }
    image.name = text;
    if (!has_sound_words(image.name) || image.version.empty() || has_stray_colon(image.name) ||
        (image.by_digest && !is_digest(image.version)))
        return no_reference(given);
    name_registry(image);
    return image;
}

Result<std::string> parse_registry(std::string_view text) {
    if (text.size() > longest_host + 1 + longest_port) return too_large("a registry's host may have 253 characters");
    const std::string_view host = host_in(text);
    if (host.size() < text.size() && is_registry(host))
        return invalid(
            "a registry is named without https:// and without a path, as in the names of its images: write " +
            known_as(host));
    if (!is_registry(text))
        return invalid(
            "a registry is named host or host:port, as in the names of its images: ghcr.io, localhost:5000, or "
            "docker.io for Docker Hub");
    return known_as(text);
}

}  // namespace gyre

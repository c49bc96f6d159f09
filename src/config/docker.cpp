#include "config/environment.h"
#include "config/executor.h"
#include "config/reference.h"
#include "config/words.h"
#include "model/image_reference.h"

namespace gyre::config {
namespace {

// `command` and `entrypoint`: a list of words, or one line that is split like a shell's.
std::vector<std::string> read_words(Context& context, const Fields& fields, std::string_view key) {
    const Value value = fields.get(key);
    if (!value.is(NodeKind::scalar)) return fields.texts(key);
    auto words = split_words(context.text(value));
    if (words) return std::move(words).value();
    context.report({.code = Code::bad_value,
                    .at = value,
                    .message = "'" + std::string(key) + "' cannot be split into words: " + words.error().message,
                    .expected = "a list of words, or text with its quotes closed"});
    return {};
}

std::optional<RegistryAuth> read_auth(Context& context, const Fields& entry) {
    if (!entry.has("auth")) return std::nullopt;
    const Fields auth(context, entry.get("auth"), keys::docker_auth, entry.key("auth"));
    return RegistryAuth{auth.text("username"), auth.text("password")};
}

void check_image(Context& context, const Fields& entry, const std::string& image) {
    const Value value = entry.get("image");
    if (!value || parse_image_reference(image)) return;
    // Other jobs of the config run all the same.
    if (image.find('$') != std::string::npos && !has_marks(image) && image.find(' ') == std::string::npos) {
        return context.warn({.code = Code::bad_value,
                             .at = value,
                             .message = "no engine takes the image '" + image.substr(0, 60) +
                                        "': environment variables are not expanded here",
                             .expected = "a parameter: <<parameters.tag>>, <<pipeline.parameters.tag>>"});
    }
    if (image.empty() && !value->text.empty()) return;  // reported already
    if (context.version == Version::v2 && has_marks(image)) {
        return context.report({.code = Code::needs_version_2_1,
                               .at = value,
                               .message = "'" + clipped(image, 60) + "' is a reference, which needs 'version: 2.1'"});
    }
    context.report({.code = Code::bad_value,
                    .at = value,
                    .message = "'" + image.substr(0, 60) + "' is not the name of an image",
                    .expected = "an image such as cimg/base:stable, or name@sha256:... with the whole digest"});
}

ContainerSpec read_container(Context& context, Value item) {
    ContainerSpec container;
    context.spend(sizeof(ContainerSpec), item);
    const Fields entry(context, item, keys::docker_entry);
    container.image = entry.text("image");
    check_image(context, entry, container.image);
    container.name = entry.text("name");
    container.entrypoint = read_words(context, entry, "entrypoint");
    container.command = read_words(context, entry, "command");
    container.user = entry.text("user");
    container.environment = read_environment(context, entry.get("environment"));
    container.auth = read_auth(context, entry);
    return container;
}

}  // namespace

DockerExecutor read_docker(Context& context, Value list) {
    DockerExecutor executor;
    if (list->items.empty()) {
        context.report({.code = Code::bad_value,
                        .at = list,
                        .message = "the list of docker images is empty",
                        .expected = "at least one entry: '- image: ...'"});
    }
    for (const Value item : context.items(list)) executor.containers.push_back(read_container(context, item));
    return executor;
}

}  // namespace gyre::config

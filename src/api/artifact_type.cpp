#include "api/artifact_type.h"

#include <array>
#include <cctype>

#include "base/ascii.h"
#include "httpd/message.h"

namespace gyre::api {
namespace {

struct Known {
    std::string_view extension;
    std::string_view type;
};
constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr std::array<Known, 28> known{
    {{"txt", plain},        {"log", plain},         {"md", plain},          {"html", plain},
     {"htm", plain},        {"xhtml", plain},       {"css", plain},         {"js", plain},
     {"mjs", plain},        {"es", plain},          {"xml", plain},         {"json", "application/json"},
     {"png", "image/png"},  {"jpg", "image/jpeg"},  {"jpeg", "image/jpeg"}, {"gif", "image/gif"},
     {"bmp", "image/bmp"},  {"webm", "video/webm"}, {"ogg", "audio/ogg"},   {"ogv", "video/ogg"},
     {"mp4", "video/mp4"},  {"aac", "audio/aac"},   {"mpeg", "video/mpeg"}, {"mpg", "video/mpeg"},
     {"mp3", "audio/mpeg"}, {"wav", "audio/wav"},   {"yml", plain},         {"yaml", plain}}};

std::string_view file_name(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

ArtifactType artifact_type(std::string_view path) {
    const auto name = file_name(path);
    const auto dot = name.rfind('.');
    const std::string extension = lowered(dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1));
    for (const auto& entry : known) {
        if (entry.extension == extension) return {entry.type, false};
    }
    return {"application/octet-stream", true};
}

std::string disposition(const ArtifactType& type, std::string_view path) {
    return std::string(type.download ? "attachment" : "inline") + "; filename*=UTF-8''" +
           httpd::percent_encode(file_name(path));
}

}  // namespace gyre::api

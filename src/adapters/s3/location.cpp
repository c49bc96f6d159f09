#include "adapters/s3/location.h"

#include <algorithm>
#include <string_view>

namespace gyre::s3 {
namespace {

bool plain(std::string_view text, std::string_view besides) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               besides.find(c) != std::string_view::npos;
    });
}

struct Named {
    std::string bucket;
    std::string prefix;
};

Result<Named> parse_url(const std::string& url) {
    const std::string wanted = "must be s3://bucket or s3://bucket/prefix, not '" + url.substr(0, 200) + "'";
    if (!url.starts_with("s3://") || url.size() > 600) return invalid(wanted);
    const auto slash = url.find('/', 5);
    Named named{.bucket = url.substr(5, slash - 5), .prefix = slash == std::string::npos ? "" : url.substr(slash + 1)};
    while (named.prefix.ends_with('/')) named.prefix.pop_back();
    if (named.bucket.size() < 3 || named.bucket.size() > 63 || !plain(named.bucket, ".-_"))
        return invalid(wanted + "; a bucket's name has 3 to 63 letters, digits, dots and dashes");
    const bool odd =
        named.prefix.find("//") != std::string::npos || ("/" + named.prefix + "/").find("/.") != std::string::npos;
    if (!plain(named.prefix, "/.-_") || named.prefix.starts_with('/') || odd)
        return invalid(wanted + "; a prefix is made of letters, digits, '-', '_', '.' and single slashes");
    if (!named.prefix.empty()) named.prefix += '/';
    return named;
}

struct Endpoint {
    std::string scheme;
    std::string host;
};

Result<Endpoint> parse_endpoint(const std::string& text) {
    Endpoint endpoint;
    for (const char* scheme : {"https://", "http://"}) {
        if (text.starts_with(scheme)) endpoint = {scheme, text.substr(std::string_view(scheme).size())};
    }
    if (endpoint.host.ends_with('/')) endpoint.host.pop_back();
    if (endpoint.host.empty() || endpoint.host.size() > 300 || !plain(endpoint.host, ".-_:[]"))
        return invalid("the endpoint must be https://host or https://host:port, not '" + text.substr(0, 200) + "'");
    // As every client says it: without the scheme's own port, which would break the signature.
    const std::string own = endpoint.scheme == "https://" ? ":443" : ":80";
    if (endpoint.host.ends_with(own)) endpoint.host.resize(endpoint.host.size() - own.size());
    return endpoint;
}

}  // namespace

Result<Location> Location::parse(const LocationText& text) {
    Location location;
    GYRE_TRY_ASSIGN(const Named named, parse_url(text.url));
    location.bucket_ = named.bucket;
    location.prefix_ = named.prefix;
    location.region_ = text.region.empty() ? "us-east-1" : text.region;
    if (!plain(location.region_, "-_") || location.region_.size() > 64)
        return invalid("the region must be a name like eu-central-1, not '" + location.region_.substr(0, 80) + "'");
    const std::string tail = location.region_.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    const std::string amazon = "https://s3." + location.region_ + tail;
    GYRE_TRY_ASSIGN(const Endpoint endpoint, parse_endpoint(text.endpoint.empty() ? amazon : text.endpoint));
    if (text.addressing != "path" && text.addressing != "host" && text.addressing != "auto" && !text.addressing.empty())
        return invalid("the addressing must be auto, path or host, not '" + text.addressing.substr(0, 80) + "'");
    const bool amazons = endpoint.host.ends_with(".amazonaws.com") || endpoint.host.ends_with(".amazonaws.com.cn");
    location.in_path_ = text.addressing == "path" ||
                        (text.addressing != "host" && (!amazons || named.bucket.find('.') != std::string::npos));
    location.host_ = (location.in_path_ ? "" : named.bucket + ".") + endpoint.host;
    location.origin_ = endpoint.scheme + location.host_;
    location.encrypted_ = endpoint.scheme == "https://";
    return location;
}

}  // namespace gyre::s3

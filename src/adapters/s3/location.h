#pragma once

// Where the objects are: bucket, prefix, region, and how its server is spoken to. Pure.

#include <string>

#include "base/result.h"

namespace gyre::s3 {

struct LocationText {
    std::string url;         // s3://bucket or s3://bucket/prefix
    std::string endpoint;    // http[s]://host[:port]; empty: Amazon's of the region
    std::string region;      // empty: us-east-1
    std::string addressing;  // "path": https://host/bucket/key, "host": https://bucket.host/key, "auto" or empty
};

class Location {
public:
    // `invalid` says what is wanted. "auto" puts the bucket into the path for an endpoint that is not Amazon's, and for
    // a bucket with a dot in its name, which no certificate covers.
    static Result<Location> parse(const LocationText& text);

    const std::string& bucket() const { return bucket_; }
    const std::string& prefix() const { return prefix_; }  // empty, or with a slash at its end
    const std::string& region() const { return region_; }
    const std::string& host() const { return host_; }      // with the port, as the header Host says it
    const std::string& origin() const { return origin_; }  // "https://" + host
    bool encrypted() const { return encrypted_; }
    // The path, not encoded, of an object beneath the prefix, and of the bucket itself.
    std::string object_path(const std::string& key) const { return bucket_path() + prefix_ + key; }
    std::string bucket_path() const { return in_path_ ? "/" + bucket_ + "/" : "/"; }
    std::string text() const { return "s3://" + bucket_ + (prefix_.empty() ? "" : "/") + prefix_; }

private:
    std::string bucket_;
    std::string prefix_;
    std::string region_;
    std::string host_;
    std::string origin_;
    bool in_path_ = true;
    bool encrypted_ = true;
};

}  // namespace gyre::s3

#include "apps/gyre/objects.h"

#include <cstdlib>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/folder.h"
#include "adapters/fs/owner_mark.h"
#include "adapters/s3/blob_store.h"
#include "adapters/s3/client.h"
#include "adapters/s3/credentials.h"
#include "adapters/s3/owner_mark.h"
#include "adapters/s3/probe.h"
#include "apps/gyre/housekeeping.h"
#include "base/log.h"

namespace gyre::apps {
namespace {

constexpr s3::Tries tries_of_a_look{.most = 2, .whole = std::chrono::seconds{5}};

// As it was when it was first asked for.
const s3::CredentialSettings& environment() {
    static const s3::CredentialSettings settings = s3::settings_in_environment();
    return settings;
}

std::string region_of(const ServerSettings& settings) {
    if (!settings.objects_region.empty()) return settings.objects_region;
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        if (const char* value = std::getenv(name)) return value;
    }
    return "";
}

s3::Encryption encryption_of(const std::string& setting) {
    const std::string kms = "aws:kms:";
    if (!setting.starts_with(kms)) return {.kind = setting, .key = {}};
    return {.kind = "aws:kms", .key = setting.substr(kms.size())};
}

class FileObjects final : public Objects {
public:
    FileObjects(std::unique_ptr<fs::FileBlobStore> blobs, fs::Folder home)
        : blobs_(std::move(blobs)), home_(std::move(home)) {}
    BlobStore& blobs() override { return *blobs_; }
    std::string folder() const override { return home_.path_of("partial"); }
    Result<void> settle() override { return blobs_->settle(); }
    Result<std::string> owner() override { return fs::read_mark(home_); }
    Result<std::string> put_owner(const std::string& installation) override {
        return fs::put_mark(home_, installation);
    }
    Result<void> replace_owner(const std::string& installation) override {
        return fs::replace_mark(home_, installation);
    }
    std::optional<std::int64_t> free_bytes() override { return free_bytes_of(home_.path().string()); }
    // A server ends them when it starts: nobody else has them.
    Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>&) override { return 0; }
    Result<bool> holds_any() override {
        bool any = false;
        const auto listed = blobs_->each([&](const IdleBlob&) -> Result<void> {
            any = true;
            return conflict("one is enough");
        });
        if (!any && !listed) return listed.error();
        return any;
    }
    std::string name() const override { return home_.path().string(); }
    Result<std::string> try_out() override { return std::string(); }

private:
    std::unique_ptr<fs::FileBlobStore> blobs_;
    fs::Folder home_;
};

class S3Objects final : public Objects {
public:
    S3Objects(s3::Location location, const ServerSettings& settings, std::string data)
        : credentials_(credential_settings(settings)),
          client_({.location = std::move(location),
                   .encryption = encryption_of(settings.objects_encryption),
                   .transport = {.ca_file = settings.objects_ca},
                   .tries = {},
                   .calls_at_once = calls_to_objects},
                  credentials_, clock_),
          folder_(data + "/partial") {}

    Result<void> open(const std::string& data) {
        GYRE_TRY_ASSIGN(blobs_, s3::S3BlobStore::open(client_, data));
        return {};
    }
    BlobStore& blobs() override { return *blobs_; }
    std::string folder() const override { return folder_; }
    Result<void> settle() override { return blobs_->settle(); }
    Result<std::string> owner() override {
        auto client = client_.with(tries_of_a_look);
        return s3::read_mark(client);
    }
    Result<std::string> put_owner(const std::string& installation) override {
        auto client = client_.with(tries_of_a_look);
        return s3::put_mark(client, installation);
    }
    Result<void> replace_owner(const std::string& installation) override {
        auto client = client_.with(tries_of_a_look);
        return s3::replace_mark(client, installation);
    }
    std::optional<std::int64_t> free_bytes() override { return std::nullopt; }
    Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>& go_on) override {
        return blobs_->end_abandoned_uploads(go_on);
    }
    Result<bool> holds_any() override {
        auto client = client_.with(tries_of_a_look);
        GYRE_TRY_ASSIGN(const auto listed, client.list("objects/", "", 1));
        return !listed.objects.empty();
    }
    std::string name() const override { return client_.name(); }
    Result<std::string> try_out() override {
        auto client = client_.with(tries_of_a_look);
        GYRE_TRY(s3::probe(client));
        return client_.name() + " takes, gives and removes objects, with keys from " + credentials_.origin();
    }

private:
    static s3::CredentialSettings credential_settings(const ServerSettings& settings) {
        auto keys = environment();
        keys.file = settings.objects_credentials;
        return keys;
    }

    SystemClock clock_;
    s3::Credentials credentials_;
    s3::Client client_;
    std::unique_ptr<s3::S3BlobStore> blobs_;
    std::string folder_;
};

}  // namespace

Result<std::string> objects_place_form(const std::string& value) {
    if (!value.empty()) GYRE_TRY(s3::Location::parse({.url = value}));
    return value;
}

Result<std::string> encryption_form(const std::string& value) {
    const std::string kms = "aws:kms:";
    const bool named = value.starts_with(kms) && value.size() > kms.size() && value.size() < 2000 &&
                       value.find_first_of(" \t\r\n") == std::string::npos;
    if (value.empty() || value == "AES256" || value == "aws:kms" || named) return value;
    return invalid("must be empty, AES256, aws:kms or aws:kms:<key>, not '" + value.substr(0, 80) + "'");
}

void keep_keys_from_children() {
    (void)environment();
    s3::forget_environment();
}

Result<std::unique_ptr<Objects>> Objects::open(const ServerSettings& settings, const std::string& data,
                                               const std::string& home) {
    if (settings.objects.empty()) {
        GYRE_TRY_ASSIGN(auto blobs, fs::FileBlobStore::open(home));
        GYRE_TRY_ASSIGN(auto folder, fs::Folder::open(home));
        return std::unique_ptr<Objects>(std::make_unique<FileObjects>(std::move(blobs), std::move(folder)));
    }
    auto location = s3::Location::parse({.url = settings.objects,
                                         .endpoint = settings.objects_endpoint,
                                         .region = region_of(settings),
                                         .addressing = settings.objects_addressing});
    if (!location) return location.error().during("the settings of the object store");
    auto objects = std::make_unique<S3Objects>(std::move(*location), settings, data);
    GYRE_TRY(objects->open(data));
    return std::unique_ptr<Objects>(std::move(objects));
}

Result<std::string> Objects::look(std::chrono::steady_clock::time_point now) {
    const std::lock_guard lock(looking_);
    if (now < next_) return seen_;
    const auto tried = try_out();
    next_ = now + (tried ? std::chrono::seconds{30} : std::chrono::seconds{5});
    if (!tried) {
        log::warn("objects", "{}", tried.error().message);
        seen_ = Error{tried.error().fault, "the object store does not work; the server's log says why"};
    } else {
        seen_ = std::string(tried->empty() ? "" : "the object store takes, gives and removes objects");
    }
    return seen_;
}

}  // namespace gyre::apps

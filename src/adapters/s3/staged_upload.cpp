#include "adapters/s3/staged_upload.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "adapters/fs/file.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::s3 {

// What stands beside the file.
struct PartNote {
    std::string tag;
    std::string sha256;
};
BOOST_DESCRIBE_STRUCT(PartNote, (), (tag, sha256))

struct UploadNote {
    std::string upload;
    std::int64_t part_bytes = 0;
    std::vector<PartNote> parts;
};
BOOST_DESCRIBE_STRUCT(UploadNote, (), (upload, part_bytes, parts))

namespace {

constexpr std::size_t piece = 1 << 20;
constexpr std::size_t longest_note = 4 << 20;

}  // namespace

Result<void> StagedUpload::open(const fs::Folder& folder, const std::string& name, std::int64_t part_bytes) {
    if (file_) return {};
    folder_ = &folder;
    name_ = name;
    part_bytes_ = part_bytes;
    GYRE_TRY_ASSIGN(Fd file, folder.open_file(name, O_RDWR | O_CREAT));
    GYRE_TRY_ASSIGN(length_, fs::file_length(file, folder.path_of(name)));
    file_ = std::move(file);
    begin_again();
    if (auto loaded = load_parts(); !loaded) {
        close();
        return loaded;
    }
    return {};
}

// Parts that the file does not hold any more as they were sent are not counted; they are sent again.
Result<void> StagedUpload::load_parts() {
    const auto file = folder_->open_file(parts_file(), O_RDONLY);
    if (!file && file.error().fault == Fault::not_found) return {};
    if (!file) return file.error();
    GYRE_TRY_ASSIGN(const std::string text, fs::read_at(*file, folder_->path_of(parts_file()), 0, longest_note));
    const auto note = from_json_text<UploadNote>(text, {.bytes = longest_note, .depth = 4});
    if (!note || note->part_bytes != part_bytes_) return {};  // half written, or of another version
    upload_ = note->upload;
    for (const auto& part : note->parts) {
        if (sent() + part_bytes_ > length_) break;
        Sha256 whole;
        GYRE_TRY_ASSIGN(const std::string hash, hash_part(sent(), part_bytes_, whole));
        if (hash != part.sha256) break;
        GYRE_TRY(hash_part(sent(), part_bytes_, hash_));
        parts_.push_back({part.tag, part.sha256});
    }
    return {};
}

Result<void> StagedUpload::note_parts() const {
    UploadNote note{.upload = upload_, .part_bytes = part_bytes_, .parts = {}};
    for (const auto& part : parts_) note.parts.push_back({part.tag, part.sha256});
    const std::string next = parts_file() + ".new";
    GYRE_TRY_ASSIGN(const Fd file, folder_->open_file(next, O_RDWR | O_CREAT | O_TRUNC));
    GYRE_TRY(fs::append_whole(file, folder_->path_of(next), 0, to_json_text(note)));
    return folder_->move(next, *folder_, parts_file());
}

Result<void> StagedUpload::append(std::string_view bytes) {
    if (auto done = fs::append_whole(file_, folder_->path_of(name_), length_, bytes); !done) {
        close();  // the next call looks at what is really there
        return done;
    }
    length_ += std::ssize(bytes);
    return {};
}

// The hash of these bytes alone; `whole` goes on over them.
Result<std::string> StagedUpload::hash_part(std::int64_t offset, std::int64_t length, Sha256& whole) const {
    Sha256 alone;
    for (std::int64_t at = 0; at < length;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(piece, length - at));
        GYRE_TRY_ASSIGN(const std::string bytes, fs::read_at(file_, folder_->path_of(name_), offset + at, wanted));
        if (bytes.empty()) return unavailable(folder_->path_of(name_) + " became shorter");
        alone.update(bytes);
        whole.update(bytes);
        at += std::ssize(bytes);
    }
    return to_hex(alone.finish());
}

Result<void> StagedUpload::send_full_parts(Client& client, const std::string& key, std::int64_t total) {
    while (total > part_bytes_ && sent() + part_bytes_ <= std::min(length_, total - 1))
        GYRE_TRY(send_part(client, key, part_bytes_));
    return {};
}

Result<void> StagedUpload::send_part(Client& client, const std::string& key, std::int64_t length) {
    if (upload_.empty()) {
        GYRE_TRY_ASSIGN(upload_, client.begin_upload(key));
        GYRE_TRY(note_parts());  // so that it can be forgotten even when we are killed now
    }
    const std::int64_t offset = sent();
    Sha256 unused;
    GYRE_TRY_ASSIGN(std::string hash, hash_part(offset, length, unused));
    auto tag = client.write_part(key, upload_, static_cast<int>(parts_.size()) + 1,
                                 {FilePart{file_.get(), offset, length}, hash});
    if (!tag) {
        if (tag.error().fault == Fault::conflict) GYRE_TRY(forget_parts(client, key));
        return tag.error();
    }
    // The hash of the whole cannot go back: it takes the part when that is there.
    GYRE_TRY_ASSIGN(const std::string again, hash_part(offset, length, hash_));
    if (again != hash) {
        close();
        return unavailable(folder_->path_of(name_) + " changes while it is read");
    }
    parts_.push_back({std::move(*tag), std::move(hash)});
    return note_parts();
}

Result<void> StagedUpload::finish(Client& client, const std::string& key) {
    if (length_ <= part_bytes_ && parts_.empty()) return send_whole(client, key);
    GYRE_TRY(send_full_parts(client, key, length_));
    return end_parts(client, key);
}

Result<void> StagedUpload::send_whole(Client& client, const std::string& key) {
    Sha256 unused;
    GYRE_TRY_ASSIGN(const std::string hash, hash_part(0, length_, unused));
    if (hash != name_) return refuse(client, key);
    return client.write(key, {FilePart{file_.get(), 0, length_}, hash});
}

// The last part is not sent before the whole is known to be right.
Result<void> StagedUpload::end_parts(Client& client, const std::string& key) {
    const std::int64_t rest = length_ - sent();
    if (last_.empty()) {
        GYRE_TRY_ASSIGN(const std::string hash, hash_part(sent(), rest, hash_));
        if (to_hex(std::exchange(hash_, Sha256()).finish()) != name_) return refuse(client, key);
        last_ = hash;
    }
    std::vector<std::string> tags;
    for (const auto& part : parts_) tags.push_back(part.tag);
    const auto tag = client.write_part(key, upload_, static_cast<int>(tags.size()) + 1,
                                       {FilePart{file_.get(), sent(), rest}, last_});
    if (tag) tags.push_back(*tag);
    const Result<void> ended = tag ? client.end_upload(key, upload_, tags) : Result<void>(tag.error());
    if (!ended && ended.error().fault != Fault::conflict) return ended;
    // The answer to an earlier try may have got lost, and the object be there; what was answered is looked at, too.
    const auto size = client.size(key);
    if (size && *size == length_) return {};
    if (!size && size.error().fault != Fault::not_found) return size.error();
    GYRE_TRY(forget_parts(client, key));
    return unavailable(client.name() + ": it lost the parts of " + key + "; they are sent again");
}

Result<void> StagedUpload::refuse(Client& client, const std::string& key) {
    Error error = corrupt("the bytes uploaded as blob " + name_ + " do not hash to its name: upload it again");
    GYRE_TRY(discard(client, key));
    return error;
}

Result<void> StagedUpload::forget_parts(Client& client, const std::string& key) {
    if (!upload_.empty()) {
        if (const auto done = client.forget_upload(key, upload_); !done)
            log::warn("s3", "parts of {} stay until they are removed: {}", key, done.error().message);
    }
    begin_again();
    return folder_->remove(parts_file());
}

void StagedUpload::close() {
    file_.reset();
    length_ = 0;
    begin_again();
}

void StagedUpload::begin_again() {
    upload_.clear();
    parts_.clear();
    hash_ = Sha256();
    last_.clear();
}

Result<void> StagedUpload::discard(Client& client, const std::string& key) {
    GYRE_TRY(forget_parts(client, key));
    close();
    return folder_->remove(name_);
}

}  // namespace gyre::s3

#include "output/kept_outputs.h"

#include <algorithm>

namespace gyre::output {
namespace {

constexpr std::size_t most_open = 8;

bool same(const OutputName& a, const OutputName& b) { return a.step == b.step && a.attempt == b.attempt; }

// Nobody asked for the object: that it is gone is damage, to whoever asked for the output.
Error damage(const OutputName& name, const Error& error) {
    const auto fault = error.fault == Fault::unavailable ? Fault::unavailable : Fault::corrupt;
    return Error{fault, error.message}.during("the output of step " + std::to_string(name.step) + " of attempt " +
                                              name.attempt.id().text);
}

}  // namespace

// An output without bytes may as well be sealed.
Result<bool> KeptOutputs::is_raw(const OutputName& name) {
    GYRE_TRY_ASSIGN(const auto length, raw_.length(name));
    return length > 0;
}

Result<Appended> KeptOutputs::append(const OutputName& name, std::int64_t offset, std::string_view bytes) {
    if (offset > 0) {
        GYRE_TRY_ASSIGN(const auto appended, raw_.append(name, offset, bytes));
        if (appended.length > 0) return appended;
    }
    GYRE_TRY_ASSIGN(const auto sealed, sealed_.find(name));
    if (sealed) return Appended{bytes.empty() && offset == sealed->bytes, sealed->bytes};
    return raw_.append(name, offset, bytes);
}

Result<std::int64_t> KeptOutputs::length(const OutputName& name) {
    GYRE_TRY_ASSIGN(const auto raw, raw_.length(name));
    if (raw > 0) return raw;
    GYRE_TRY_ASSIGN(const auto sealed, sealed_.find(name));
    return sealed ? sealed->bytes : 0;
}

Result<std::string> KeptOutputs::read(const OutputName& name, std::int64_t offset, std::size_t bytes) {
    GYRE_TRY_ASSIGN(auto raw, raw_.read(name, offset, bytes));
    if (!raw.empty() || bytes == 0) return raw;
    GYRE_TRY_ASSIGN(const bool there, is_raw(name));
    if (there) return raw;  // this is its end
    GYRE_TRY_ASSIGN(const auto reader, reader_of(name));
    if (!reader) return raw;
    if (offset < reader->output().bytes) {
        auto read = reader->read(offset, bytes);
        if (read || read.error().fault == Fault::unavailable) return read;
        forget(name);  // a longer record may have come in the place of the one that it reads, and its blob be swept
    }
    // It may have been sealed anew, with what came late from an agent that was given up.
    GYRE_TRY_ASSIGN(const auto again, open(name));
    if (!again) return raw;
    auto read = again->read(offset, bytes);
    return read ? read : damage(name, read.error());
}

Result<LineMark> KeptOutputs::mark(const OutputName& name, std::int64_t ends) {
    GYRE_TRY_ASSIGN(const bool there, is_raw(name));
    if (there) return raw_.mark(name, ends);
    GYRE_TRY_ASSIGN(const auto reader, reader_of(name));
    return reader ? reader->index().mark(ends) : LineMark{};
}

Result<KeptOutputs::Reader> KeptOutputs::reader_of(const OutputName& name) {
    if (auto known = find_open(name)) return known;
    return open(name);
}

KeptOutputs::Reader KeptOutputs::find_open(const OutputName& name) {
    const auto open = open_.lock();
    const auto found = std::find_if(open->begin(), open->end(), [&](const Open& o) { return same(o.name, name); });
    if (found == open->end()) return nullptr;
    open->splice(open->begin(), *open, found);
    return found->reader;
}

Result<KeptOutputs::Reader> KeptOutputs::open(const OutputName& name) {
    GYRE_TRY_ASSIGN(auto sealed, sealed_.find(name));
    if (!sealed) return Reader();
    if (auto known = find_open(name); known && known->output() == *sealed) return known;
    auto opened = SealedReader::open(blobs_, *sealed);
    if (!opened) return damage(name, opened.error());
    const Reader reader = std::move(*opened);
    keep(name, reader);
    return reader;
}

void KeptOutputs::forget(const OutputName& name) {
    open_.lock()->remove_if([&](const Open& o) { return same(o.name, name); });
}

void KeptOutputs::keep(const OutputName& name, const Reader& reader) {
    const auto open = open_.lock();
    open->remove_if([&](const Open& o) { return same(o.name, name); });
    open->push_front({name, reader});
    if (open->size() > most_open) open->pop_back();
}

}  // namespace gyre::output

#include "apps/gyre/unseal.h"

#include <filesystem>

#include "adapters/fs/output_store.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/keep_servers_out.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/records.h"
#include "output/sealed_reader.h"

namespace gyre::apps {
namespace {

constexpr int at_once = 20;  // records
constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::size_t most_told = 20;

class Unsealing {
public:
    Unsealing(const ServersKeptOut& held, sql::SqlSealedOutputs& sealed, fs::FileOutputStore& raw, BlobStore& blobs,
              const backup::Watch& watch)
        : held_(held), sealed_(sealed), raw_(raw), blobs_(blobs), watch_(watch) {}

    Result<Unsealed> run() {
        OutputName last;
        while (true) {
            GYRE_TRY_ASSIGN(const auto steps, sealed_.some_after(last, at_once));
            if (steps.empty()) return std::move(done_);
            std::vector<SealedStep> raw_again;
            for (const auto& step : steps) {
                GYRE_TRY_ASSIGN(const bool whole, put_back(step));
                if (whole) raw_again.push_back(step);
            }
            GYRE_TRY(still_kept_out(held_));
            GYRE_TRY(sealed_.forget(raw_again));
            last = steps.back().name;
        }
    }

private:
    // False: it cannot be read.
    Result<bool> put_back(const SealedStep& step) {
        GYRE_TRY(watch_({.part = "outputs", .done = done_.outputs}));
        GYRE_TRY_ASSIGN(const auto there, raw_.length(step.name));
        if (there < step.sealed.bytes) {
            const auto written = write(step);
            if (!written && written.error().fault == Fault::unavailable) return written.error();
            if (!written) return tell(step.name, written.error());
        }
        ++done_.outputs;
        done_.bytes += step.sealed.bytes;
        return true;
    }

    Result<void> write(const SealedStep& step) {
        GYRE_TRY_ASSIGN(const auto reader, output::SealedReader::open(blobs_, step.sealed));
        return raw_.put_back(step.name, [&](std::int64_t offset) { return reader->read(offset, piece_bytes); });
    }

    bool tell(const OutputName& name, const Error& why) {
        ++done_.damaged;
        if (done_.which.size() < most_told)
            done_.which.push_back("step " + std::to_string(name.step) + " of attempt " + name.attempt.id().text + ": " +
                                  why.message);
        return false;
    }

    const ServersKeptOut& held_;
    sql::SqlSealedOutputs& sealed_;
    fs::FileOutputStore& raw_;
    BlobStore& blobs_;
    const backup::Watch& watch_;
    Unsealed done_;
};

}  // namespace

Result<Unsealed> unseal_outputs(const ServerSettings& settings, const backup::Watch& watch) {
    // Before anything is made: a wrong data directory must not become an installation.
    const std::string outputs = objects_of(settings) + "/output";
    if (!std::filesystem::is_directory(outputs))
        return not_found("there is no directory " + outputs + ": is this the data directory of a server?");
    GYRE_TRY_ASSIGN(const DataDirectory data, DataDirectory::open(settings.data_dir));
    GYRE_TRY_ASSIGN(const auto held, keep_servers_out(settings));
    GYRE_TRY_ASSIGN(const auto records, open_records(settings, data, ""));
    GYRE_TRY_ASSIGN(const auto blobs, Objects::open(settings, settings.data_dir, objects_of(settings)));
    GYRE_TRY_ASSIGN(const auto known, records->installation().find());
    GYRE_TRY(check_installation(known, *blobs));
    GYRE_TRY_ASSIGN(const auto raw, fs::FileOutputStore::open(objects_of(settings)));
    return Unsealing(held, records->sealed_outputs(), *raw, blobs->blobs(), watch).run();
}

}  // namespace gyre::apps

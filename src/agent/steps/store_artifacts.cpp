#include <fmt/format.h>

#include <optional>
#include <utility>

#include "agent/artifact_sender.h"
#include "agent/blobs.h"
#include "agent/inside_paths.h"
#include "agent/steps/steps.h"
#include "agent/tar_stream.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

// Takes the files of a tree one by one and stores each as a blob with a name.
class Storing {
public:
    Storing(const StoreArtifactsStep& step, Job& job, StepOutput& output)
        : step_(step),
          job_(job),
          output_(output),
          sender_(job, [this](const auto& artifact, const auto& refused) { tell(artifact, refused); }) {}

    // `collect` names a single file by itself, and the files of a directory below it as "a/b".
    Result<void> run() {
        GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
        set_non_blocking(pipe.read.get());
        GYRE_TRY_ASSIGN(Tool tool,
                        Tool::start(job_, {"collect", "--", job_.path(step_.path)}, {}, std::move(pipe.write)));
        const auto read = read_tar(job_, pipe.read.get(),
                                   {[this](const std::string& name, std::int64_t) { return begin(name); },
                                    [this](std::string_view bytes) { return take(bytes); }, [this] { return end(); },
                                    [this] { is_tree_ = true; }});
        pipe.read.reset();
        const auto sent = sender_.finish();  // what came before an error as well
        if (!read) return read.error();
        GYRE_TRY(sent);
        GYRE_TRY(succeed(tool, "collecting files"));
        if (const auto complaints = tool.complaints(); !complaints.empty()) output_.say(complaints);
        return {};
    }
    int count() const { return count_; }
    std::int64_t bytes() const { return bytes_; }

private:
    Result<void> begin(const std::string& name) {
        name_ = name;
        auto writer = BlobWriter::create(job_.scratch, job_.limits().blob_bytes);
        if (!writer) return writer.error();
        writer_.emplace(std::move(*writer));
        too_large_.reset();
        return {};
    }

    Result<void> take(std::string_view bytes) {
        if (too_large_) return {};
        const auto written = writer_->write(bytes);
        if (written || written.error().fault != Fault::too_large) return written;
        too_large_ = written.error();
        writer_->restart();
        return {};
    }

    Result<void> end() {
        if (too_large_) {
            output_.say(fmt::format("Leaving out '{}': {}", name_, too_large_->message));
            return {};
        }
        BlobFile blob = writer_->finish();
        const auto shown = artifact_name(job_.masked(shown_path()));
        if (!shown) {
            output_.say(fmt::format("Leaving out '{}': it has no name that could be kept", name_));
            return {};
        }
        return sender_.add(*shown, std::move(blob));
    }

    void tell(const Artifact& artifact, const std::optional<Error>& refused) {
        if (refused) return output_.say(fmt::format("Leaving out '{}': {}", artifact.path, refused->message));
        output_.say(fmt::format("Stored {} ({})", artifact.path, size_text(artifact.size)));
        ++count_;
        bytes_ += artifact.size;
    }

    // A single file takes the destination as its name; a directory's files go below it.
    std::string shown_path() const {
        std::string base = step_.destination;
        if (base.empty()) {
            const bool as_written = !step_.path.starts_with('~') && step_.path.find("..") == std::string::npos;
            base = as_written ? step_.path : job_.path(step_.path);
        }
        return is_tree_ ? base + '/' + name_ : base;
    }

    const StoreArtifactsStep& step_;
    Job& job_;
    StepOutput& output_;
    std::string name_;
    bool is_tree_ = false;  // a directory was collected, not one file
    std::optional<BlobWriter> writer_;
    std::optional<Error> too_large_;  // of the file that is read
    int count_ = 0;
    std::int64_t bytes_ = 0;
    ArtifactSender sender_;  // the last: it tells of what was stored
};

}  // namespace

StepEnd carry_out(const StoreArtifactsStep& step, Job& job, const Output& output) {
    Storing storing(step, job, *output);
    const auto stored = storing.run();
    if (!stored && stored.error().fault == Fault::not_found && !job.control.is_stopping()) {
        output->say(fmt::format("Nothing to store: there is no {}", job.path(step.path)));
        return {};
    }
    if (!stored) return shrugged_off(stored.error().during("store_artifacts"), job, *output);
    output->say(fmt::format("{} artifacts, {} in all", storing.count(), size_text(storing.bytes())));
    return {};
}

}  // namespace gyre::agent

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/junit.h"
#include "agent/steps/steps.h"
#include "agent/tar_stream.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_files = 10'000;
constexpr std::size_t longest_file_name = 4096;   // bytes of a path
constexpr std::size_t files_of_one_pack = 200;    // their names are arguments
constexpr std::int64_t largest_file = 256 << 20;  // bytes of one report
constexpr std::size_t cases_of_one_batch = 1000;
constexpr std::size_t bytes_of_one_batch = 1 << 20;
constexpr std::int64_t most_cases = 1'000'000;

std::size_t size_of(const TestCase& test) {
    return test.name.size() + test.classname.size() + test.file.size() + test.source.size() + test.message.size();
}

class Collecting {
public:
    Collecting(Job& job, StepOutput& output) : job_(job), output_(output) {}

    Result<void> run(const std::string& path) {
        GYRE_TRY_ASSIGN(const auto files, find_reports(path));
        for (std::size_t at = 0; at < files.size(); at += files_of_one_pack) {
            GYRE_TRY(read_reports(
                {files.begin() + static_cast<std::ptrdiff_t>(at),
                 files.begin() + static_cast<std::ptrdiff_t>(std::min(files.size(), at + files_of_one_pack))}));
        }
        GYRE_TRY(send());
        const auto broken = broken_ == 0 ? "" : fmt::format(" ({} of them broken)", broken_);
        output_.say(fmt::format("{} tests in {} reports{}: {} failed, {} skipped", cases_, files.size(), broken,
                                failed_, skipped_));
        return {};
    }

private:
    Result<std::vector<std::string>> find_reports(const std::string& path) {
        GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
        set_non_blocking(pipe.read.get());
        GYRE_TRY_ASSIGN(Tool tool,
                        Tool::start(job_, {"find-xml", "--max-files", std::to_string(most_files), "--", path}, {},
                                    std::move(pipe.write)));
        std::vector<std::string> files{""};
        std::vector<char> piece(64 << 10);
        while (true) {
            GYRE_TRY_ASSIGN(const std::size_t got, read_from(job_, pipe.read.get(), piece.data(), piece.size()));
            if (got == 0) break;
            GYRE_TRY(take_names({piece.data(), got}, files));
        }
        GYRE_TRY(succeed(tool, "looking for reports"));
        if (const auto complaints = tool.complaints(); !complaints.empty()) output_.say(complaints);
        files.pop_back();
        return files;
    }

    // Adds names that end in NUL bytes; the last one is not complete. They come from inside the job: nothing is
    // believed.
    static Result<void> take_names(std::string_view bytes, std::vector<std::string>& files) {
        for (const char c : bytes) {
            if (c == '\0') {
                if (files.size() > most_files)
                    return too_large(fmt::format("there are more than {} reports, the limit", most_files));
                files.emplace_back();
            } else if (files.back().size() < longest_file_name) {
                files.back() += c;
            } else {
                return too_large(fmt::format("the name of a report is longer than {} bytes", longest_file_name));
            }
        }
        return {};
    }

    Result<void> read_reports(std::vector<std::string> files) {
        std::vector<std::string> arguments{"pack", "--root", "/", "--absolute", "--"};
        arguments.insert(arguments.end(), files.begin(), files.end());
        GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
        set_non_blocking(pipe.read.get());
        GYRE_TRY_ASSIGN(Tool tool, Tool::start(job_, std::move(arguments), {}, std::move(pipe.write)));
        GYRE_TRY(read_tar(job_, pipe.read.get(),
                          {[this](const std::string& name, std::int64_t size) { return begin(name, size); },
                           [this](std::string_view bytes) { return feed(bytes); }, [this] { return end(); }, [] {}}));
        return succeed(tool, "reading reports");
    }

    Result<void> begin(const std::string& name, std::int64_t size) {
        name_ = name;
        failure_.reset();
        cases_before_ = cases_;
        if (size > largest_file)
            failure_ = too_large(fmt::format("it has {}; the limit is {}", size_text(size), size_text(largest_file)));
        parser_.emplace(name.substr(name.rfind('/') + 1), [this](TestCase&& test) { take(std::move(test)); });
        return {};
    }

    // A report that cannot be read is a warning; only the server's trouble ends the step.
    Result<void> feed(std::string_view bytes) {
        if (failure_) return {};
        const auto fed = parser_->feed(bytes);
        if (!fed) failure_ = fed.error();
        if (waiting_.size() >= cases_of_one_batch || waiting_bytes_ >= bytes_of_one_batch) return send();
        return {};
    }

    Result<void> end() {
        if (!failure_) {
            const auto finished = parser_->finish();
            if (!finished) failure_ = finished.error();
        }
        if (!failure_) return {};
        ++broken_;
        const auto taken = cases_ - cases_before_;
        const auto what = taken == 0 ? "is no JUnit report that can be read"
                                     : fmt::format("can be read in part, and gave {} tests", taken);
        output_.say(fmt::format("Warning: {} {}: {}", name_, what, failure_->message));
        return {};
    }

    void take(TestCase&& test) {
        if (++cases_ > most_cases) return;
        failed_ += test.result == TestResult::failure || test.result == TestResult::error ? 1 : 0;
        skipped_ += test.result == TestResult::skipped ? 1 : 0;
        for (auto* text : {&test.name, &test.classname, &test.file, &test.source, &test.message})
            *text = job_.masked(*text);
        waiting_bytes_ += size_of(test);
        waiting_.push_back(std::move(test));
    }

    Result<void> send() {
        wire::TestBatch batch;
        std::size_t bytes = 0;
        for (auto& test : std::exchange(waiting_, {})) {
            bytes += size_of(test);
            batch.tests.push_back(std::move(test));
            if (batch.tests.size() < cases_of_one_batch && bytes < bytes_of_one_batch) continue;
            GYRE_TRY(send_batch(batch));
            bytes = 0;
        }
        waiting_bytes_ = 0;
        return batch.tests.empty() ? Result<void>{} : send_batch(batch);
    }

    Result<void> send_batch(wire::TestBatch& batch) {
        batch.batch = job_.test_batches;
        GYRE_TRY(keep_trying(job_.gateway, TryUntil::stopping, [&] { return job_.gateway.add_tests(batch); }));
        ++job_.test_batches;
        batch.tests.clear();
        return {};
    }

    Job& job_;
    StepOutput& output_;
    std::string name_;
    std::optional<JUnitParser> parser_;
    std::optional<Error> failure_;
    std::vector<TestCase> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::int64_t cases_ = 0;
    std::int64_t cases_before_ = 0;  // this report
    std::int64_t broken_ = 0;        // reports
    std::int64_t failed_ = 0;
    std::int64_t skipped_ = 0;
};

}  // namespace

StepEnd carry_out(const StoreTestResultsStep& step, Job& job, const Output& output) {
    const std::string path = job.path(step.path);
    const auto collected = Collecting(job, *output).run(path);
    if (!collected && collected.error().fault == Fault::not_found && !job.control.is_stopping()) {
        output->say(fmt::format("Nothing to read: there is no {}", path));
        return {};
    }
    if (!collected) return shrugged_off(collected.error().during("store_test_results"), job, *output);
    return {};
}

}  // namespace gyre::agent

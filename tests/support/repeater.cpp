#include "support/repeater.h"

#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace gyre::test {
namespace {

constexpr int fewest = 2;
constexpr int most = 5;
constexpr int latest = 12;  // calls that go by before a late copy is sent, at most

std::string header(const std::string& head, const std::string& name) {
    for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
        if (::strncasecmp(head.c_str() + at + 2, (name + ":").c_str(), name.size() + 1) != 0) continue;
        const auto begin = head.find_first_not_of(' ', at + 3 + name.size());
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    return "";
}

// One request as it came, but that it asks for the connection's end after the answer. Empty: the caller is gone.
std::string read_request(const Fd& caller) {
    std::string bytes;
    std::size_t head_end = std::string::npos;
    while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos) {
        const std::string more = receive(caller);
        if (more.empty()) return "";
        bytes += more;
    }
    const std::string head = bytes.substr(0, head_end + 2);
    if (!header(head, "transfer-encoding").empty()) throw std::runtime_error("a call in chunks: " + head);
    const std::string length = header(head, "content-length");
    const std::size_t whole = head_end + 4 + (length.empty() ? 0 : std::stoul(length));
    while (bytes.size() < whole) {
        const std::string more = receive(caller);
        if (more.empty()) return "";
        bytes += more;
    }
    return head + "Connection: close\r\n" + bytes.substr(head_end + 2);
}

bool is_claim(const std::string& request) { return request.starts_with("POST /agent/v1/claim"); }
bool says_nothing_yet(const std::string& answer) { return answer.starts_with("HTTP/1.1 204"); }

}  // namespace

Repeater::Repeater(std::string server, unsigned seed) : tap_(std::move(server)), random_(seed) {
    thread_ = std::thread([this] { let_in(); });
}

Repeater::~Repeater() {
    tap_.stop();
    thread_.join();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        late_.clear();
        for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
    }
    while (true) {  // those that end may begin others
        std::list<Worker> next;
        {
            const std::lock_guard lock(mutex_);
            if (threads_.empty()) return;
            next.splice(next.begin(), threads_, threads_.begin());
        }
        next.front().thread.join();
    }
}

void Repeater::repeat() {
    const std::lock_guard lock(mutex_);
    repeats_ = true;
}

int Repeater::calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
}

int Repeater::copies() {
    const std::lock_guard lock(mutex_);
    return copies_;
}

int Repeater::draw(int from, int to) {
    const std::lock_guard lock(mutex_);
    return std::uniform_int_distribution<int>(from, to)(random_);
}

void Repeater::note(const Fd& connection, bool is_open) {
    const std::lock_guard lock(mutex_);
    if (is_open) {
        open_.insert(connection.get());
        if (ending_) ::shutdown(connection.get(), SHUT_RDWR);
    } else {
        open_.erase(connection.get());
    }
}

// Threads that ended are joined on the way.
void Repeater::in_thread(std::function<void()> work) {
    std::list<Worker> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto one = threads_.begin(); one != threads_.end();) {
            const auto next = std::next(one);
            if (one->ended) ended.splice(ended.end(), threads_, one);
            one = next;
        }
        auto& made = threads_.emplace_back();
        made.thread = std::thread([this, &made, work = std::move(work)] {
            work();
            const std::lock_guard done(mutex_);
            made.ended = true;
        });
    }
    for (auto& one : ended) one.thread.join();
}

void Repeater::let_in() {
    while (Fd caller = tap_.let_in()) {
        in_thread([this, held = std::make_shared<Fd>(std::move(caller))] {
            note(*held, true);
            serve(*held);
            note(*held, false);
        });
    }
}

void Repeater::serve(const Fd& caller) {
    const std::string request = read_request(caller);
    if (request.empty()) return;
    bool repeats = false;
    {
        const std::lock_guard lock(mutex_);
        ++calls_;
        repeats = repeats_;
    }
    const int copies = repeats ? draw(fewest, most) : 1;
    const int at_once = draw(1, copies);
    const std::string answer = answer_of(request, at_once);
    keep_for_later(request, copies - at_once);
    send_all(caller, answer);
    ::shutdown(caller.get(), SHUT_RDWR);
    send_what_is_due(false);
}

std::string Repeater::answer_of(const std::string& request, int copies) {
    std::vector<std::string> answers(static_cast<std::size_t>(copies));
    std::vector<std::thread> beside;
    for (auto& answer : answers) beside.emplace_back([&] { answer = ask(request); });
    for (auto& thread : beside) thread.join();
    {
        const std::lock_guard lock(mutex_);
        copies_ += copies - 1;
    }
    // Of several claims of one agent the newest waits, and those before it are told to ask again.
    if (is_claim(request) && !std::ranges::all_of(answers, says_nothing_yet)) std::erase_if(answers, says_nothing_yet);
    return answers[static_cast<std::size_t>(draw(0, static_cast<int>(answers.size()) - 1))];
}

std::string Repeater::ask(const std::string& request) {
    const Fd server = tap_.connect();
    if (!server) return "";
    note(server, true);
    std::string answer;
    if (send_all(server, request)) {
        for (std::string more = receive(server); !more.empty(); more = receive(server)) answer += more;
    }
    note(server, false);
    return answer;
}

void Repeater::keep_for_later(const std::string& request, int copies) {
    for (int copy = 0; copy < copies; ++copy) {
        const int after = draw(1, latest);
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        late_.push_back({calls_ + after, request});
        ++copies_;
    }
}

void Repeater::send_what_is_due(bool all) {
    std::list<Late> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto one = late_.begin(); one != late_.end();) {
            const auto next = std::next(one);
            if (all || one->after <= calls_) due.splice(due.end(), late_, one);
            one = next;
        }
        late_at_work_ += static_cast<int>(due.size());
    }
    for (auto& one : due) {
        in_thread([this, request = std::move(one.request)] {
            const auto is_over = [this] {
                const std::lock_guard lock(mutex_);
                --late_at_work_;
                changed_.notify_all();
            };
            if (is_claim(request)) is_over();  // it waits for work, maybe in vain
            ask(request);
            if (!is_claim(request)) is_over();
        });
    }
}

void Repeater::send_the_rest() {
    send_what_is_due(true);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return late_at_work_ == 0; });
}

}  // namespace gyre::test

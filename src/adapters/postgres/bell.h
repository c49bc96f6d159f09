#pragma once

// The bell between the servers on one database: what one tells, the others hear, soon and at best. Words may get lost
// (while a connection is down); so whoever hears also looks by itself from time to time. Built on LISTEN and NOTIFY,
// on a connection of its own, and never within a transaction that stores something: the commit of a NOTIFY takes a lock
// of the whole PostgreSQL.
//
// The connection also stands for the server: while it lives no other server can have this name, and nobody takes the
// schema back. Thread-safe.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/postgres/database.h"
#include "base/fd.h"
#include "base/guarded.h"

namespace gyre::postgres {

struct BellSettings {
    std::string server;                                      // this one's name
    std::function<void(std::string_view word)> hear;         // by a thread of the bell; "": words may have got lost
    std::chrono::milliseconds pace{10};                      // between two tellings
    std::chrono::milliseconds patience_for_the_name{5'000};  // a server that was killed gives its name back soon
};

class Bell {
public:
    // Errors: conflict (another server has the name), unavailable.
    static Result<std::unique_ptr<Bell>> open(const Target& target, BellSettings settings);
    ~Bell();
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    // Tells all others, soon; of words about the same thing the last one. At most 7900 bytes. Never blocks.
    void tell(const std::string& about, const std::string& word);

    // Whether servers are there; for whoever wants to take the schema back. Within a transaction, until its end nobody
    // can begin to be there.
    static Result<bool> nobody_listens(Database& database);

private:
    Bell(Target target, BellSettings settings);
    Result<void> connect();
    Result<void> take_name(Database& database);
    void run();
    bool turn();  // false: the connection is lost
    bool tell_all();
    void hear_all();
    void rest(std::chrono::milliseconds time);

    Target target_;
    BellSettings settings_;
    std::unique_ptr<Database> database_;                  // of the thread, once it runs
    Guarded<std::map<std::string, std::string>> untold_;  // by what they are about
    Guarded<bool> stopping_{false};
    Fd wake_;
    std::thread thread_;
};

}  // namespace gyre::postgres

#pragma once

// SSH into a running job: what the server lets the agent offer, and what the agent tells it about that. An agent offers
// SSH as soon as somebody may come in, with the claim or with any heartbeat; what a later heartbeat says replaces it
// (a key that was removed opens no door from then on). POST attempts/<id>/ssh tells what happened; an event is known by
// its sequence, so that one told twice is one.

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "base/enum_names.h"

namespace gyre::wire {

struct SshGuest {
    std::string login;
    std::vector<std::string> keys;  // public, each "<type> <base64>" as model/ssh_key.h has it
};

struct SshAccess {
    std::vector<SshGuest> guests;
    bool keep_always = false;      // keep the job's place when its steps have ended
    bool keep_on_failure = false;  // keep it when one of them failed
    std::string bind;              // address to listen at; empty: all
    std::string host;              // what people are told to connect to; empty: the machine's name
    int first_port = 64'535;
    int last_port = 65'535;
    std::int64_t idle_ms = 10 * 60 * 1000;   // kept for so long while nobody is in it
    std::int64_t most_ms = 2 * 3600 * 1000;  // kept for so long at most
};

enum class SshEventKind { opened, login, logout, failed };
constexpr EnumNames<SshEventKind, 4> enum_names(SshEventKind) {
    return {{{SshEventKind::opened, "opened"},
             {SshEventKind::login, "login"},
             {SshEventKind::logout, "logout"},
             {SshEventKind::failed, "failed"}}};
}

struct SshEvent {
    int sequence = 0;  // from 0, of the attempt
    SshEventKind kind = SshEventKind::opened;
    std::string host;         // opened: what people connect to
    int port = 0;             // opened
    std::string fingerprint;  // opened: of the host's key; login, logout: of the guest's
    std::string login;        // login, logout
    std::string from;         // login, logout: address and port
    std::string reason;       // failed: why SSH could not be offered
    std::int64_t age_ms = 0;  // how long ago it happened when this is sent
};

struct SshEvents {
    std::vector<SshEvent> events;  // at most 100
};

BOOST_DESCRIBE_STRUCT(SshGuest, (), (login, keys))
BOOST_DESCRIBE_STRUCT(SshAccess, (),
                      (guests, keep_always, keep_on_failure, bind, host, first_port, last_port, idle_ms, most_ms))
BOOST_DESCRIBE_STRUCT(SshEvent, (), (sequence, kind, host, port, fingerprint, login, from, reason, age_ms))
BOOST_DESCRIBE_STRUCT(SshEvents, (), (events))

}  // namespace gyre::wire

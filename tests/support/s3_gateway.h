#pragma once

// A server of S3 that others wrote: VersityGW, on files, on a port of its own. It checks signatures, hashes of bodies
// and clocks. `make test` installs it where there is Go (tools/s3_gateway.sh). Errors are thrown (std::runtime_error).

#include <memory>
#include <string>

#include "ports/contract/temp_folder.h"
#include "support/program.h"

namespace gyre::test {

class S3Gateway {
public:
    // Why there is none, for GTEST_SKIP; empty: there is one.
    static std::string needs();

    S3Gateway();  // returns when it answers

    std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::string access() const { return "AKGATEWAY"; }
    std::string secret() const { return "gateway/secret+key"; }
    std::string region() const { return "eu-central-1"; }
    std::string bucket() const { return "gyre-test"; }

    void kill();         // by SIGKILL
    void start_again();  // on the same port and files

private:
    bool try_start();

    contract::TempFolder folder_;
    int port_ = 0;
    std::unique_ptr<Program> program_;
};

}  // namespace gyre::test

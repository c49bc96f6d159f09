#pragma once

// For tests: speaks to a server byte by byte over its unix socket, as a well-behaved or a hostile client would.
// Blocking; every read ends after ten seconds at the latest.

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cctype>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace gyre::httpd {

struct RawAnswer {
    int status = 0;                              // 0: the connection ended without an answer
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;                            // chunks joined
    bool whole = false;                          // the body came as long as it was announced
};

class RawClient {
public:
    explicit RawClient(const std::string& socket_path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
        if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot connect to " + socket_path);
        }
        const timeval longest{.tv_sec = 10};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    }

    // False when the other end does not take it any more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    RawAnswer request(const std::string& method, const std::string& target, const std::string& body = {},
                      const std::string& more_headers = {}) {
        std::string text = method + " " + target + " HTTP/1.1\r\nHost: test\r\n" + more_headers;
        if (!body.empty() || method == "POST" || method == "PUT") {
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        send(text + "\r\n" + body);
        return receive(method == "HEAD");
    }

    RawAnswer receive(bool head_only = false) {
        RawAnswer answer = receive_head();
        while (answer.status == 100) answer = receive_head();
        if (answer.status == 0 || head_only || answer.status == 204 || answer.status == 304) {
            answer.whole = answer.status != 0;
        } else if (answer.headers.contains("transfer-encoding")) {
            while (receive_chunk(answer)) {
            }
        } else if (answer.headers.contains("content-length")) {
            receive_exactly(answer, std::stoul(answer.headers["content-length"]));
        } else {
            while (fill()) {
            }
            answer.body = std::exchange(buffer_, {});
            answer.whole = true;
        }
        return answer;
    }

    // The status line and headers alone: for answers whose body is read chunk by chunk.
    RawAnswer receive_head() {
        RawAnswer answer;
        const std::string head = take_until("\r\n\r\n");
        if (!head.starts_with("HTTP/1.1 ")) return answer;
        answer.status = std::stoi(head.substr(9, 3));
        for (auto at = head.find("\r\n"); at != std::string::npos && at + 2 < head.size();) {
            const auto end = head.find("\r\n", at + 2);
            const auto line = head.substr(at + 2, end - at - 2);
            const auto colon = line.find(": ");
            if (colon != std::string::npos) answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
            at = end;
        }
        return answer;
    }

    // Appends the next chunk; false at the end (`whole` says whether it was the proper one).
    bool receive_chunk(RawAnswer& answer) {
        const std::string size = take_until("\r\n");
        if (size.empty()) return false;
        const auto length = std::stoul(size, nullptr, 16);
        while (buffer_.size() < length + 2 && fill()) {
        }
        if (buffer_.size() < length + 2) return false;
        answer.body += buffer_.substr(0, length);
        buffer_.erase(0, length + 2);
        answer.whole = length == 0;
        return length != 0;
    }

    bool ended() { return buffer_.empty() && !fill(); }  // waits for the other end to close
    void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

private:
    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }

    bool fill() {
        std::array<char, 65536> piece;
        const auto got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
        if (got > 0) buffer_.append(piece.data(), static_cast<std::size_t>(got));
        return got > 0;
    }

    std::string take_until(std::string_view mark) {
        auto at = buffer_.find(mark);
        while (at == std::string::npos && fill()) at = buffer_.find(mark);
        if (at == std::string::npos) return {};
        std::string taken = buffer_.substr(0, at);
        buffer_.erase(0, at + mark.size());
        return taken;
    }

    void receive_exactly(RawAnswer& answer, std::size_t length) {
        while (buffer_.size() < length && fill()) {
        }
        answer.whole = buffer_.size() >= length;
        answer.body = buffer_.substr(0, length);
        buffer_.erase(0, length);
    }

    Fd socket_;
    std::string buffer_;
};

}  // namespace gyre::httpd

// Asio's TLS part, apart from asio.cpp so that programs without TLS do not load OpenSSL.
#include <boost/asio/ssl/impl/src.hpp>

// The one translation unit in which Asio's and Beast's non-template code is compiled (see GyreDeps.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>

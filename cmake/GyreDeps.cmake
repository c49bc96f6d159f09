# Everything that we use and did not write, as imported targets. Modules name them in LIBS:
#
#   Boost::json  gyre_asio (Asio + Beast)  gyre_asio_tls (adds OpenSSL)
#   PkgConfig::sqlite3  PkgConfig::libpq  PkgConfig::seccomp  PkgConfig::archive  PkgConfig::zstd  PkgConfig::expat
#   static::seccomp  static::archive  static::zstd  static::expat  static::yaml
#   PkgConfig::libcurl
#   PkgConfig::libssh  PkgConfig::yaml  PkgConfig::toml  PkgConfig::fmt  PkgConfig::pcre2
#   CLI11::CLI11  OpenSSL::SSL  OpenSSL::Crypto  Threads::Threads
#   in TEST_LIBS: GTest::gmock (always there), rapidcheck;  in bench/: PkgConfig::yamlcpp

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CLI11 REQUIRED)

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)

find_package(PkgConfig REQUIRED)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(libssh REQUIRED IMPORTED_TARGET libssh)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(toml REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(fmt REQUIRED IMPORTED_TARGET fmt)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)

# static::NAME is the same library as a part of the program. For the agent: each job begins with one, and what the dynamic
# linker need not fetch costs nothing then (decision 0052).
foreach(name seccomp archive zstd expat yaml)
    find_library(GYRE_STATIC_${name} NAMES lib${name}.a REQUIRED)
    add_library(static::${name} STATIC IMPORTED GLOBAL)
    set_target_properties(static::${name} PROPERTIES IMPORTED_LOCATION ${GYRE_STATIC_${name}})
endforeach()

if(GYRE_TESTS)
    find_package(GTest REQUIRED)
    find_package(rapidcheck REQUIRED)
endif()
if(GYRE_BENCH)
    pkg_check_modules(yamlcpp REQUIRED IMPORTED_TARGET yaml-cpp)
endif()

# Asio and Beast are compiled once, here; everybody else sees declarations only. A module that forgets to name
# gyre_asio fails to link, so the two ways of using the headers can never be mixed.
add_compile_definitions(
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TS_EXECUTORS)
add_library(gyre_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_link_libraries(gyre_asio PUBLIC Boost::headers Threads::Threads)
add_library(gyre_asio_tls STATIC ${CMAKE_SOURCE_DIR}/cmake/asio_tls.cpp)
target_link_libraries(gyre_asio_tls PUBLIC gyre_asio OpenSSL::SSL OpenSSL::Crypto)
# Warnings in code that we did not write are not ours to fix.
target_compile_options(gyre_asio PRIVATE -w)
target_compile_options(gyre_asio_tls PRIVATE -w)

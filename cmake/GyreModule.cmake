# gyre_module(name SOURCES ... [TESTS ...] [USES modules...] [LIBS targets...] [TEST_USES modules...] [TEST_LIBS ...]
#             [TIMEOUT seconds] [ALONE filter] [TOGETHER])
#
# One module of src/: the static library gyre_<name> (an interface library when it has headers only) and, when it has
# tests, one GoogleTest program <name>_test in the module's own build folder. Slashes in a name become underscores.
# USES must be allowed by src/modules.txt; tools/modules.py checks that. TEST_USES are modules which only the tests
# see (adapters/memory). SOURCES may list headers. Tests that match the GoogleTest filter ALONE never run two at a time.
# TOGETHER makes the whole program one test for ctest: its tests share what is slow to start.
#
# gyre_tests(name TESTS ... [USES ...] [LIBS ...] [TIMEOUT seconds])
#
# A GoogleTest program of its own, for tests/ (stories, properties, end to end).

include(GoogleTest)

add_library(gyre_flags INTERFACE)
target_include_directories(gyre_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

# Two precompiled headers serve all targets: what nearly every file includes anyway. gcc refuses them where a macro that
# they looked at is defined differently, so they link what every module links.
file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cpp.in "// carries a precompiled header\n")
configure_file(${CMAKE_BINARY_DIR}/pch/empty.cpp.in ${CMAKE_BINARY_DIR}/pch/empty.cpp COPYONLY)
set(GYRE_PCH_HEADERS
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstddef> <cstdint> <cstring> <filesystem>
    <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <tuple>
    <type_traits> <unordered_map> <unordered_set> <utility> <variant> <vector> <boost/json.hpp>)
add_library(gyre_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cpp)
target_link_libraries(gyre_pch PRIVATE Boost::json)
target_precompile_headers(gyre_pch PRIVATE ${GYRE_PCH_HEADERS})
if(GYRE_TESTS)
    add_library(gyre_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cpp)
    target_link_libraries(gyre_test_pch PRIVATE Boost::json GTest::gmock)
    target_precompile_headers(gyre_test_pch PRIVATE ${GYRE_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
endif()

function(gyre_link_modules target visibility)
    foreach(used IN LISTS ARGN)
        string(REPLACE "/" "_" used_target ${used})
        target_link_libraries(${target} ${visibility} gyre_${used_target})
    endforeach()
endfunction()

# What is built, for the checks in tests/lint: no test file may be in no build list.
function(gyre_record_tests)
    foreach(test IN LISTS ARGN)
        cmake_path(ABSOLUTE_PATH test)
        set_property(GLOBAL APPEND PROPERTY GYRE_TEST_FILES ${test})
    endforeach()
endfunction()

function(gyre_test_program target prefix timeout alone)
    add_executable(${target} ${ARGN})
    gyre_record_tests(${ARGN})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    target_link_libraries(${target} PRIVATE gyre_flags GTest::gmock GTest::gtest_main Boost::json Threads::Threads)
    target_precompile_headers(${target} REUSE_FROM gyre_test_pch)
    set(discovery DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 30 TEST_PREFIX "${prefix}."
        WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    if(alone STREQUAL "TOGETHER")
        add_test(NAME ${prefix} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
        set_tests_properties(${prefix} PROPERTIES TIMEOUT ${timeout})
    elseif(alone)
        gtest_discover_tests(${target} ${discovery} TEST_FILTER "-${alone}" PROPERTIES TIMEOUT ${timeout})
        gtest_discover_tests(${target} ${discovery} TEST_FILTER "${alone}" TEST_LIST ${target}_ALONE
            PROPERTIES TIMEOUT ${timeout} RESOURCE_LOCK ${target})
    else()
        gtest_discover_tests(${target} ${discovery} PROPERTIES TIMEOUT ${timeout})
    endif()
endfunction()

function(gyre_module name)
    cmake_parse_arguments(PARSE_ARGV 1 M "TOGETHER" "TIMEOUT;ALONE" "SOURCES;TESTS;USES;LIBS;TEST_USES;TEST_LIBS")
    if(M_UNPARSED_ARGUMENTS)
        message(SEND_ERROR "gyre_module(${name}): unknown arguments: ${M_UNPARSED_ARGUMENTS}")
    endif()
    string(REPLACE "/" "_" id ${name})
    set(library gyre_${id})
    set(compiled ${M_SOURCES})
    list(FILTER compiled INCLUDE REGEX "\\.(c|cpp|S)$")
    if(compiled)
        add_library(${library} STATIC ${M_SOURCES})
        set(visibility PUBLIC)
        target_precompile_headers(${library} REUSE_FROM gyre_pch)
    else()
        add_library(${library} INTERFACE ${M_SOURCES})
        set(visibility INTERFACE)
    endif()
    target_link_libraries(${library} ${visibility} gyre_flags Boost::json Threads::Threads ${M_LIBS})
    gyre_link_modules(${library} ${visibility} ${M_USES})
    set_property(GLOBAL APPEND PROPERTY GYRE_MODULE_USES "${name}: ${M_USES}")

    if(M_TESTS AND GYRE_TESTS)
        if(NOT M_TIMEOUT)
            set(M_TIMEOUT 60)
        endif()
        if(M_TOGETHER)
            set(M_ALONE TOGETHER)
        endif()
        gyre_test_program(${id}_test ${name} ${M_TIMEOUT} "${M_ALONE}" ${M_TESTS})
        target_link_libraries(${id}_test PRIVATE ${library} ${M_TEST_LIBS})
        gyre_link_modules(${id}_test PRIVATE ${M_TEST_USES})
    endif()
endfunction()

function(gyre_tests name)
    cmake_parse_arguments(PARSE_ARGV 1 T "" "TIMEOUT" "TESTS;USES;LIBS")
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    gyre_test_program(${name}_test ${name} ${T_TIMEOUT} "" ${T_TESTS})
    target_link_libraries(${name}_test PRIVATE ${T_LIBS})
    gyre_link_modules(${name}_test PRIVATE ${T_USES})
endfunction()

# Written at the end of the configure step; read by tools/modules.py and tests/lint/.
function(gyre_write_build_lists)
    get_property(tests GLOBAL PROPERTY GYRE_TEST_FILES)
    list(JOIN tests "\n" tests)
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/lists/tests.txt CONTENT "${tests}\n")
    get_property(uses GLOBAL PROPERTY GYRE_MODULE_USES)
    string(REPLACE ";" "\n" uses "${uses}")
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/lists/modules.txt CONTENT "${uses}\n")
endfunction()

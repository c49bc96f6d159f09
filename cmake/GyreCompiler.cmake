# Compiler and linker settings, the same for every target (precompiled headers depend on that).

option(GYRE_WERROR "Treat warnings as errors" OFF)
option(GYRE_ASSERTIONS "Check standard library preconditions" OFF)
option(GYRE_HARDEN "Hardening flags of the release build" OFF)
set(GYRE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_compile_options(-pthread)
add_link_options(-pthread)

add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wimplicit-fallthrough -Wcast-align -Wconversion
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
    $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
    # Designated initializers that leave the rest at its default are how we write values.
    -Wno-missing-field-initializers
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # gcc 12 reports these on std::string and std::variant code that is right (PR105651, PR105562).
    add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
                        -Wno-stringop-overread -Wno-dangling-pointer)
endif()
if(GYRE_WERROR)
    add_compile_options(-Werror)
endif()

if(GYRE_ASSERTIONS)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(GYRE_SANITIZE)
    add_compile_options(-fsanitize=${GYRE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${GYRE_SANITIZE})
    if(GYRE_SANITIZE MATCHES thread)
        add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)  # its fences are unknown to this sanitizer
    endif()
endif()

if(GYRE_HARDEN)
    # Debian's gcc links position-independent executables by itself; saying -pie here would break -static targets.
    add_compile_definitions(_FORTIFY_SOURCE=2)
    add_compile_options(-fstack-protector-strong -fstack-clash-protection -fPIE -ffunction-sections -fdata-sections)
    add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--gc-sections)
endif()

# ccache: the precompiled header is part of the compile, so its defines and times must not count as differences.
# The setting travels with the launcher, because ninja may be started from anywhere.
find_program(GYRE_CCACHE ccache)
if(GYRE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${GYRE_CCACHE})
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()

find_program(GYRE_MOLD mold)
if(GYRE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# gyre_web_assets: the built web UI inside a static library; see tools/embed.py for the header web_assets.h.
#
# tools/web.py runs at each build that needs the library, and does nothing when no source of web/ changed. Without
# web/package.json, or with GYRE_WEB=OFF, the table is empty and the server serves its API only.

find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(web_out ${CMAKE_BINARY_DIR}/web)
set(web_switch "")
if(NOT GYRE_WEB)
    set(web_switch --off)
endif()
add_custom_target(gyre_web
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/web.py ${web_switch} ${CMAKE_SOURCE_DIR}/web ${web_out}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/embed.py ${web_out}/dist ${web_out}/generated
    BYPRODUCTS ${web_out}/generated/web_assets.S ${web_out}/generated/web_assets.cpp ${web_out}/generated/web_assets.h
    COMMENT "Web UI"
    USES_TERMINAL VERBATIM)
add_library(gyre_web_assets STATIC ${web_out}/generated/web_assets.S ${web_out}/generated/web_assets.cpp)
add_dependencies(gyre_web_assets gyre_web)
target_include_directories(gyre_web_assets PUBLIC ${web_out}/generated)

# Writes the migrations into a C++ table, ordered by number; see adapters/sql/migrations.h.
#
#   cmake -D FOLDER=db/migrations -D OUTPUT=migrations_table.cpp -P embed.cmake

file(GLOB ups ${FOLDER}/*.sql)
list(FILTER ups EXCLUDE REGEX "\\.down\\.sql$")
list(SORT ups)
set(rows "")
foreach(up IN LISTS ups)
    get_filename_component(name ${up} NAME)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
        message(FATAL_ERROR "${up}: a migration is named NNNN_title.sql")
    endif()
    set(title ${CMAKE_MATCH_2})
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    file(READ ${up} up_text)
    file(READ ${FOLDER}/${CMAKE_MATCH_1}_${title}.down.sql down_text)
    string(APPEND rows "    {${number}, \"${title}\", R\"sql(${up_text})sql\",\n     R\"sql(${down_text})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"adapters/sql/migrations.h\"

namespace gyre::sql {

static constexpr Migration table[] = {
${rows}};

std::span<const Migration> migrations() { return table; }

}  // namespace gyre::sql
")

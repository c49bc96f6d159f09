for compiler in gcc clang; do
    CC=$compiler cmake -S . -B build-$compiler -DENABLE_CJSON_UTILS=ON -DENABLE_CJSON_TEST=ON
    cmake --build build-$compiler -- -j2
    ctest --test-dir build-$compiler --output-on-failure --output-junit /results/$compiler.xml
done

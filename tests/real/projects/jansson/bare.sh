autoreconf -fi
code=0
for cc in gcc clang; do
    cp -a . ../$cc
    (cd ../$cc && CC=$cc CFLAGS=-Werror ./configure && make -j2)
    (cd ../$cc && make check VERBOSE=1 > /dev/null) || code=$?
    cat ../$cc/test/run-suites.log
done
exit $code

perl Makefile.PL
make
prove --blib --recurse --formatter TAP::Formatter::JUnit t > /results/junit.xml

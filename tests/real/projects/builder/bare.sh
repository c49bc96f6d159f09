rake test TESTOPTS="--verbose --seed=1"

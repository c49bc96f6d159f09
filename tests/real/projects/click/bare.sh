python3 -m venv ~/venv
~/venv/bin/pip install --quiet --requirement requirements/tests.txt
~/venv/bin/pip install --quiet --no-deps .
PATH=$HOME/venv/bin:$PATH
pytest -v --tb=short -o junit_family=xunit1 --junitxml=/results/junit.xml tests

export PYTHONWARNINGS=always
python3 -m venv .venv
.venv/bin/pip install --quiet pytest==7.4.4 setuptools==69.0.3
.venv/bin/python setup.py develop > build.log 2>&1
.venv/bin/pytest --junitxml=/results/junit.xml -q psutil/tests \
    --ignore=psutil/tests/test_memleaks.py --ignore=psutil/tests/test_process_all.py

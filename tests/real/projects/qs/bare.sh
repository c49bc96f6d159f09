# These two come with a package that only a git forge has; neither is for tests.
npm pkg delete devDependencies.eclint devDependencies.evalmd
npm install --no-audit --no-fund
npx eslint --ext=js,mjs .
npm run tests-only

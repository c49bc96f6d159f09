npm pkg delete devDependencies.eclint  # it comes with a package that only a git forge has
npm install --no-audit --no-fund
npx eslint --ext=js,mjs .
npm run tests-only

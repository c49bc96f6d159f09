npm install --no-audit --no-fund
npx eslint --ext=js,mjs .
npm run tests-only

npm install --no-audit --no-fund
npx tape 'test/**/*.js'

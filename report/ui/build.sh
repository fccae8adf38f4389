#!/usr/bin/env bash
# Builds dist/ from the packages that package-lock.json pins: the chart library cut
# down to what the page uses, fonts, and their licences. Needs node and npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --silent
rm -rf dist && mkdir dist
npx esbuild echarts.js --bundle --minify --format=iife --global-name=echarts --target=es2022 --banner:js="/* Apache ECharts (Apache-2.0), zrender (BSD-3-Clause), tslib (0BSD) */" --legal-comments=none --log-level=warning --outfile=dist/echarts.min.js
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 dist/
cp node_modules/@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2 dist/
cp node_modules/echarts/LICENSE dist/LICENSE-echarts.txt
cp node_modules/echarts/NOTICE dist/NOTICE-echarts.txt
cp node_modules/zrender/LICENSE dist/LICENSE-zrender.txt
cp node_modules/tslib/LICENSE.txt dist/LICENSE-tslib.txt
cp node_modules/@fontsource-variable/inter/LICENSE dist/LICENSE-inter.txt
cp node_modules/@fontsource/jetbrains-mono/LICENSE dist/LICENSE-jetbrains-mono.txt
ls -l dist

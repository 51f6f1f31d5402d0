#!/bin/sh
# Puts promtool at $1 for the tests of the alert rules: the one that is installed, else the one in Debian's package
# `prometheus`, fetched and unpacked without root. Where neither can be had it says so and leaves with 0: the tests
# that need it are then skipped, saying so.
set -eu
wanted=$1
[ -x "$wanted" ] && exit 0
say() { echo "promtool: $*" >&2; }
mkdir -p "$(dirname "$wanted")"
if found=$(command -v promtool); then
    ln -sf "$found" "$wanted"
    exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    say "not installed, and no apt-get here to fetch it: install Prometheus (it brings promtool)."
    exit 0
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM
if ! (cd "$place" && timeout 120 apt-get download --quiet prometheus >/dev/null 2>&1); then
    say "the package could not be fetched (apt-get update, then make promtool)."
    exit 0
fi
dpkg-deb -x "$place"/prometheus_*.deb "$place/x"
mv "$place/x/usr/bin/promtool" "$wanted"
say "fetched: $("$wanted" --version 2>&1 | head -n 1)"

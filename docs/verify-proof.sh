#!/bin/sh
# Was this file published at that path? sh verify-proof.sh FILE PATH PROOF LOG-KEY.pem  (docs/format.md, 4)
# Needs sed, openssl (3 or later) and sha256sum. Checks the log's signature, not the witnesses' times.
set -euf
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
die() { echo "not proven: $1"; exit 1; }
hash() { openssl dgst -sha256 -binary | openssl base64 -A; }      # in: bytes, out: base64
bytes() { printf '%s' "$1" | openssl base64 -d -A; }               # the other way
[ "$(sed -n 1p "$3")" = c2sp.org/tlog-proof@v1 ] || die "$3 is no proof"
[ "$(sed -n 2p "$3")" = "extra $(printf '%s' "$2" | openssl base64 -A)" ] || die "the proof is of another path"
sed '1,/^$/d' "$3" > "$d/note"; sed '/^$/,$d' "$d/note" > "$d/head"
sed '1,/^$/d' "$d/note" | sed -n '1s/^[^ ]* [^ ]* //p' | openssl base64 -d -A | tail -c +5 > "$d/sig"
openssl pkeyutl -verify -rawin -pubin -inkey "$4" -sigfile "$d/sig" -in "$d/head" > /dev/null 2>&1 || die "the log did not sign this head"
at=$(sed -n '3s/^index //p' "$3"); size=$(sed -n 2p "$d/head"); last=$((size - 1))
case $at in '' | *[!0-9]*) die "it has no index" ;; esac; [ "$at" -le "$last" ] || die "no such entry"
found=$({ printf '\000'; printf '%s  %s\n' "$(sha256sum < "$1" | sed 's/ .*//')" "$2"; } | hash)
for other in $(sed '1,3d;/^$/,$d' "$3"); do
  [ "$last" -gt 0 ] || die "the proof is too long"
  if [ $((at % 2)) = 1 ] || [ "$at" = "$last" ]; then
    found=$({ printf '\001'; bytes "$other"; bytes "$found"; } | hash)
    while [ $((at % 2)) = 0 ] && [ "$at" -gt 0 ]; do at=$((at / 2)) last=$((last / 2)); done
  else found=$({ printf '\001'; bytes "$found"; bytes "$other"; } | hash); fi
  at=$((at / 2)) last=$((last / 2))
done
[ "$last" = 0 ] && [ "$found" = "$(sed -n 3p "$d/head")" ] || die "these are not the bytes that were published there"
echo "published: $2 is entry $(sed -n '3s/^index //p' "$3") of a log of $size that the key signed"

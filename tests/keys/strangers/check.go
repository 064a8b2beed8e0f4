// Checks our notes, proofs and tiles with Go's own implementation of them.
// Reads one JSON document on standard input; prints "ok", or what is wrong.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type document struct {
	Note, Key, Text           string
	Size, Old, Index          int64
	Root, OldRoot, LeafHash   []byte
	Record                    []byte
	Inclusion, Consistency    [][]byte
	TilePaths                 []string
}

func hash(data []byte) (h tlog.Hash) {
	if len(data) != tlog.HashSize {
		fail("not a hash: %x", data)
	}
	copy(h[:], data)
	return h
}

func hashes(list [][]byte) (all []tlog.Hash) {
	for _, data := range list {
		all = append(all, hash(data))
	}
	return all
}

func fail(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

func main() {
	var d document
	if err := json.NewDecoder(os.Stdin).Decode(&d); err != nil {
		fail("input: %v", err)
	}
	key, err := note.NewVerifier(d.Key)
	if err != nil {
		fail("key: %v", err)
	}
	opened, err := note.Open([]byte(d.Note), note.VerifierList(key))
	if err != nil {
		fail("note: %v", err)
	}
	if opened.Text != d.Text || len(opened.Sigs) != 1 {
		fail("note: text %q, %d signatures", opened.Text, len(opened.Sigs))
	}
	if tlog.RecordHash(d.Record) != hash(d.LeafHash) {
		fail("the leaf hash differs")
	}
	if err := tlog.CheckRecord(hashes(d.Inclusion), d.Size, hash(d.Root), d.Index, hash(d.LeafHash)); err != nil {
		fail("inclusion: %v", err)
	}
	if err := tlog.CheckTree(hashes(d.Consistency), d.Size, hash(d.Root), d.Old, hash(d.OldRoot)); err != nil {
		fail("consistency: %v", err)
	}
	for _, tile := range tlog.NewTiles(8, 0, d.Size) {
		d.TilePaths = remove(d.TilePaths, tile.Path())
	}
	if len(d.TilePaths) > 0 {
		fail("tiles that Go does not know: %v", d.TilePaths)
	}
	fmt.Println("ok")
}

func remove(list []string, item string) (rest []string) {
	for _, other := range list {
		if other != item {
			rest = append(rest, other)
		}
	}
	return rest
}

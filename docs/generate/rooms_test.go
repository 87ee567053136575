package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTableOfRoomsIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := withRooms(page, "../..")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, want) {
		t.Error("the table of rooms in docs/architecture.md is not what `make docs` writes")
	}
}

func TestTableOfRoomsHasItsPlace(t *testing.T) {
	for _, page := range []string{"", roomsBegin, roomsEnd, roomsEnd + roomsBegin} {
		if _, err := withRooms([]byte(page), "../.."); err == nil {
			t.Errorf("%q is taken for the page", page)
		}
	}
}

package snapshot_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

func smallMetadata(t testing.TB) string { return small().rows(t, smallChunk)[0].Metadata }

func TestMetadataRoundTrip(t *testing.T) {
	elements, most := int64(3), int64(13)
	sources := small().sources()
	sources[0].File.Elements, sources[0].File.MaxElements = &elements, &most
	s, err := snapshot.Open(sources, snapshot.Options{ChunkSize: smallChunk})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Next()
	got, err := snapshot.DecodeMetadata([]byte(s.Row().Metadata))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Metadata(), got); diff != "" {
		t.Errorf("decoding changed the metadata (-encoded +decoded):\n%s", diff)
	}
}

func TestMetadataIgnoresUnknownFields(t *testing.T) {
	o := parse(t, smallMetadata(t))
	o["compression"], file(o, 0)["metric"] = object{"level": 3}, "cosine"
	if _, err := snapshot.DecodeMetadata([]byte(encode(t, o))); err != nil {
		t.Error(err)
	}
}

func TestMetadataText(t *testing.T) {
	valid := smallMetadata(t)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "metadata is not a JSON object: unexpected end of JSON input"},
		{"not JSON", "SQLite format 3", "metadata is not a JSON object: invalid character 'S' looking for beginning of value"},
		{"cut short", valid[:len(valid)-1], "metadata is not a JSON object: unexpected end of JSON input"},
		{"trailing garbage", valid + "x", "metadata is not a JSON object: invalid character 'x' after top-level value"},
		{"twice", valid + valid, "metadata is not a JSON object: invalid character '{' after top-level value"},
		{"an array", "[" + valid + "]", "metadata is not a JSON object: got a JSON array"},
		{"null", "null", "metadata lacks the field version"},
		{"too long", valid + strings.Repeat(" ", snapshot.MaxMetadataSize-len(valid)+1), "metadata is 16777217 bytes long, at most 16777216 are read"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, c.text, c.want) })
	}
	if _, err := snapshot.DecodeMetadata([]byte(valid + strings.Repeat(" ", snapshot.MaxMetadataSize-len(valid)))); err != nil {
		t.Errorf("the longest metadata: %v", err)
	}
}

// What decodes is valid, and encoding it loses nothing.
func FuzzDecodeMetadata(f *testing.F) {
	f.Add([]byte(smallMetadata(f)))
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := snapshot.DecodeMetadata(text)
		if err != nil {
			if !errors.Is(err, snapshot.ErrDamaged) {
				t.Errorf("%q does not wrap ErrDamaged", err)
			}
			return
		}
		if err := m.Validate(); err != nil {
			t.Errorf("decoded, but: %v", err)
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := snapshot.DecodeMetadata(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Errorf("encoding changed the metadata (-first +second):\n%s", diff)
		}
	})
}

package testkit

import (
	"crypto/sha256"
	"encoding/hex"
)

// Checksum is a file's, in hex: the SHA-256 over the digests of its chunks. That of
// an empty file has one digest, which is that of no bytes.
func Checksum(file []byte, chunkSize int) string {
	all := sha256.New()
	for more := true; more; more = len(file) > 0 {
		n := min(chunkSize, len(file))
		digest := sha256.Sum256(file[:n])
		all.Write(digest[:])
		file = file[n:]
	}
	return hex.EncodeToString(all.Sum(nil))
}

package c

// #include "vxsnap.h"
import "C"

import "unsafe"

// A Block is memory of C whose parts can be handed to SQLite as BLOBs without
// a copy (ResultChunk). SQLite may keep a part for longer than the Block is
// held: the memory lives until both let go of it.
type Block struct {
	p    *C.vx_block
	size int
}

// NewBlock allocates size bytes, which are not cleared.
func NewBlock(size int) *Block {
	p := C.vx_block_new(C.sqlite3_uint64(size))
	if p == nil {
		return nil
	}
	return &Block{p, size}
}

// Bytes is the block's memory, valid until Release.
func (b *Block) Bytes() []byte {
	return unsafe.Slice((*byte)(C.vx_block_data(b.p)), b.size)
}

// Shared reports whether SQLite still holds a part of the block, so that it
// must not be written to.
func (b *Block) Shared() bool { return C.vx_block_shared(b.p) != 0 }

// Release gives the memory up.
func (b *Block) Release() { C.vx_block_release(b.p) }

// LiveBlocks counts the blocks that are held by Go or by SQLite.
func LiveBlocks() int64 { return int64(C.vx_block_live()) }

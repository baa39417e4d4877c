package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A rowLog keeps rows in a temporary file until the metadata comes.
type rowLog struct {
	f *TempFile
	w *bufio.Writer
}

// A rowHeader precedes a row's file name and data.
type rowHeader struct {
	Seq, Offset int64
	Kind, Last  uint8
	Name        uint16 // length of the file name, in bytes
	Data        uint32 // length of the data, or of the end record, in bytes
}

func newRowLog(f *TempFile) *rowLog {
	return &rowLog{f, bufio.NewWriterSize(&cursor{f: f}, blockSize)}
}

func (l *rowLog) add(r *Row) error {
	if r.Kind == KindEnd {
		if len(r.Metadata) > MaxMetadataSize {
			return fault.Damaged("the end record is %d bytes long, at most %d are read", len(r.Metadata), MaxMetadataSize)
		}
		r = &Row{Seq: r.Seq, Kind: r.Kind, Last: r.Last, Data: []byte(r.Metadata)}
	}
	if len(r.Data) > MaxChunkSize {
		return fault.Damaged("row with seq %d has %d bytes of data, more than a chunk can have", r.Seq, len(r.Data))
	}
	head := rowHeader{
		Seq: r.Seq, Offset: r.Offset, Kind: uint8(r.Kind), Last: uint8(number(r.Last)),
		Name: uint16(len(r.FileName)), Data: uint32(len(r.Data)),
	}
	err := binary.Write(l.w, binary.LittleEndian, &head)
	if err == nil {
		_, err = l.w.WriteString(r.FileName)
	}
	if err == nil {
		_, err = l.w.Write(r.Data)
	}
	if err != nil {
		return fmt.Errorf("keep a row that came before its metadata: %w", fault.Cause(err))
	}
	return nil
}

// replay gives every row to take, in the order in which they came.
func (l *rowLog) replay(take func(*Row) error) error {
	if err := l.w.Flush(); err != nil {
		return fmt.Errorf("keep a row that came before its metadata: %w", fault.Cause(err))
	}
	in := bufio.NewReaderSize(&cursor{f: l.f}, blockSize)
	var buf []byte
	for {
		var head rowHeader
		if err := binary.Read(in, binary.LittleEndian, &head); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a row that came before its metadata: %w", fault.Cause(err))
		}
		n := int(head.Name) + int(head.Data)
		buf = slices.Grow(buf[:0], n)[:n]
		if _, err := io.ReadFull(in, buf); err != nil {
			return fmt.Errorf("read a row that came before its metadata: %w", fault.Cause(err))
		}
		r := Row{
			Seq: head.Seq, Kind: Kind(head.Kind), Offset: head.Offset, Last: head.Last == 1,
			FileName: string(buf[:head.Name]), Data: buf[head.Name:],
		}
		if r.Kind == KindEnd {
			r.Metadata, r.Data = string(r.Data), nil
		}
		if err := take(&r); err != nil {
			return err
		}
	}
}

func (l *rowLog) close() { l.f.Drop() }

// A cursor reads or writes a file from its start on.
type cursor struct {
	f  *TempFile
	at int64
}

func (c *cursor) Read(p []byte) (int, error) {
	n, err := c.f.ReadAt(p, c.at)
	c.at += int64(n)
	return n, err
}

func (c *cursor) Write(p []byte) (int, error) {
	n, err := c.f.WriteAt(p, c.at)
	c.at += int64(n)
	return n, err
}

// Package hnsw checks the structure of an index file that hnswlib wrote, before
// anybody loads it: hnswlib itself believes every number in it.
//
// header.go has the layout and the header, links.go the walk over every link. Read
// header.go next.
package hnsw

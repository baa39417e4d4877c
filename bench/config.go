package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The sizes that the goals speak of, in MiB.
const (
	goalSize    = 2048 // the ratios, and what is measured on one size
	growthSmall = 256
	growthLarge = 8192 // with BENCH_LARGE=1
)

// programs are what the benchmark runs, each with its Debian package.
var programs = map[string]string{
	"sqlite3": "sqlite3", "openssl": "openssl", "time": "time", "cp": "coreutils", "cat": "coreutils", "sync": "coreutils",
	"zstd": "zstd",
}

type config struct {
	sizes  []int  // MiB, ascending
	runs   int    // rounds for each comparison that a goal speaks of
	only   string // onlySaved, onlyIncrement, onlyStore, or "" for everything
	dir    string
	out    string
	vxsnap string
}

// wants says whether a section is to be measured.
func (cfg config) wants(section string) bool { return cfg.only == "" || cfg.only == section }

// goalSize is the size that most goals speak of, or else the largest.
func (cfg config) goalSize() int {
	if slices.Contains(cfg.sizes, goalSize) {
		return goalSize
	}
	return cfg.sizes[len(cfg.sizes)-1]
}

// growthBase is the size that growth starts from: 256 MiB if it is measured.
func (cfg config) growthBase() int {
	if slices.Contains(cfg.sizes, growthSmall) {
		return growthSmall
	}
	return cfg.sizes[0]
}

func readConfig() (config, error) {
	cfg := config{sizes: []int{16, growthSmall, goalSize}, runs: 5, out: "."}
	if os.Getenv("BENCH_LARGE") != "" {
		cfg.sizes = append(cfg.sizes, growthLarge)
	}
	if text := os.Getenv("BENCH_SIZES"); text != "" {
		cfg.sizes = nil
		for word := range strings.SplitSeq(text, ",") {
			size, err := strconv.Atoi(strings.TrimSpace(word))
			if err != nil || size < 1 {
				return cfg, fmt.Errorf("BENCH_SIZES must be sizes in MiB with commas between, got %q", text)
			}
			cfg.sizes = append(cfg.sizes, size)
		}
		slices.Sort(cfg.sizes)
	}
	if text := os.Getenv("BENCH_RUNS"); text != "" {
		runs, err := strconv.Atoi(text)
		if err != nil || runs < 1 {
			return cfg, fmt.Errorf("BENCH_RUNS must be an integer from 1, got %q", text)
		}
		cfg.runs = runs
	}
	if cfg.only = os.Getenv("BENCH_ONLY"); cfg.only != "" {
		if !slices.Contains([]string{onlySaved, onlyIncrement, onlyStore}, cfg.only) {
			return cfg, fmt.Errorf("BENCH_ONLY must be %s, %s or %s, or not set, got %q", onlySaved, onlyIncrement, onlyStore, cfg.only)
		}
		if cfg.only == onlySaved {
			cfg.sizes = cfg.savedSizes()
		}
	}
	if dir := os.Getenv("BENCH_OUT"); dir != "" {
		cfg.out = dir
	}
	for program, debian := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return cfg, fmt.Errorf("%s is missing: apt-get install %s", program, debian)
		}
	}
	cfg.vxsnap = "../vxsnap.so"
	if file := os.Getenv("VXSNAP"); file != "" {
		cfg.vxsnap = file
	}
	var err error
	if cfg.vxsnap, err = filepath.Abs(cfg.vxsnap); err != nil {
		return cfg, err
	}
	if _, err := os.Stat(cfg.vxsnap); err != nil {
		return cfg, fmt.Errorf("run make first: %w", err)
	}
	cfg.dir, err = os.MkdirTemp(os.Getenv("BENCH_DIR"), "vxsnap-bench-")
	return cfg, err
}

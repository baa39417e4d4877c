package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// environment says when, where, and with what was measured, a line each.
func (b *bench) environment() []string {
	version := func(args ...string) string {
		out, err := exec.Command(args[0], args[1:]...).Output()
		if err != nil {
			return args[0] + " unknown"
		}
		lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
		return strings.Join(lines[:min(2, len(lines))], ", ")
	}
	lines := []string{
		"date: " + time.Now().UTC().Format("2006-01-02"),
		"command: " + commandText(),
		fmt.Sprintf("machine: %s, %d cores%s, %.0f GB of memory, %s on Linux %s", cpuField("model name"), runtime.NumCPU(),
			shaText(), memoryGB(), version("findmnt", "-n", "-o", "FSTYPE", "-T", b.dir), version("uname", "-r")),
		"load average at the start: " + b.load + "; above 1 the machine is too busy for a verdict",
		"vxsnap " + version("sqlite3", ":memory:", ".load "+b.vxsnap, "SELECT vx_snapshot_debug()"),
		"SQLite " + strings.Fields(version("sqlite3", "--version"))[0],
		version("openssl", "version"),
		strings.Trim(version("zstd", "--version"), "* "),
	}
	if b.rsyncErr == nil && b.wants(onlyIncrement) {
		lines = append(lines, rsyncName+", sources of "+strings.Fields(version(b.rsyncProgram, "--version"))[0])
	}
	if b.litestream != "" {
		lines = append(lines, "Litestream "+litestreamVersion+", `replicate -once` to a file:// replica")
	}
	return lines
}

// commandText is the command that repeats the run.
func commandText() string {
	var words []string
	for _, name := range []string{"BENCH_LARGE", "BENCH_SIZES", "BENCH_RUNS", "BENCH_ONLY"} {
		if value := os.Getenv(name); value != "" {
			words = append(words, name+"="+value)
		}
	}
	return "`" + strings.Join(append(words, "make bench"), " ") + "`"
}

// loadAverage is how many processes wanted to run in the last minute.
func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	load, _, _ := strings.Cut(string(text), " ")
	return load
}

func cpuField(name string) string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.SplitSeq(string(text), "\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func shaText() string {
	if strings.Contains(cpuField("flags"), "sha_ni") {
		return " with SHA-NI"
	}
	return ""
}

func memoryGB() float64 {
	text, _ := os.ReadFile("/proc/meminfo")
	var kibibytes float64
	_, _ = fmt.Sscanf(string(text), "MemTotal: %f", &kibibytes)
	return kibibytes * 1024 / 1e9
}

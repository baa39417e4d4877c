package live

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// openIn names another process that has a database with a rollback journal open:
// such a connection holds no lock between two transactions.
func openIn(file fileKey, path string, hiddenToo bool) (who string, err error) {
	who, hidden, err := openBy(file, path)
	if err == nil && who == "" && hidden != "" && hiddenToo {
		who = "somebody (" + hidden + "; PRAGMA journal_mode = WAL would make it visible)"
	}
	return who, err
}

// openBy names another process that has a file open. The descriptors of every process
// tell; hidden says why there may be some that cannot be seen.
func openBy(file fileKey, path string) (who, hidden string, err error) {
	pids, err := readNames("/proc")
	if err != nil {
		return "", "", err
	}
	self := os.Getpid()
	hidden = hides(path)
	for _, name := range pids {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == self {
			continue
		}
		open, err := processHasOpen(filepath.Join("/proc", name), file)
		if open {
			return processName(pid), hidden, nil
		}
		if err != nil && hidden == "" {
			hidden = "what " + processName(pid) + " has open cannot be seen"
		}
	}
	return "", hidden, nil
}

// processHasOpen looks through the descriptors of a process. Those of one whose
// first thread has ended are shown by the others only.
func processHasOpen(directory string, file fileKey) (bool, error) {
	names, err := readNames(filepath.Join(directory, "fd"))
	if err != nil || len(names) > 0 {
		return hasOpen(filepath.Join(directory, "fd"), file)
	}
	threads, err := readNames(filepath.Join(directory, "task"))
	if err != nil {
		return false, nil // it has ended
	}
	for _, thread := range threads {
		if open, err := hasOpen(filepath.Join(directory, "task", thread, "fd"), file); open || err != nil {
			return open, err
		}
	}
	return false, nil
}

// hasOpen looks through the descriptors of a process. A process that has ended
// meanwhile has none.
func hasOpen(directory string, file fileKey) (bool, error) {
	fds, err := readNames(directory)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return false, nil
	}
	for _, fd := range fds {
		if key, ok := keyOf(filepath.Join(directory, fd)); ok && key == file {
			return true, nil
		}
	}
	return false, err
}

// hides says why there may be users of a file that /proc does not show, "" if
// there are none.
func hides(path string) string {
	mount, proc, err := mountOf(path)
	if err != nil {
		return fmt.Sprintf("how the file system is mounted cannot be told: %v", err)
	}
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return hiddenBy(mount, proc, namespace)
}

// hiddenBy is hides for a type of file system, the options of /proc, and a PID
// namespace, "" where that is not known.
func hiddenBy(mount, proc, namespace string) string {
	if hidepid(proc) {
		return "/proc is mounted with hidepid"
	}
	if !slices.Contains(localFS, mount) {
		return "a file system of type " + mount + " may have users on other machines"
	}
	if mount != "overlay" && namespace != firstNamespace {
		return "processes outside of this container may have it open"
	}
	return ""
}

// firstNamespace is the PID namespace that shows every process of the machine
// (PROC_PID_INIT_INO of the kernel's proc_ns.h).
const firstNamespace = "pid:[4026531836]"

// localFS are the file systems that only this machine uses. The overlay of a
// container is used by its own processes only.
var localFS = []string{"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "tmpfs", "ramfs", "overlay", "vfat", "exfat"}

func hidepid(options string) bool {
	for _, option := range strings.Split(options, ",") {
		if value, found := strings.CutPrefix(option, "hidepid="); found && value != "0" && value != "off" {
			return true
		}
	}
	return false
}

// mountOf gives the type of the file system that a file is on, and the options of
// /proc.
func mountOf(path string) (kind, proc string, err error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = unix.Close(fd) }()
	info, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return "", "", err
	}
	_, id, _ := strings.Cut(string(info), "mnt_id:")
	id, _, _ = strings.Cut(strings.TrimSpace(id), "\n")
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	return findMount(f, id)
}

// findMount is mountOf for the mount of an id in a list of mounts.
func findMount(mountinfo io.Reader, id string) (kind, proc string, err error) {
	for lines := bufio.NewScanner(mountinfo); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		dash := slices.Index(fields, "-") // after the optional fields, see proc(5)
		if len(fields) < 6 || dash < 0 || len(fields) < dash+4 {
			continue
		}
		if fields[0] == id {
			kind = fields[dash+1]
		}
		if fields[4] == "/proc" {
			proc = fields[5] + "," + fields[dash+3]
		}
	}
	if kind == "" {
		return "", "", errors.New("its mount is not listed")
	}
	return kind, proc, nil
}

// processName shows a process to a person.
func processName(pid int) string {
	if pid <= 0 {
		return "a process of another container"
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, strings.TrimSpace(string(comm)))
}
